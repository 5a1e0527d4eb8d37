/**
 * Sizes: what is buffered and what streams, the size limit, backpressure, and bodies that are cut.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import { replace } from "../../transforms/mod.ts";
import { observed } from "../harness/observe.ts";
import { play, settle } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const via = "Via: 1.1 sluice\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";
const CHUNKED = `HTTP/1.1 200 OK\r\n${chunked}\r\n`;
const wanting = [{ response: () => {}, request: () => {} }];
const sized = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

/** `streamOver`, the length of a body, and whether it streams. */
const thresholds: [number, number, boolean][] = [
  [100, 99, false],
  [100, 100, false],
  [100, 101, true],
  [0, 1, true],
  [1, 1, false],
];

for (const [streamOver, length, streams] of thresholds) {
  test(`SIZE ${streamOver}: a response of ${length} bytes ${streams ? "streams" : "is buffered"}`, async () => {
    await play({ hooks: wanting, streamOver }, async ({ client, origin }) => {
      client.send(GET);
      const upstream = await origin();
      upstream.send(sized(length));
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n${via}\r\n`;
      if (streams) await client.gets(head);
      else await client.getsNothing();
      upstream.send("x".repeat(length));
      await client.gets(streams ? "x".repeat(length) : head + "x".repeat(length));
    });
  });

  test(`SIZE ${streamOver}: a request of ${length} bytes ${streams ? "streams" : "is buffered"}`, async () => {
    await play({ hooks: wanting, streamOver }, async ({ client, origin, originCount }) => {
      client.send(`POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: ${length}\r\n\r\n`);
      await settle();
      assert.equal(originCount(), streams ? 1 : 0);
      client.send("x".repeat(length));
      const upstream = await origin();
      await upstream.gets(
        `POST / HTTP/1.1\r\nHost: origin.test\r\nContent-Length: ${length}\r\n${via}\r\n${
          "x".repeat(length)
        }`,
      );
    });
  });
}

const ten = "a\r\n0123456789\r\n";

test("SIZE 100: a chunked body switches to streaming as one piece, then frame for frame", async () => {
  const seen: unknown[] = [];
  const hooks = [{ response: (flow: Flow) => void seen.push(flow.response!.body) }];
  await play({ hooks, streamOver: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(CHUNKED);
    for (let i = 0; i < 10; i++) upstream.send(ten);
    await client.getsNothing();
    upstream.send(ten);
    await client.gets(`HTTP/1.1 200 OK\r\n${chunked}${via}\r\n6e\r\n${"0123456789".repeat(11)}\r\n`);
    for (let i = 0; i < 5; i++) {
      upstream.send(ten);
      await client.gets(ten);
    }
    upstream.send("0\r\nX-Sum: 1\r\n\r\n");
    await client.gets("0\r\nX-Sum: 1\r\n\r\n");
    assert.deepEqual(seen, [null]);
  });
});

test("SIZE 100: the same in one read", async () => {
  await play({ hooks: wanting, streamOver: 100 }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(`${CHUNKED}${ten.repeat(16)}0\r\n\r\n`);
    await client.getsHead();
    await client.gets(`6e\r\n${"0123456789".repeat(11)}\r\n${ten.repeat(5)}0\r\n\r\n`);
  });
});

test("SIZE 100: a wire chunk that is cut by the switch goes on as frames of its own", async () => {
  await play({ hooks: wanting, streamOver: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}c8\r\n${"x".repeat(101)}`);
    await client.getsHead();
    await client.gets(`65\r\n${"x".repeat(101)}\r\n`);
    upstream.send(`${"y".repeat(99)}\r\n${ten}0\r\n\r\n`);
    await client.gets(`63\r\n${"y".repeat(99)}\r\n${ten}0\r\n\r\n`);
  });
});

test("SIZE 100: a chunked body of 100 bytes stays buffered", async () => {
  await play({ hooks: wanting, streamOver: 100 }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(`${CHUNKED}${ten.repeat(10)}0\r\n\r\n`);
    await client.gets(
      `HTTP/1.1 200 OK\r\n${via}Content-Length: 100\r\n\r\n${"0123456789".repeat(10)}`,
    );
  });
});

test("SIZE 100: a body until EOF streams once it is over", async () => {
  await play({ hooks: wanting, streamOver: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`HTTP/1.1 200 OK\r\n\r\n${"x".repeat(100)}`);
    await client.getsNothing();
    upstream.send("y");
    await client.getsHead();
    await client.gets(`65\r\n${"x".repeat(100)}y\r\n`);
    upstream.end();
    await client.gets("0\r\n\r\n");
  });
});

test("SIZE 100: a chunked request switches too", async () => {
  const seen: unknown[] = [];
  const hooks = [{ request: (flow: Flow) => void seen.push(flow.request.body) }];
  await play({ hooks, streamOver: 100 }, async ({ client, origin }) => {
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\n${chunked}\r\n${ten.repeat(11)}`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets(`6e\r\n${"0123456789".repeat(11)}\r\n`);
    client.send(`${ten}0\r\n\r\n`);
    await upstream.gets(`${ten}0\r\n\r\n`);
    assert.deepEqual(seen, [null]);
  });
});

test("a hook's own choice wins over SIZE", async () => {
  const hooks = [{
    responseheaders: (flow: Flow) => void (flow.response!.stream = flow.request.url.pathname === "/stream"),
    response: () => {},
  }];
  await play({ hooks, streamOver: 2 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${sized(6)}foo`);
    await client.getsNothing();
    upstream.send("bar");
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 6\r\n${via}\r\nfoobar`);
    client.send("GET /stream HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await settle();
    upstream.send(`${sized(2)}f`);
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}\r\nf`);
  });
});

test("a feed of events is never buffered", async () => {
  await play({ hooks: wanting }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n${chunked}\r\n`);
    await client.getsHead();
    upstream.send("9\r\ndata: 0\n\n\r\n");
    await client.gets("9\r\ndata: 0\n\n\r\n");
  });
});

test("nothing is buffered where no hook wants a body whole", async () => {
  const hooks = [{ requestheaders: () => {}, responseheaders: () => {}, error: () => {} }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 6\r\n\r\nfoo`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("foo");
    upstream.send(`${CHUNKED}3\r\nabc\r\n`);
    await client.getsHead();
    await client.gets("3\r\nabc\r\n");
  });
});

test("limit: a response that announces more is a 502", async () => {
  const { hooks, order } = observed();
  await play({ hooks, bodySizeLimit: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(sized(101));
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    await upstream.ends("reset");
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "error"]);
  });
});

test("limit: a request that announces more is a 413, and no origin is asked", async () => {
  const { hooks, order } = observed();
  await play({ hooks, bodySizeLimit: 100 }, async ({ client, originCount }) => {
    client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 101\r\n\r\n");
    const head = await client.getsHead();
    assert.match(head, /^HTTP\/1.1 413 Content Too Large\r\n/);
    assert.match(head, /\r\nConnection: close\r\n/);
    assert.match(await client.ends("end"), /^413 Content Too Large\n/);
    assert.equal(originCount(), 0);
    assert.deepEqual(order, ["requestheaders", "error"]);
  });
});

test("limit: a chunked response that is buffered is a 502 when it grows over", async () => {
  await play({ hooks: wanting, bodySizeLimit: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}${ten.repeat(10)}`);
    await client.getsNothing();
    upstream.send(ten);
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    await upstream.ends("reset");
  });
});

test("limit: a chunked response that streams is cut when it grows over", async () => {
  const { hooks, order } = observed({ responseheaders: (flow) => void (flow.response!.stream = true) });
  await play({ hooks, bodySizeLimit: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}${ten.repeat(10)}`);
    await client.getsHead();
    await client.gets(ten.repeat(10));
    upstream.send(`${ten}0\r\n\r\n`);
    assert.equal(await client.ends(), "");
    await upstream.ends("reset");
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "error"]);
  });
});

test("limit: it counts what was buffered before the switch too", async () => {
  await play({ hooks: wanting, streamOver: 50, bodySizeLimit: 100 }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}${ten.repeat(10)}`);
    await client.getsHead();
    await client.gets(`3c\r\n${"0123456789".repeat(6)}\r\n${ten.repeat(4)}`);
    upstream.send(`1\r\nx\r\n0\r\n\r\n`);
    assert.equal(await client.ends(), "");
  });
});

test("limit: a chunked upload that is buffered is a 413 when it grows over", async () => {
  await play({ hooks: wanting, bodySizeLimit: 100 }, async ({ client, originCount }) => {
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\n${chunked}\r\n${ten.repeat(11)}`);
    assert.match(await client.getsHead(), /^HTTP\/1.1 413 Content Too Large\r\n/);
    await client.ends("end");
    assert.equal(originCount(), 0);
  });
});

test("limit: a chunked upload that streams is a 413 when it grows over, and the origin never sees its end", async () => {
  await play({ bodySizeLimit: 100 }, async ({ client, origin }) => {
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\n${chunked}\r\n${ten.repeat(10)}`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets(ten.repeat(10));
    client.send(`${ten}0\r\n\r\n`);
    assert.match(await client.getsHead(), /^HTTP\/1.1 413 Content Too Large\r\n/);
    assert.equal(await upstream.ends("reset"), "");
  });
});

/** Ways of an origin to leave a body unfinished: its body so far, how it ends, and what the client has got by then. */
const cuts: [string, string, "end" | "reset" | string, string][] = [
  ["Content-Length, FIN", `${sized(9)}foo`, "end", "foo"],
  ["Content-Length, reset", `${sized(9)}foo`, "reset", "foo"],
  ["chunked, FIN", `${CHUNKED}3\r\nfoo\r\n`, "end", "3\r\nfoo\r\n"],
  ["chunked, within a wire chunk", `${CHUNKED}6\r\nfoo`, "end", "6\r\nfoo"],
  ["chunked, within the last line", `${CHUNKED}3\r\nfoo\r\n0\r\n`, "end", "3\r\nfoo\r\n"],
  ["chunked, reset", `${CHUNKED}3\r\nfoo\r\n`, "reset", "3\r\nfoo\r\n"],
  ["until EOF, reset", "HTTP/1.1 200 OK\r\n\r\nfoo", "reset", "3\r\nfoo\r\n"],
  ["chunked, broken", `${CHUNKED}3\r\nfoo\r\n`, "zz\r\n", "3\r\nfoo\r\n"],
  ["chunked, a wire chunk too long", `${CHUNKED}3\r\nfoo\r\n`, "3\r\nfoooo\r\n", "3\r\nfoo\r\n"],
];

for (const [name, sent, how, got] of cuts) {
  test(`a body that is cut never looks complete: ${name}`, async () => {
    const { hooks, order } = observed({ responseheaders: (flow) => void (flow.response!.stream = true) });
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(GET);
      const upstream = await origin();
      upstream.send(sent);
      await client.getsHead();
      await client.gets(got);
      if (how === "end") upstream.end();
      else if (how === "reset") upstream.socket.abort();
      else upstream.send(how);
      // A wire chunk that turns out to be too long has passed its three bytes on.
      assert.equal(await client.ends(), how.startsWith("3") ? "3\r\nfoo\r\n" : "");
      await settle();
      assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "error"]);
      assert.equal(ends.length, 1);
      assert.notEqual(ends[0], null);
    });
  });

  test(`a body that is cut while it is buffered is a 502: ${name}`, async () => {
    await play({ hooks: wanting }, async ({ client, origin }) => {
      client.send(GET);
      const upstream = await origin();
      upstream.send(sent);
      await settle();
      if (how === "end") upstream.end();
      else if (how === "reset") upstream.socket.abort();
      else upstream.send(how);
      assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    });
  });
}

test("until EOF to HTTP/1.0, a reset is passed on as a reset", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("GET / HTTP/1.0\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    upstream.send("HTTP/1.1 200 OK\r\n\r\nfoo");
    await client.getsHead();
    await client.gets("foo");
    upstream.socket.abort();
    await client.ends("reset");
  });
});

test("a changed body to HTTP/1.0 that is cut ends with a reset", async () => {
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.stream = replace("a", "b")) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send("GET / HTTP/1.0\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    upstream.send(`${sized(9)}foo`);
    await client.getsHead();
    await client.gets("foo");
    upstream.end();
    await client.ends("reset");
  });
});

test("a client that goes away aborts the origin", async () => {
  const { hooks, order } = observed({ responseheaders: (flow) => void (flow.response!.stream = true) });
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${sized(9)}foo`);
    await client.getsHead();
    client.socket.abort();
    await upstream.ends("reset");
    await settle();
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "error"]);
    assert.equal(ends.length, 1);
  });
});

test("a client that goes away before the answer aborts the origin", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    await upstream.getsHead();
    client.socket.abort();
    await upstream.ends("reset");
  });
});

/** How an endless body is passed on. */
const ways: [string, (flow: Flow) => void][] = [
  ["as it comes", () => {}],
  ["through a transform", (flow) => void (flow.response!.stream = replace("foobar", "X"))],
  ["through a function", (flow) =>
    void (flow.response!.stream = async function* (body) {
      yield* body;
    })],
];

for (const [name, responseheaders] of ways) {
  test(`a client that doesn't read holds the origin back, ${name}`, async () => {
    await play({ hooks: [{ responseheaders }] }, async ({ connect, origin }) => {
      const client = await connect({ paused: true });
      client.send(GET);
      const upstream = await origin();
      upstream.send(CHUNKED);
      let sent = 0;
      // The client's side of the network holds 64 KiB, the origin's as much; one read of each is under way.
      for (let held = false; !held;) {
        const pressure = upstream.send(`1000\r\n${"x".repeat(4096)}\r\n`);
        sent += 4096;
        assert.ok(sent < 1024 * 1024, "the origin should be held back");
        if (pressure === null) {
          await settle();
          continue;
        }
        held = await Promise.race([pressure.then(() => false), settle().then(() => true)]);
      }
      client.resume();
      upstream.send("0\r\n\r\n");
      await client.getsHead();
      let body = 0;
      while (body < sent) {
        await client.gets(`1000\r\n${"x".repeat(4096)}\r\n`);
        body += 4096;
      }
      await client.gets("0\r\n\r\n");
    });
  });
}

test("an origin that doesn't read holds the client's upload back", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(`POST / HTTP/1.1\r\nHost: proxy\r\n${chunked}\r\n`);
    const upstream = await origin();
    let sent = 0;
    for (let held = false; !held;) {
      const pressure = client.send(`1000\r\n${"x".repeat(4096)}\r\n`);
      sent += 4096;
      assert.ok(sent < 1024 * 1024, "the client should be held back");
      if (pressure === null) {
        await settle();
        continue;
      }
      held = await Promise.race([pressure.then(() => false), settle().then(() => true)]);
    }
    upstream.resume();
    client.send("0\r\n\r\n");
    await upstream.getsHead();
    for (let got = 0; got < sent; got += 4096) await upstream.gets(`1000\r\n${"x".repeat(4096)}\r\n`);
    await upstream.gets("0\r\n\r\n");
  }, { pausedOrigin: true });
});

test("a huge wire chunk streams within its frame", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}40000000\r\nabc`);
    await client.getsHead();
    await client.gets("40000000\r\nabc");
    upstream.send("def");
    await client.gets("def");
    client.socket.abort();
    await upstream.ends("reset");
  });
});

test("a huge wire chunk reaches a transform in pieces, each a frame", async () => {
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.stream = replace("bc", "X")) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(`${CHUNKED}40000000\r\nabc`);
    await client.getsHead();
    await client.gets("2\r\naX\r\n");
    upstream.send("dbc");
    await client.gets("2\r\ndX\r\n");
  });
});

test("a flood of one-byte wire chunks keeps its frames", async () => {
  const frames = "1\r\nx\r\n".repeat(5_000);
  await play({}, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(CHUNKED);
    await upstream.send(frames);
    upstream.send("0\r\n\r\n");
    await client.getsHead();
    await client.gets(`${frames}0\r\n\r\n`);
  });
});

test("an origin that stalls is a 504 before the head, and a cut after it", async () => {
  await play({ timeouts: { originMs: 1, bodyMs: 1 } }, async ({ client, connect, origin }) => {
    client.send(GET);
    const silent = await origin();
    assert.match(await client.getsHead(), /^HTTP\/1.1 504 Gateway Timeout\r\n/);
    await silent.ends("reset");
    const other = await connect();
    other.send(GET);
    (await origin()).send(`${sized(9)}foo`);
    await other.getsHead();
    assert.equal(await other.ends("end"), "foo");
  });
});
