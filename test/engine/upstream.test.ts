/**
 * A proxy behind this one: what it is asked, what it is told, and what becomes of its answers. The end that tests know as
 * the origin is that proxy here.
 */
import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { advance } from "../../lib/clock.ts";
import { SocketError } from "../../lib/errors.ts";
import type { Flow } from "../../lib/flow.ts";
import { defaultTimeouts } from "../../lib/timeouts.ts";
import { createLog } from "../../lib/log.ts";
import type { ProxyOptions } from "../../lib/proxy.ts";
import { replace } from "../../transforms/mod.ts";
import { observed } from "../harness/observe.ts";
import { ORIGIN, originAt, play as playAny, settle, type Stage, type WireEnd } from "../harness/playbook.ts";

const proxy = (user = "") => ({ kind: "upstream", proxy: new URL(`http://${user}${ORIGIN}`) }) as const;

function play(options: Partial<ProxyOptions>, script: (stage: Stage) => Promise<void>): Promise<void> {
  return playAny({ mode: proxy(), ...options }, script);
}

/** The head of a request, without the signature, which is another one for each proxy. */
async function unsigned(end: WireEnd): Promise<string> {
  const head = await end.getsHead();
  assert.match(head, /\r\nVia: 1\.1 sluice-[0-9a-f]{8}\r\n/);
  return head.replace(/Via: .*\r\n/, "");
}

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const CONNECT = "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n";

describe("requests for http", () => {
  const forms: [asked: string, sent: string][] = [
    ["GET http://far.test/a?b", "GET http://far.test/a?b"],
    ["GET http://far.test:8080/%7e//../", "GET http://far.test:8080/%7e//../"],
    ["GET http://far.test", "GET http://far.test/"],
    ["GET http://[::1]:81/", "GET http://[::1]:81/"],
    ["OPTIONS http://far.test", "OPTIONS http://far.test"],
    ["OPTIONS http://far.test/", "OPTIONS http://far.test/"],
  ];
  for (const [asked, sent] of forms) {
    it(`go to the upstream in absolute-form: ${asked}`, () =>
      play({}, async ({ client, origin }) => {
        client.send(`${asked} HTTP/1.1\r\nHost: x\r\n\r\n`);
        const upstream = await origin();
        const host = new URL(sent.split(" ")[1]!).host;
        assert.equal(await unsigned(upstream), `${sent} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
        upstream.send(OK);
        assert.match(await client.getsHead(), /^HTTP\/1\.1 200 OK\r\n/);
      }));
  }

  it("share its connections, whatever their origins", () =>
    play({}, async ({ client, connect, origin, originCount }) => {
      let kept: WireEnd | undefined;
      const other = await connect();
      for (const [end, host] of [[client, "a.test"], [client, "b.test"], [other, "c.test:81"]] as const) {
        end.send(`GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
        const upstream = kept ??= await origin();
        assert.match(await upstream.getsHead(), new RegExp(`^GET http://${host}/ `));
        upstream.send(OK);
        await end.getsHead();
        await end.gets("ok");
        await settle();
      }
      assert.equal(originCount(), 1);
    }));

  it("go where a script sends them, without what is in its URL for others", () => {
    const hooks = [{
      requestheaders: ({ request }: Flow) => void (request.url = "http://me:it@b.test:81/c?d#e"),
    }];
    return play({ hooks }, async ({ client, origin }) => {
      client.send("GET http://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      assert.equal(
        await unsigned(await origin()),
        "GET http://b.test:81/c?d HTTP/1.1\r\nHost: b.test:81\r\n\r\n",
      );
    });
  });

  it("may be upgrades", () =>
    play({}, async ({ client, origin }) => {
      client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      const upstream = await origin();
      assert.match(await upstream.getsHead(), /^GET http:\/\/far\.test\/ [^]*\r\nUpgrade: x\r\n/);
      upstream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi");
      await client.getsHead();
      await client.gets("hi");
    }));

  it("are changed on their way, and so are the answers", () => {
    const hooks = [{
      requestheaders: (flow: Flow) => void (flow.request.stream = replace("a", "b")),
      responseheaders: (flow: Flow) => void (flow.response!.stream = replace("c", "d")),
    }];
    return play({ hooks }, async ({ client, origin }) => {
      client.send(
        "POST http://far.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
      );
      const upstream = await origin();
      await upstream.getsHead();
      await upstream.gets("1\r\nb\r\n0\r\n\r\n");
      upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nc\r\n");
      await client.getsHead();
      await client.gets("1\r\nd\r\n");
    });
  });
});

describe("a CONNECT", () => {
  it("is passed on, and joined to the tunnel that comes of it, early bytes included", () => {
    const { hooks, order } = observed();
    return play({ hooks }, async ({ client, origin, ends }) => {
      client.send(`${CONNECT}User-Agent: a\r\nProxy-Connection: b\r\n\r\nearly`);
      const upstream = await origin();
      const sent = await unsigned(upstream);
      assert.equal(sent, "CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\nUser-Agent: a\r\n\r\n");
      await upstream.getsNothing();
      await client.getsNothing();
      upstream.send("HTTP/1.1 200 Fine\r\nX-Hop: 1\r\n\r\nlate");
      await client.gets("HTTP/1.1 200 Connection established\r\n\r\nlate");
      await upstream.gets("early");
      client.end();
      await upstream.ends("end");
      upstream.end();
      await client.ends("end");
      await settle();
      assert.deepEqual(order, ["requestheaders", "response"]);
      assert.deepEqual(ends, [null]);
    });
  });

  it("takes interim answers for what they are, and needs no length", () =>
    play({}, async ({ client, origin }) => {
      client.send(`${CONNECT}\r\n`);
      const upstream = await origin();
      await upstream.getsHead();
      upstream.send("HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhi");
      await client.gets("HTTP/1.1 200 Connection established\r\n\r\nhi");
    }));

  /** What an upstream may answer, and what the client is told. */
  const answers: readonly (readonly [what: string, act: (end: WireEnd) => unknown, told: RegExp])[] = [
    [
      "407",
      (end) => end.send("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"),
      /^HTTP\/1\.1 502 [^]*The upstream proxy wants a user name and a password, or others than it was told\n$/,
    ],
    [
      "502",
      (end) => end.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno"),
      /^HTTP\/1\.1 502 [^]*The upstream proxy opens no tunnel to far\.test:443: 502 Bad Gateway\n$/,
    ],
    [
      "403 <b>",
      (end) => end.send("HTTP/1.1 403 <b>\r\nContent-Length: 0\r\n\r\n"),
      /^HTTP\/1\.1 502 [^]*far\.test:443: 403 \?b\?\n$/,
    ],
    ["504", (end) => end.send("HTTP/1.1 504 Late\r\n\r\n"), /^HTTP\/1\.1 504 [^]*: 504 Late\n$/],
    [
      "a 302",
      (end) => end.send("HTTP/1.1 302 Found\r\nLocation: http://login.test/\r\n\r\n"),
      /^HTTP\/1\.1 502 [^]*: 302 Found\n$/,
    ],
    [
      "nothing, and ends",
      (end) => end.end(),
      /^HTTP\/1\.1 502 [^]*opens no tunnel to far\.test:443: [^\n]+\n$/,
    ],
    ["nothing, and breaks off", (end) => end.socket.abort(), /^HTTP\/1\.1 502 [^]*opens no tunnel[^\n]+\n$/],
    ["half a head", (end) => (end.send("HTTP/1.1 200 OK\r\nX: "), end.end()), /^HTTP\/1\.1 502 /],
    [
      "garbage",
      (end) => end.send("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
      /^HTTP\/1\.1 502 [^]*opens no tunnel[^\n]+\n$/,
    ],
    ["a 101", (end) => end.send("HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n"), /^HTTP\/1\.1 502 /],
    [
      "an endless head",
      (end) => end.send(`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(300)}`),
      /^HTTP\/1\.1 502 /,
    ],
    [
      "interim answers for ever",
      (end) => end.send("HTTP/1.1 100 Continue\r\n\r\n".repeat(40)),
      /^HTTP\/1\.1 502 /,
    ],
  ];
  for (const [what, act, told] of answers) {
    it(`that is answered ${what} is told so`, () => {
      const { hooks, order } = observed();
      return play({ hooks }, async ({ client, origin, ends }) => {
        client.send(`${CONNECT}\r\n`);
        const upstream = await origin();
        await upstream.getsHead();
        act(upstream);
        assert.match(await client.ends("end"), told);
        assert.doesNotMatch(client.received, /proxy-authenticate/i);
        await upstream.ends();
        await settle();
        assert.deepEqual(order, ["requestheaders", "error"]);
        assert.equal(ends.length, 1);
      });
    });
  }

  it("that isn't answered in time is a 504", () =>
    play({}, async ({ client, origin }) => {
      client.send(`${CONNECT}\r\n`);
      const upstream = await origin();
      await upstream.getsHead();
      advance(defaultTimeouts.originMs - 1000);
      await client.getsNothing();
      advance(1500);
      assert.match(
        await client.ends("end"),
        /^HTTP\/1\.1 504 [^]*opens no tunnel to far\.test:443: [^\n]+\n$/,
      );
      await upstream.ends();
    }));

  it("whose client leaves meanwhile leaves the upstream too", () =>
    play({}, async ({ client, origin, ends }) => {
      client.send(`${CONNECT}\r\n`);
      const upstream = await origin();
      await upstream.getsHead();
      client.socket.abort();
      await upstream.ends("reset");
      await settle();
      assert.equal(ends.length, 1);
    }));
});

describe("credentials", () => {
  const basic = (text: string) => `Proxy-Authorization: Basic ${btoa(text)}\r\n`;
  const told: readonly (readonly [what: string, options: Partial<ProxyOptions>, field: string])[] = [
    ["none", {}, ""],
    ["those of the URL", { mode: proxy("me:it@") }, basic("me:it")],
    ["those of the URL, decoded", { mode: proxy("m%40e:%C3%A9:%25@") }, basic("m@e:\xc3\xa9:%")],
    ["a name without a password", { mode: proxy("me@") }, basic("me:")],
    [
      "those of upstreamAuth before those of the URL",
      { mode: proxy("a:b@"), upstreamAuth: "me:it" },
      basic("me:it"),
    ],
  ];
  for (const [what, options, field] of told) {
    it(`that the upstream is told: ${what}`, () =>
      play(options, async ({ client, connect, origin }) => {
        client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Basic eDp5\r\n\r\n");
        const upstream = await origin();
        assert.equal(
          await unsigned(upstream),
          `GET http://far.test/ HTTP/1.1\r\nHost: far.test\r\n${field}\r\n`,
        );
        const other = await connect();
        other.send(`${CONNECT}Proxy-Authorization: Basic eDp5\r\n\r\n`);
        const second = await origin();
        assert.equal(await unsigned(second), `${CONNECT}${field}\r\n`);
        second.send("HTTP/1.1 200 OK\r\n\r\n");
        await other.getsHead();
        other.send("hello");
        await second.gets("hello");
      }));
  }

  it("are in no log, no error and no hook's fields", async () => {
    let text = "";
    const seen: string[] = [];
    const log = createLog({ write: (lines) => text += lines, verbosity: "verbose" });
    const note = ({ request, response }: Flow) =>
      void seen.push(request.headers.serialise() + (response?.headers.serialise() ?? ""));
    const hooks = [{ requestheaders: note, request: note, responseheaders: note, error: note }];
    await play({ mode: proxy("me:secret@"), log, hooks }, async ({ client, origin }) => {
      client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      const upstream = await origin();
      await upstream.getsHead();
      upstream.send("HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
      text += await client.getsHead();
      await settle();
    });
    assert.match(text, /502/);
    for (const secret of ["secret", btoa("me:secret")]) {
      assert.ok(!(text + seen.join()).includes(secret), text);
    }
  });

  it("that are wrong are a 502 to the client, which can't help it", () => {
    const { hooks, order } = observed();
    return play({ hooks }, async ({ client, origin }) => {
      client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      (await origin()).send("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n");
      assert.match(await client.getsHead(), /^HTTP\/1\.1 502 /);
      await client.gets(
        "502 Bad Gateway\nThe upstream proxy wants a user name and a password, or others than it was told\n",
      );
      assert.deepEqual(order, ["requestheaders", "request", "error"]);
    });
  });

  it("of clients are asked for as anywhere", () =>
    play({ proxyAuth: "a:b" }, async ({ client, originCount }) => {
      client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      assert.match(await client.getsHead(), /^HTTP\/1\.1 407 /);
      assert.equal(originCount(), 0);
    }));
});

describe("an upstream that can't be reached", () => {
  const failures = [["refused", 502], ["dns", 502], ["unreachable", 502], ["timeout", 504], [
    "exhausted",
    503,
  ]] as const;
  for (const [code, status] of failures) {
    for (const request of ["GET http://far.test/ HTTP/1.1\r\nHost: x\r\n", CONNECT]) {
      it(`(${code}) is a ${status} to ${request.split(" ")[0]}`, () =>
        play({}, async ({ client, network }) => {
          network.failure = new SocketError(code, "no way");
          client.send(`${request}\r\n`);
          assert.match(await client.getsHead(), new RegExp(`^HTTP/1\\.1 ${status} `));
          await client.gets(`${status} `);
          await settle();
          assert.match(client.received, /\nThe upstream proxy can't be reached: no way\n$/);
        }));
    }
  }
});

describe("answers of the upstream", () => {
  it("are passed on, whoever they are from: nobody can tell", () =>
    play({}, async ({ client, origin }) => {
      client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
      (await origin()).send("HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 4\r\n\r\nlate");
      assert.match(await client.getsHead(), /^HTTP\/1\.1 504 Gateway Timeout\r\n/);
      await client.gets("late");
    }));

  for (
    const [what, act] of [
      ["garbage", (end: WireEnd) => void end.send("nonsense\r\n\r\n")],
      ["nothing", (end: WireEnd) => end.end()],
    ] as const
  ) {
    it(`that are ${what} are a 502`, () =>
      play({}, async ({ client, origin }) => {
        client.send("POST http://far.test/ HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        const upstream = await origin();
        await upstream.getsHead();
        act(upstream);
        assert.match(await client.getsHead(), /^HTTP\/1\.1 502 /);
      }));
  }
});

describe("where requests may go", () => {
  const GET = (host: string) => `GET http://${host}/ HTTP/1.1\r\nHost: x\r\n\r\n`;
  const reached: readonly (readonly [host: string, blocked: boolean])[] = [
    ["10.0.0.1", true],
    ["[::1]:81", true],
    ["[fe80::1]", true],
    ["localhost", true],
    ["a.LocalHost.", true],
    ["0x7f.1", true],
    ["2130706433", true],
    ["192.0.2.1", false],
    ["[2001:db8::1]", false],
    ["far.test", false],
    ["localhost.test", false],
  ];
  for (const [host, blocked] of reached) {
    it(`with blockPrivate, ${host} is ${blocked ? "out of" : "in"} reach, also on a kept connection`, () =>
      play({ blockPrivate: true }, async ({ client, connect, network, origin }) => {
        // The upstream itself may be anywhere: whoever names it wants it.
        network.names.set(ORIGIN, [ORIGIN]);
        client.send(GET("first.test"));
        const upstream = await origin();
        await upstream.getsHead();
        upstream.send(OK);
        await client.getsHead();
        await client.gets("ok");
        await settle();
        client.send(GET(host));
        if (blocked) assert.match(await client.getsHead(), /^HTTP\/1\.1 403 /);
        else assert.match(await upstream.getsHead(), /^GET /);
        const other = await connect();
        const place = /:\d+$/.test(host) ? host : `${host}:81`;
        other.send(`CONNECT ${place} HTTP/1.1\r\nHost: x\r\n\r\n`);
        if (blocked) assert.match(await other.getsHead(), /^HTTP\/1\.1 403 /);
        else assert.match(await (await origin()).getsHead(), /^CONNECT /);
      }));
  }

  it("ports are judged here: of tunnels by connectPorts, and 25 always", () =>
    play({ connectPorts: [443] }, async ({ connect, originCount }) => {
      for (const line of ["CONNECT far.test:80", "GET http://far.test:25/"]) {
        const client = await connect();
        client.send(`${line} HTTP/1.1\r\nHost: x\r\n\r\n`);
        assert.match(await client.getsHead(), /^HTTP\/1\.1 403 /);
      }
      assert.equal(originCount(), 0);
    }));

  for (const request of ["GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n", `${CONNECT}\r\n`]) {
    const method = request.split(" ")[0]!;

    it(`a ${method} that comes back is a 508, and one that a namesake has signed isn't`, () =>
      play({}, async ({ client, connect, origin }) => {
        client.send(request);
        const via = /\r\n(Via: .*)\r\n/.exec(await (await origin()).getsHead())![1]!;
        const other = await connect();
        other.send(request.replace("\r\n\r\n", `\r\n${via.replace("1.1", "1.0 a, 1.1")}, 1.1 b\r\n\r\n`));
        assert.match(await other.getsHead(), /^HTTP\/1\.1 508 /);
        const third = await connect();
        third.send(request.replace("\r\n\r\n", "\r\nVia: 1.1 sluice, 1.1 sluice-0\r\n\r\n"));
        assert.match(
          await (await origin()).getsHead(),
          /\r\nVia: 1\.1 sluice, 1\.1 sluice-0(, |\r\nVia: )1\.1 sluice-/,
        );
      }));

    it(`a ${method} through an upstream that is this proxy itself is a 508`, () =>
      playAny({ mode: { kind: "upstream", proxy: new URL("http://127.0.0.1:3128") } }, async (stage) => {
        await stage.proxy.listen({ host: "127.0.0.1", port: 3128 });
        stage.client.send(request);
        assert.match(await stage.client.getsHead(), /^HTTP\/1\.1 508 /);
      }));
  }
});

test("the upstream's address may be numeric, and of either family", async () => {
  const mode = { kind: "upstream", proxy: new URL("http://[::1]:3128") } as const;
  await playAny({ mode }, async ({ client, network }) => {
    const place = originAt(network, "::1", 3128);
    client.send("GET http://far.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match(await (await place).getsHead(), /^GET http:\/\/far\.test\/ /);
  });
});
