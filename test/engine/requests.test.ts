/**
 * Request bodies: kept, changed while they stream, buffered; answers that come before the upload has ended; uploads that
 * never end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { Hooks } from "../../lib/hooks.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { makeTransform, replace } from "../../transforms/mod.ts";
import { appender, observed, spied } from "../harness/observe.ts";
import { latin1, octets, play, settle } from "../harness/playbook.ts";

const post = (fields: string) => `POST /up HTTP/1.1\r\nHost: proxy\r\n${fields}\r\n`;
const head = (fields: string) => `POST /up HTTP/1.1\r\n${fields}\r\n`;
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const OK_SENT = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.1 sluice\r\n\r\nok";
const via = "Via: 1.1 sluice\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";

const upper = (chunk: Uint8Array) => octets(latin1(chunk).toUpperCase());
const shout = {
  transform: (chunk: Uint8Array, out: { enqueue(chunk: Uint8Array): void }) => out.enqueue(upper(chunk)),
};

async function* modify(chunks: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield upper(chunk);
}

/** How a body comes, what is done to it, and what the origin gets behind the request line. */
const table: [string, string, Hooks, string][] = [
  [
    "Content-Length, kept",
    `Content-Length: 6\r\n\r\nfoobar`,
    {},
    `Host: origin.test\r\nContent-Length: 6\r\n${via}\r\nfoobar`,
  ],
  [
    "chunked, kept frame for frame",
    `${chunked}\r\n3;x\r\nfoo\r\n03\r\nbar\r\n0\r\nX-Sum: 1\r\n\r\n`,
    {},
    `Host: origin.test\r\n${chunked}${via}\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\nX-Sum: 1\r\n\r\n`,
  ],
  [
    "Content-Length, changed",
    `Content-Length: 6\r\n\r\nfoobar`,
    { requestheaders: (flow) => void (flow.request.stream = replace("foobar", "X")) },
    `Host: origin.test\r\n${chunked}${via}\r\n1\r\nX\r\n0\r\n\r\n`,
  ],
  [
    "chunked, changed",
    `${chunked}\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\nX-Sum: 1\r\n\r\n`,
    { requestheaders: (flow) => void (flow.request.stream = replace("foobar", "LONGER")) },
    `Host: origin.test\r\n${chunked}${via}\r\n6\r\nLONGER\r\n0\r\nX-Sum: 1\r\n\r\n`,
  ],
  [
    "chunked, through a function",
    `${chunked}\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n`,
    { requestheaders: (flow) => void (flow.request.stream = modify) },
    `Host: origin.test\r\n${chunked}${via}\r\n3\r\nFOO\r\n3\r\nBAR\r\n0\r\n\r\n`,
  ],
  [
    "chunked, buffered",
    `${chunked}\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n`,
    { request: () => {} },
    `Host: origin.test\r\nContent-Length: 6\r\n${via}\r\nfoobar`,
  ],
  [
    "Content-Length, buffered and changed",
    `Content-Length: 6\r\n\r\nfoobar`,
    { request: (flow) => void (flow.request.text = "changed") },
    `Host: origin.test\r\nContent-Length: 7\r\n${via}\r\nchanged`,
  ],
  [
    "none, given one",
    "\r\n",
    { request: (flow) => void (flow.request.text = "given") },
    `Host: origin.test\r\nContent-Length: 5\r\n${via}\r\ngiven`,
  ],
  [
    "Content-Length: 0",
    "Content-Length: 0\r\n\r\n",
    {},
    `Host: origin.test\r\nContent-Length: 0\r\n${via}\r\n`,
  ],
  [
    "Content-Length: 0, with a transform that appends",
    "Content-Length: 0\r\n\r\n",
    { requestheaders: (flow) => void (flow.request.stream = makeTransform(appender("<EOF>"))) },
    `Host: origin.test\r\nContent-Length: 0\r\n${via}\r\n`,
  ],
  [
    "none, with a transform that appends",
    "\r\n",
    { requestheaders: (flow) => void (flow.request.stream = makeTransform(appender("<EOF>"))) },
    `Host: origin.test\r\n${via}\r\n`,
  ],
];

for (const [name, sent, hooks, expected] of table) {
  test(`request body: ${name}`, async () => {
    await play({ hooks: [hooks] }, async ({ client, origin, originCount, ends }) => {
      client.send(`POST /up HTTP/1.1\r\nHost: proxy\r\n${sent}`);
      const upstream = await origin();
      await upstream.gets(`POST /up HTTP/1.1\r\n${expected}`);
      await upstream.getsNothing();
      upstream.send(OK);
      await client.gets(OK_SENT);
      await client.getsNothing();
      await upstream.getsNothing();
      assert.equal(originCount(), 1);
      assert.deepEqual(ends, [null]);
    });
  });
}

const GET_AGAIN = "GET /again HTTP/1.1\r\nHost: proxy\r\n\r\n";

test("an upload streams: what has come is sent on, in order with the hooks", async () => {
  const { hooks, order } = observed({
    requestheaders: (flow) => void (flow.request.stream = makeTransform(shout)),
  });
  await play({ hooks }, async ({ client, origin }) => {
    client.send(`${post(chunked)}3\r\nabc\r\n`);
    const upstream = await origin();
    await upstream.gets(head(`Host: origin.test\r\n${chunked}${via}`));
    await upstream.gets("3\r\nABC\r\n");
    await upstream.getsNothing();
    assert.deepEqual(order, ["requestheaders"]);
    client.send("2\r\nde\r\n0\r\n\r\n");
    await upstream.gets("2\r\nDE\r\n0\r\n\r\n");
    assert.deepEqual(order, ["requestheaders", "request"]);
    upstream.send(OK);
    await client.gets(OK_SENT);
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "response"]);
  });
});

test("an early answer is passed on at once, the upload goes on, both connections are kept", async () => {
  const { hooks, order } = observed({ requestheaders: (flow) => void (flow.request.stream = true) });
  await play({ hooks }, async ({ client, origin, originCount, ends }) => {
    client.send(`${post("Content-Length: 6\r\n")}foo`);
    const upstream = await origin();
    await upstream.gets(head(`Host: origin.test\r\nContent-Length: 6\r\n${via}`) + "foo");
    upstream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    await client.gets(`HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n${via}\r\n`);
    await upstream.getsNothing();
    client.send("bar");
    await upstream.gets("bar");
    client.send(GET_AGAIN);
    await upstream.getsHead();
    upstream.send(OK);
    await client.gets(OK_SENT);
    await client.getsNothing();
    assert.equal(originCount(), 1);
    assert.deepEqual(ends, [null, null]);
    assert.deepEqual(order.slice(0, 4), ["requestheaders", "responseheaders", "response", "request"]);
  });
});

test("an origin that answers early and says close ends the upload", async () => {
  await play({}, async ({ client, origin, ends }) => {
    client.send(`${post("Content-Length: 1000\r\n")}foo`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("foo");
    upstream.send("HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    await client.gets(`HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n${via}Connection: close\r\n\r\n`);
    assert.equal(await client.ends("end"), "");
    await upstream.ends("reset");
    assert.deepEqual(ends, [null]);
  });
});

test("an origin that closes after an early answer ends the upload", async () => {
  await play({}, async ({ client, origin, ends }) => {
    client.send(`${post("Content-Length: 1000\r\n")}foo`);
    const upstream = await origin();
    await upstream.getsHead();
    upstream.send("HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n");
    await client.gets(`HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n${via}\r\n`);
    await client.getsNothing();
    upstream.end();
    assert.equal(await client.ends("end"), "");
    await upstream.ends("reset");
    assert.deepEqual(ends, [null]);
  });
});

test("an origin that closes within an upload, without an answer, is a 502", async () => {
  const { hooks, order } = observed({ requestheaders: (flow) => void (flow.request.stream = true) });
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(`${post("Content-Length: 1000\r\n")}foo`);
    const upstream = await origin();
    await upstream.getsHead();
    upstream.end();
    const answer = await client.getsHead();
    assert.match(answer, /^HTTP\/1.1 502 Bad Gateway\r\n/);
    assert.match(answer, /\r\nConnection: close\r\n/);
    assert.match(await client.ends("end"), /^502 Bad Gateway\n/);
    assert.deepEqual(order, ["requestheaders", "error"]);
    assert.equal(ends.length, 1);
  });
});

/** Uploads that don't end: the origin must never take them for complete. */
const aborts: [string, string, StreamValue | undefined][] = [
  ["Content-Length", "Content-Length: 6\r\n\r\nfoo", undefined],
  ["chunked", `${chunked}\r\n3\r\nfoo\r\n`, undefined],
  ["chunked, within a wire chunk", `${chunked}\r\n6\r\nfoo`, undefined],
  ["changed", "Content-Length: 6\r\n\r\nfoo", makeTransform(shout)],
  ["changed by a function", "Content-Length: 6\r\n\r\nfoo", modify],
];

for (const [name, sent, stream] of aborts) {
  test(`a client that resets its upload: ${name}`, async () => {
    const hooks = [{ requestheaders: (flow: Flow) => void (flow.request.stream = stream) }];
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(`POST /up HTTP/1.1\r\nHost: proxy\r\n${sent}`);
      const upstream = await origin();
      await upstream.getsHead();
      await settle();
      client.socket.abort();
      const rest = await upstream.ends("reset");
      assert.match(rest, /^(\d\r\n)?foo(\r\n)?$/i);
      await settle();
      assert.equal(ends.length, 1);
      assert.notEqual(ends[0], null);
    });
  });

  test(`a client that ends within its upload: ${name}`, async () => {
    const watched = observed({ requestheaders: (flow) => void (flow.request.stream = true) });
    await play({ hooks: watched.hooks }, async ({ client, origin, ends }) => {
      client.send(`POST /up HTTP/1.1\r\nHost: proxy\r\n${sent}`);
      const upstream = await origin();
      await upstream.getsHead();
      await settle();
      client.end();
      const rest = await upstream.ends("reset");
      assert.match(rest, /^(\d\r\n)?foo(\r\n)?$/i);
      assert.match(await client.getsHead(), /^HTTP\/1.1 400 Bad Request\r\n/);
      await client.ends("end");
      assert.deepEqual(watched.order, ["requestheaders", "error"]);
      assert.equal(ends.length, 1);
    });
  });
}

test("a client that stalls within its upload is answered with 408, and the origin is aborted", async () => {
  await play({ timeouts: { bodyMs: 1 } }, async ({ client, origin, ends }) => {
    client.send(`${post("Content-Length: 6\r\n")}foo`);
    const upstream = await origin();
    assert.match(await client.getsHead(), /^HTTP\/1.1 408 Request Timeout\r\n/);
    assert.match(await client.ends("end"), /^408 Request Timeout\n/);
    await upstream.getsHead();
    assert.equal(await upstream.ends("reset"), "foo");
    assert.equal(ends.length, 1);
  });
});

test("a transform that throws on an upload is answered with 500", async () => {
  const { transform, calls } = spied({
    transform: () => {
      throw new Error("secret");
    },
  });
  const { hooks, order } = observed({ requestheaders: (flow) => void (flow.request.stream = transform) });
  await play({ hooks }, async ({ client, origin }) => {
    client.send(post("Content-Length: 6\r\n"));
    const upstream = await origin();
    await upstream.getsHead();
    client.send("foo");
    const answer = await client.getsHead();
    assert.match(answer, /^HTTP\/1.1 500 Internal Server Error\r\n/);
    assert.equal(await client.ends("end"), "500 Internal Server Error\n");
    assert.equal(await upstream.ends("reset"), "");
    assert.deepEqual(calls, ["3"]);
    assert.deepEqual(order, ["requestheaders", "error"]);
  });
});

test("a transform that throws null on an upload is answered with 500", async () => {
  for (const thrown of [null, undefined]) {
    const transform = {
      transform: () => {
        throw thrown;
      },
    };
    const hooks = [{ requestheaders: (flow: Flow) => void (flow.request.stream = transform) }];
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(`${post(chunked)}3\r\nfoo\r\n`);
      const upstream = await origin();
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
      await upstream.ends("reset");
      assert.deepEqual(ends, [`Something was thrown that is no Error: ${thrown}`]);
    });
  }
});

test("a function that throws on an upload is answered with 500", async () => {
  const { hooks, order } = observed({
    requestheaders: (flow) =>
      void (flow.request.stream = async function* (body) {
        for await (const chunk of body) {
          yield chunk;
          throw new Error("secret");
        }
      }),
  });
  await play({ hooks }, async ({ client, origin }) => {
    client.send(`${post("Content-Length: 6\r\n")}foo`);
    const upstream = await origin();
    assert.match(await client.getsHead(), /^HTTP\/1.1 500 Internal Server Error\r\n/);
    await upstream.getsHead();
    assert.equal(await upstream.ends("reset"), "3\r\nfoo\r\n");
    await settle();
    assert.deepEqual(order, ["requestheaders", "error"]);
  });
});

test("a transform is cancelled when the origin answers early and closes", async () => {
  const { transform, calls } = spied(shout);
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.request.stream = transform) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(`${post("Content-Length: 6\r\n")}foo`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("3\r\nFOO\r\n");
    upstream.send("HTTP/1.1 403 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    await client.getsHead();
    await client.ends("end");
    assert.deepEqual(calls, ["3", "cancel"]);
  });
});

test("a transform that ends the upload early ends the request well", async () => {
  const first = makeTransform({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      controller.terminate();
    },
  });
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.request.stream = first) }];
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(`${post("Content-Length: 6\r\n")}foo`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("3\r\nfoo\r\n0\r\n\r\n");
    upstream.send(OK);
    await client.gets(OK_SENT);
    await settle();
    assert.deepEqual(ends, [null]);
  });
});

test("trailers of an upload may be changed by the request hook", async () => {
  const hooks = [{
    requestheaders: (flow: Flow) => void (flow.request.stream = true),
    request: (flow: Flow) => void flow.request.trailers!.set("X-Sum", "2"),
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(`${post(chunked)}3\r\nfoo\r\n0\r\nX-Sum: 1\r\n\r\n`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("3\r\nfoo\r\n0\r\nX-Sum: 2\r\n\r\n");
  });
});

test("trailers behind a buffered upload make it chunked, whatever the client's framing was", async () => {
  const hooks = [{
    request: ({ request }: Flow) => void (request.trailers = [...request.trailers ?? [], ["X-Sum", "1"]]),
  }];
  for (
    const [sent, body] of [
      [`${chunked}\r\n2\r\nok\r\n0\r\nT: u\r\n\r\n`, "2\r\nok\r\n0\r\nT: u\r\nX-Sum: 1\r\n\r\n"],
      ["Content-Length: 2\r\n\r\nok", "2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n"],
      ["Content-Length: 0\r\n\r\n", "0\r\nX-Sum: 1\r\n\r\n"],
    ]
  ) {
    await play({ hooks }, async ({ client, origin }) => {
      client.send(`POST /up HTTP/1.1\r\nHost: proxy\r\n${sent}`);
      const upstream = await origin();
      assert.match(await upstream.getsHead(), /\r\nTransfer-Encoding: chunked\r\n/);
      await upstream.gets(body!);
    });
  }
});

test("a wrong framing never reaches an origin", async () => {
  const wrong = [
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Content-Length: 5\r\nContent-Length: 6\r\n",
    "Content-Length: -1\r\n",
    "Transfer-Encoding: chunked, identity\r\n",
    "Content-Length : 5\r\n",
  ];
  await play({}, async ({ connect, originCount }) => {
    for (const fields of wrong) {
      const client = await connect();
      client.send(`${post(fields)}hello`);
      assert.match(await client.getsHead(), /^HTTP\/1.1 400 Bad Request\r\n/);
      client.end();
      await client.ends("end");
    }
    assert.equal(originCount(), 0);
  });
});

test("a broken wire chunk within an upload is answered with 400, and the origin is aborted", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(`${post(chunked)}3\r\nfoo\r\n`);
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("3\r\nfoo\r\n");
    client.send("zz\r\n");
    assert.match(await client.getsHead(), /^HTTP\/1.1 400 Bad Request\r\n/);
    assert.equal(await upstream.ends("reset"), "");
  });
});
