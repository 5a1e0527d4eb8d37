/**
 * Time: every timeout, on a clock that the tests move on, so that nothing really waits. A deadline is noticed up to two
 * ticks late and never early, so a test goes to just before it, then to just after.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { advance } from "../../lib/clock.ts";
import type { Hooks } from "../../lib/hooks.ts";
import { defaultTimeouts, type TimeoutName } from "../../lib/timeouts.ts";
import { createProxy } from "../../lib/proxy.ts";
import { RouteTable } from "../../lib/route.ts";
import { MemoryNetwork } from "../harness/memory-network.ts";
import { play, settle, type Stage, WireEnd } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const SIZED = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const never = () => new Promise<void>(() => {});

/** Goes to just before a timeout. */
async function almost(name: TimeoutName): Promise<void> {
  await settle();
  advance(defaultTimeouts[name] - 1000);
  await settle();
}

/** Goes to just after it. */
function past(): void {
  advance(1500);
}

async function getsStatus(end: WireEnd, status: number): Promise<void> {
  assert.equal((await end.getsHead()).slice(9, 12), String(status));
}

test("headMs: a head that trickles is a 408 all the same", async () => {
  await play({}, async ({ client, ends }) => {
    for (const piece of ["G", "ET / HTTP/1.1\r\n", "Host: x\r\n"]) {
      client.send(piece);
      await settle();
      advance(4500);
    }
    await client.getsNothing();
    advance(2500);
    await getsStatus(client, 408);
    await client.ends("end");
    assert.deepEqual(ends, []);
  });
});

test("idleMs: a connection without a request is closed without a word, a new one and a kept one", async () => {
  await play({}, async ({ client, connect, origin }) => {
    await almost("idleMs");
    await client.getsNothing();
    past();
    assert.equal(await client.ends("end"), "");
    const kept = await connect();
    kept.send(GET);
    (await origin()).send(`${SIZED}too short`);
    await kept.getsHead();
    await kept.gets("too short");
    await almost("idleMs");
    await kept.getsNothing();
    past();
    assert.equal(await kept.ends("end"), "");
  });
});

test("bodyMs: a client that stalls within its upload is a 408, and the origin never sees an end", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    const upstream = await origin();
    await almost("bodyMs");
    await client.getsNothing();
    past();
    await getsStatus(client, 408);
    assert.match(await upstream.ends("reset"), /half$/);
  });
});

test("bodyMs: an upload that goes on is not late, however long it takes", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
    const upstream = await origin();
    await upstream.getsHead();
    for (const byte of "abc") {
      await almost("bodyMs");
      client.send(byte);
      await upstream.gets(byte);
    }
    upstream.send(`${SIZED}all there`);
    await getsStatus(client, 200);
  });
});

test("bodyMs: an origin that stalls within its body is a cut, or a 504 while nothing is out", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(`${SIZED}foo`);
    await getsStatus(client, 200);
    await client.gets("foo");
    await almost("bodyMs");
    await client.getsNothing();
    past();
    assert.equal(await client.ends("end"), "");
  });
  await play({ hooks: [{ response: () => {} }] }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(`${SIZED}foo`);
    await almost("bodyMs");
    past();
    await getsStatus(client, 504);
  });
});

test("originMs: an origin that says nothing is a 504; interim responses and half a head gain it no time", async () => {
  await play({}, async ({ client, origin, ends }) => {
    client.send(GET);
    const upstream = await origin();
    await upstream.getsHead();
    await almost("originMs");
    upstream.send("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nX-");
    await client.gets("HTTP/1.1 103 Early Hints\r\n\r\n");
    past();
    await getsStatus(client, 504);
    await upstream.ends("reset");
    assert.deepEqual(ends, ["Cannot go on as the origin's answer took too long"]);
  });
});

test("connectMs: a connection that is not made in time is a 504, and the attempt is given up", async () => {
  const memory = new MemoryNetwork();
  let givenUp: unknown = null;
  const proxy = createProxy({
    mode: { kind: "reverse", origin: new URL("http://far.test") },
    network: {
      listen: (options) => memory.listen(options),
      connect: ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener("abort", () => reject(givenUp = signal!.reason));
        }),
    },
  });
  const client = new WireEnd(await memory.connect(await proxy.listen({ host: "127.0.0.1", port: 0 })));
  client.send(GET);
  await almost("connectMs");
  await client.getsNothing();
  past();
  await getsStatus(client, 504);
  assert.match(String(givenUp), /Cannot connect to far.test:80 in time/);
  await proxy.close(0);
});

test("writeMs: a client that doesn't read is reset, and so is the origin", async () => {
  await play({}, async ({ connect, origin, ends }) => {
    const client = await connect({ paused: true });
    client.send(GET);
    const upstream = await origin();
    upstream.send(CHUNKED);
    const stuck = upstream.send(`10000\r\n${"x".repeat(65_536)}\r\n`);
    await almost("writeMs");
    assert.equal(upstream.ending, "open");
    // The frame's lines make it a little more than one step.
    await almost("writeMs");
    past();
    past();
    await upstream.ends("reset");
    client.resume();
    await client.ends("reset");
    assert.deepEqual(ends, ["Cannot go on as the other side took too long to read what it was sent"]);
    await stuck;
  });
});

test("writeMs: an origin that doesn't read an upload is a 504", async () => {
  await play({}, async ({ client, ends }) => {
    void client.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n${"x".repeat(60_000)}`);
    await settle();
    void client.send("x".repeat(60_000));
    await almost("writeMs");
    assert.deepEqual(ends, []);
    advance(defaultTimeouts.writeMs);
    past();
    await getsStatus(client, 504);
    assert.equal(ends.length, 1);
  }, { pausedOrigin: true });
});

async function tunnelled({ client, origin }: Stage): Promise<WireEnd> {
  client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
  const upstream = await origin();
  await upstream.getsHead();
  upstream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
  await getsStatus(client, 101);
  return upstream;
}

test("tunnelMs: a tunnel in which nothing moves is broken off; bytes one way keep it", async () => {
  await play({}, async (stage) => {
    const upstream = await tunnelled(stage);
    for (const byte of "abc") {
      await almost("tunnelMs");
      upstream.send(byte);
      await stage.client.gets(byte);
    }
    await almost("tunnelMs");
    await stage.client.getsNothing();
    past();
    await Promise.all([stage.client.ends("reset"), upstream.ends("reset")]);
  });
});

test("tunnelMs: a tunnel that is half closed is bounded too", async () => {
  await play({}, async (stage) => {
    const upstream = await tunnelled(stage);
    stage.client.end();
    await upstream.ends("end");
    await almost("tunnelMs");
    await stage.client.getsNothing();
    past();
    await stage.client.ends("reset");
  });
});

for (const hook of ["requestheaders", "request", "responseheaders", "response"] as const) {
  test(`hookMs: a ${hook} hook that never ends is a 500, and the log says so`, async () => {
    const hooks: Hooks[] = [{ [hook]: never }];
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(GET);
      if (hook.startsWith("response")) (await origin()).send(`${SIZED}all there`);
      await almost("hookMs");
      await client.getsNothing();
      past();
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 Internal Server Error\r\n/);
      await client.gets("500 Internal Server Error\n");
      assert.deepEqual(ends, [
        `The ${hook} hook failed: Cannot wait for it any longer as it must end within 60000 ms`,
      ]);
    });
  });
}

test("hookMs: an error hook that never ends doesn't keep the client from its answer", async () => {
  const hooks: Hooks[] = [{ error: never, request: () => assert.fail("no") }];
  await play({ hooks }, async ({ client, warnings }) => {
    client.send(GET);
    await almost("hookMs");
    past();
    await getsStatus(client, 500);
    assert.match(warnings[0]!, /The error hook failed: Cannot wait/);
  });
});

test("hookMs: a hook that never ends doesn't keep a flow alive that has failed", async () => {
  await play({ hooks: [{ request: never }] }, async ({ client, proxy, ends }) => {
    client.send(GET);
    await settle();
    await proxy.close(0);
    assert.deepEqual(ends, ["The proxy is closing"]);
  });
});

test("hookMs: a route handler that never ends is a 500", async () => {
  const routes = new RouteTable();
  routes.route("*").get("*", () => new Promise(() => {}));
  await play({ routes }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(`${SIZED}all there`);
    await almost("hookMs");
    past();
    await getsStatus(client, 500);
  });
});

test("hookMs: a body function that takes the body and gives nothing is cut off", async () => {
  const hooks: Hooks[] = [{
    responseheaders: (flow) => {
      flow.response!.stream = async function* (body: AsyncIterable<Uint8Array>) {
        for await (const chunk of body) {
          yield chunk;
          await never();
        }
      };
    },
  }];
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}1\r\na\r\n`);
    await getsStatus(client, 200);
    await client.gets("1\r\na\r\n");
    upstream.send("1\r\nb\r\n");
    await almost("hookMs");
    await client.getsNothing();
    past();
    assert.equal(await client.ends("end"), "");
    await upstream.ends("reset");
    assert.match(ends[0]!, /must give something within 60000 ms: got nothing/);
  });
});

test("hookMs: a body function that waits for a slow origin or a slow client is not cut off", async () => {
  const hooks: Hooks[] = [{
    responseheaders: (flow) => {
      flow.response!.stream = async function* (body: AsyncIterable<Uint8Array>) {
        yield* body;
      };
    },
  }];
  await play(
    { hooks, timeouts: { bodyMs: 10_000_000, writeMs: 10_000_000 } },
    async ({ connect, origin }) => {
      const client = await connect({ paused: true });
      client.send(GET);
      const upstream = await origin();
      upstream.send(`${CHUNKED}1\r\na\r\n`);
      await settle();
      advance(5 * defaultTimeouts.hookMs);
      void upstream.send(`20000\r\n${"x".repeat(0x20000)}\r\n`);
      await settle();
      void upstream.send("1\r\nb\r\n0\r\n\r\n");
      await settle();
      advance(5 * defaultTimeouts.hookMs);
      await settle();
      client.resume();
      const body = await client.getsHead().then(() => settle()).then(() => client.received);
      assert.match(body, /1\r\nb\r\n0\r\n\r\n$/);
    },
  );
});

test("lingerMs: a client that goes on sending after its last answer is closed after a while", async () => {
  await play({}, async ({ client }) => {
    client.send("GET / HTTP/1.1\r\n\r\n");
    await getsStatus(client, 400);
    await client.ends("end");
    for (let i = 0; i < 4; i++) {
      assert.equal(client.send("more"), null);
      await settle();
      advance(i < 2 ? 900 : 500);
    }
    client.send("too late");
    await assert.rejects(client.send("and told so")!, /gone/);
  });
});

test("drainMs: what is under way when the proxy closes gets its time, and not more", async () => {
  await play({}, async ({ client, origin, proxy }) => {
    client.send(GET);
    (await origin()).send(`${SIZED}foo`);
    await getsStatus(client, 200);
    const closed = proxy.close();
    await almost("drainMs");
    await client.gets("foo");
    await client.getsNothing();
    past();
    await client.ends("reset");
    await closed;
  });
});

test("originIdleMs: an idle connection to an origin is closed", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${SIZED}all there`);
    await client.getsHead();
    await almost("originIdleMs");
    assert.equal(upstream.ending, "open");
    past();
    await upstream.ends("end");
  });
});

test("originIdleCount: no more idle connections than that are kept", async () => {
  await play({ limits: { originIdleCount: 1 } }, async ({ client, connect, origin }) => {
    const other = await connect();
    client.send(GET);
    const first = await origin();
    other.send(GET);
    const second = await origin();
    for (const [end, upstream] of [[client, first], [other, second]] as const) {
      upstream.send(`${SIZED}all there`);
      await end.getsHead();
      await end.gets("all there");
    }
    await second.ends("end");
    client.send(GET);
    await first.getsHead();
    assert.equal(first.ending, "open");
  });
});
