/**
 * CONNECT and Upgrade: what follows the agreement is passed on byte for byte, both ways, with both ends.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import { createLog, type FlowRecord } from "../../lib/log.ts";
import { observed } from "../harness/observe.ts";
import { ORIGIN, originAt, play, settle } from "../harness/playbook.ts";

const via = "Via: 1.1 sluice\r\n";
const regular = { kind: "regular" } as const;
const CONNECT = `CONNECT ${ORIGIN}:80 HTTP/1.1\r\nHost: ${ORIGIN}:80\r\n\r\n`;
const ESTABLISHED = "HTTP/1.1 200 Connection established\r\n\r\n";

test("CONNECT: bytes go both ways, and the flow ends in response", async () => {
  const { hooks, order } = observed();
  await play({ mode: regular, hooks }, async ({ client, origin, ends }) => {
    client.send(CONNECT);
    const upstream = await origin();
    await client.gets(ESTABLISHED);
    client.send("\x16\x03\x01\xff");
    await upstream.gets("\x16\x03\x01\xff");
    upstream.send("\x00hello");
    await client.gets("\x00hello");
    client.end();
    assert.equal(await upstream.ends("end"), "");
    upstream.send("more");
    await client.gets("more");
    upstream.end();
    assert.equal(await client.ends("end"), "");
    await settle();
    assert.deepEqual(order, ["requestheaders", "response"]);
    assert.deepEqual(ends, [null]);
  });
});

test("CONNECT: the log names the place, not a URL", async () => {
  let text = "";
  const log = createLog({ write: (lines) => text += lines });
  await play({ mode: regular, log }, async ({ client, origin }) => {
    client.send(CONNECT);
    const upstream = await origin();
    await client.gets(ESTABLISHED);
    client.end();
    upstream.end();
    await client.ends("end");
    await settle();
  });
  assert.match(text, /: CONNECT origin\.test:80\n/);
});

test("CONNECT: bytes that come early are not lost", async () => {
  await play({ mode: regular }, async ({ client, origin }) => {
    client.send(`${CONNECT}early`);
    const upstream = await origin();
    await upstream.gets("early");
    await client.gets(ESTABLISHED);
  });
});

test("CONNECT: the origin may end first", async () => {
  await play({ mode: regular }, async ({ client, origin }) => {
    client.send(CONNECT);
    const upstream = await origin();
    upstream.send("bye");
    upstream.end();
    await client.gets(`${ESTABLISHED}bye`);
    assert.equal(await client.ends("end"), "");
    client.send("still here");
    await upstream.gets("still here");
    client.end();
    await upstream.ends("end");
  });
});

for (const side of ["client", "origin"] as const) {
  test(`CONNECT: a reset of the ${side} is passed on as a reset`, async () => {
    const { hooks, order } = observed();
    await play({ mode: regular, hooks }, async ({ client, origin, ends }) => {
      client.send(CONNECT);
      const upstream = await origin();
      await client.gets(ESTABLISHED);
      const [gone, other] = side === "client" ? [client, upstream] : [upstream, client];
      gone.socket.abort();
      assert.equal(await other.ends("reset"), "");
      await settle();
      assert.deepEqual(order, ["requestheaders", "error"]);
      assert.equal(ends.length, 1);
    });
  });
}

test("CONNECT: HTTP inside is not looked at", async () => {
  await play({ mode: regular }, async ({ client, origin }) => {
    client.send(CONNECT);
    const upstream = await origin();
    await client.gets(ESTABLISHED);
    client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: X\r\n\r\n");
    await upstream.gets("GET / HTTP/1.1\r\nHost: x\r\nConnection: X\r\n\r\n");
  });
});

test("CONNECT: a place that can't be reached is a 502", async () => {
  await play({ mode: regular }, async ({ client }) => {
    client.send("CONNECT nobody.test:443 HTTP/1.1\r\nHost: nobody.test:443\r\n\r\n");
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
  });
});

test("CONNECT: a script may refuse, or kill", async () => {
  const hooks = [{
    requestheaders: (flow: Flow) => {
      if (flow.request.url.hostname === "refused.test") flow.response = { status: 407, body: "no" };
      else flow.kill();
    },
  }];
  await play({ mode: regular, hooks }, async ({ client, connect, originCount }) => {
    client.send("CONNECT refused.test:443 HTTP/1.1\r\nHost: refused.test:443\r\n\r\n");
    await client.gets(
      "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno",
    );
    assert.equal(await client.ends("end"), "");
    const other = await connect();
    other.send(CONNECT);
    await other.ends("reset");
    assert.equal(originCount(), 0);
  });
});

for (const request of [`${CONNECT}early`, `GET http://${ORIGIN}/ HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`]) {
  test(`${request.split(" ")[0]}: a connection that is made just when the client has left is broken off`, async () => {
    const hooks = [{ request: () => {} }];
    await play({ mode: regular, hooks }, async ({ client, origin, network, ends }) => {
      const { connect } = network;
      let finish = () => {};
      network.connect = async ({ host, port }) => {
        await new Promise<void>((resolve) => finish = resolve);
        return await connect.call(network, { host, port });
      };
      client.send(request);
      await settle();
      client.socket.abort();
      await settle();
      finish();
      const upstream = await origin();
      assert.equal(await upstream.ends("reset"), "");
      await settle();
      assert.equal(ends.length, 1);
    });
  });
}

/** Targets that are no host:port. */
for (const target of ["host", "host:", "host:0", "host:99999", "http://host:80/", "/", "u@h:80"]) {
  test(`CONNECT: the target ${target} is a 400`, async () => {
    await play({ mode: regular }, async ({ client }) => {
      client.send(`CONNECT ${target} HTTP/1.1\r\nHost: host\r\n\r\n`);
      assert.match(await client.getsHead(), /^HTTP\/1.1 400 Bad Request\r\n/);
    });
  });
}

test("CONNECT: in front of an origin it is a 405", async () => {
  await play({}, async ({ client, originCount }) => {
    client.send(CONNECT);
    assert.match(await client.getsHead(), /^HTTP\/1.1 405 Method Not Allowed\r\n/);
    assert.equal(originCount(), 0);
  });
});

test("CONNECT: a tunnel holds back who sends more than the other reads", async () => {
  await play({ mode: regular }, async ({ client, origin }) => {
    client.send(CONNECT);
    const upstream = await origin();
    await client.gets(ESTABLISHED);
    let sent = 0;
    for (let held = false; !held;) {
      const pressure = client.send("x".repeat(4096));
      sent += 4096;
      assert.ok(sent < 1024 * 1024, "the client should be held back");
      if (pressure === null) {
        await settle();
        continue;
      }
      held = await Promise.race([pressure.then(() => false), settle().then(() => true)]);
    }
    upstream.resume();
    await upstream.gets("x".repeat(sent));
  }, { pausedOrigin: true });
});

const UPGRADE =
  "GET /ws HTTP/1.1\r\nHost: proxy\r\nUpgrade: websocket\r\nConnection: Upgrade, X-Hop\r\nX-Hop: 1\r\n\r\n";
const UPGRADE_SENT =
  `GET /ws HTTP/1.1\r\nHost: ${ORIGIN}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${via}\r\n`;
const SWITCHING =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n";

test("Upgrade: a 101 joins both sides; bytes behind it are not lost; the flow ends in response", async () => {
  const { hooks, order } = observed();
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(UPGRADE);
    const upstream = await origin();
    await upstream.gets(UPGRADE_SENT);
    upstream.send(`${SWITCHING}\x81\x01a`);
    await client.gets(
      "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n" +
        "\x81\x01a",
    );
    client.send("\x81\x01b");
    await upstream.gets("\x81\x01b");
    client.end();
    await upstream.ends("end");
    upstream.end();
    await client.ends("end");
    await settle();
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "response"]);
    assert.deepEqual(ends, [null]);
  });
});

test("Upgrade: an origin that declines is answered from as usual, and both connections are kept", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(UPGRADE);
    const upstream = await origin();
    await upstream.gets(UPGRADE_SENT);
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}\r\nok`);
    await settle();
    client.send("GET /2 HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await upstream.gets(`GET /2 HTTP/1.1\r\nHost: ${ORIGIN}\r\n${via}\r\n`);
    assert.equal(originCount(), 1);
  });
});

test("Upgrade: a script may answer instead of the 101", async () => {
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response = { status: 403 }) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(UPGRADE);
    const upstream = await origin();
    upstream.send(SWITCHING);
    await client.gets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    await upstream.ends();
  });
});

test("Upgrade: kill() breaks a tunnel off", async () => {
  const flows: Flow[] = [];
  const { hooks, order } = observed({ requestheaders: (flow) => void flows.push(flow) });
  await play({ hooks }, async ({ client, origin }) => {
    client.send(UPGRADE);
    const upstream = await origin();
    upstream.send(SWITCHING);
    await client.getsHead();
    flows[0]!.kill();
    await client.ends("reset");
    await upstream.ends("reset");
    await settle();
    assert.equal(order.at(-1), "error");
  });
});

test("Upgrade: without Connection: Upgrade, and in HTTP/1.0, it is not passed on", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("GET / HTTP/1.1\r\nHost: proxy\r\nUpgrade: websocket\r\n\r\n");
    await (await origin()).gets(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n${via}\r\n`);
  });
  await play({}, async ({ client, origin }) => {
    client.send("GET / HTTP/1.0\r\nHost: proxy\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    await (await origin()).gets(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\nVia: 1.0 sluice\r\n\r\n`);
  });
});

/** Offers, and what of them the origin is asked. */
const offers: readonly (readonly [what: string, offered: string, passed: string | null])[] = [
  ["another HTTP", "h2c", null],
  ["another HTTP, in any case", "HTTP/2.0, H2C", null],
  ["TLS", "TLS/1.0", null],
  ["another HTTP beside a protocol", "h2c, websocket , TLS/1.3", "websocket"],
  ["several protocols", "a/1, b", "a/1, b"],
];
for (const [what, offered, passed] of offers) {
  test(`Upgrade: of an offer of ${what} the origin is asked for ${passed ?? "nothing"}`, async () => {
    await play({}, async ({ client, origin }) => {
      const fields =
        `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: ${offered}\r\nHTTP2-Settings: AAMAAABk\r\n`;
      client.send(`GET / HTTP/1.1\r\nHost: proxy\r\n${fields}\r\n`);
      const asked = passed === null ? "" : `Upgrade: ${passed}\r\nConnection: Upgrade\r\n`;
      await (await origin()).gets(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n${asked}${via}\r\n`);
    });
  });
}

/** Answers that are no consent. */
const dissents: readonly (readonly [what: string, fields: string])[] = [
  ["to another protocol", "Upgrade: h2c\r\nConnection: Upgrade\r\n"],
  ["to more than was asked for", "Upgrade: websocket, b\r\nConnection: Upgrade\r\n"],
  ["to nothing", "Connection: Upgrade\r\n"],
];
for (const [what, fields] of dissents) {
  test(`Upgrade: a 101 that switches ${what} is a 502`, async () => {
    const { hooks, order } = observed();
    await play({ hooks }, async ({ client, origin }) => {
      client.send(UPGRADE);
      const upstream = await origin();
      await upstream.gets(UPGRADE_SENT);
      upstream.send(`HTTP/1.1 101 Switching Protocols\r\n${fields}\r\n`);
      assert.match(await client.getsHead(), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
      await upstream.ends();
      await settle();
      assert.deepEqual(order, ["requestheaders", "request", "error"]);
    });
  });
}

test("Upgrade: a 101 that nobody asked for is a 502", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("GET / HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    upstream.send(SWITCHING);
    assert.match(await client.getsHead(), /^HTTP\/1\.1 502 Bad Gateway\r\n/);
    await upstream.ends();
  });
});

test("Upgrade: a request with a body is passed on without asking", async () => {
  await play({}, async ({ client, origin }) => {
    const fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 2\r\n";
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\n${fields}\r\nhi`);
    const head = `POST / HTTP/1.1\r\nContent-Length: 2\r\nHost: ${ORIGIN}\r\n${via}\r\n`;
    const sent = await (await origin()).takes(head.length + 2);
    assert.doesNotMatch(sent, /upgrade/i);
    assert.match(sent, /\r\n\r\nhi$/);
  });
});

test("Upgrade: a body of no octets is no body", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(UPGRADE.replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n"));
    const upstream = await origin();
    assert.match(await upstream.getsHead(), /\r\nUpgrade: websocket\r\n/);
    upstream.send(`${SWITCHING}hi`);
    await client.getsHead();
    await client.gets("hi");
  });
});

test("Upgrade: what the client says before the 101 is passed on behind it, or taken for the next request", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(`${UPGRADE}\x81\x01b`);
    const upstream = await origin();
    await upstream.gets(UPGRADE_SENT);
    await upstream.getsNothing();
    upstream.send(SWITCHING);
    await upstream.gets("\x81\x01b");
  });
  await play({}, async ({ client, origin }) => {
    client.send(`${UPGRADE}GET /2 HTTP/1.1\r\nHost: proxy\r\n\r\n`);
    const upstream = await origin();
    await upstream.gets(UPGRADE_SENT);
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await upstream.gets(`GET /2 HTTP/1.1\r\nHost: ${ORIGIN}\r\n${via}\r\n`);
  });
});

test("Upgrade: a script sees the handshake, and may take the offer away", async () => {
  const seen: unknown[] = [];
  const hooks = [{
    requestheaders: ({ request }: Flow) => {
      if (request.url.pathname === "/no") request.headers.delete("upgrade");
    },
    responseheaders: ({ response }: Flow) =>
      void seen.push(response!.status, response!.headers.get("upgrade")),
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(UPGRADE.replace("/ws", "/no"));
    const upstream = await origin();
    assert.doesNotMatch(await upstream.getsHead(), /upgrade/i);
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await client.getsHead();
    client.send(UPGRADE);
    await upstream.getsHead();
    upstream.send(SWITCHING);
    await client.getsHead();
    assert.deepEqual(seen, [200, null, 101, "websocket"]);
  });
});

test("Upgrade: the log counts what goes to the client", async () => {
  const counts: number[] = [];
  const log = { ...createLog({ write: () => {} }), end: ({ bytes }: FlowRecord) => void counts.push(bytes) };
  await play({ log }, async ({ client, origin }) => {
    client.send(UPGRADE);
    const upstream = await origin();
    upstream.send(`${SWITCHING}12345`);
    upstream.send("678");
    upstream.end();
    await client.ends("end");
    client.send("more");
    client.end();
    await upstream.ends("end");
    await settle();
    assert.deepEqual(counts, [8]);
  });
});

test("CONNECT: a tunnel to another place of the network", async () => {
  await play({ mode: regular }, async ({ client, network }) => {
    const place = originAt(network, "::1", 443);
    client.send("CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n");
    const upstream = await place;
    await client.gets(ESTABLISHED);
    upstream.send("hi");
    await client.gets("hi");
  });
});
