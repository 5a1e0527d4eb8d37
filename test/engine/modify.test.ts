/**
 * Every value that `stream` takes, on responses: what comes out, and what happens when something fails on the way.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { makeTransform, replace, type Transformer } from "../../transforms/mod.ts";
import { appender, type Observed, observed, spied } from "../harness/observe.ts";
import { latin1, octets, play, settle, type Stage, type WireEnd } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const upper = (chunk: Uint8Array) => octets(latin1(chunk).toUpperCase());
const shout: Transformer = { transform: (chunk, controller) => controller.enqueue(upper(chunk)) };

/** Plays one response whose `stream` is set, with all hooks watched. */
async function playStream(
  value: (flow: Flow) => StreamValue,
  script: (stage: Stage & { upstream: WireEnd; order: string[] }) => Promise<void>,
  { raw = false, more = {} as Observed["hooks"][number] } = {},
): Promise<void> {
  const { hooks, order } = observed({
    responseheaders: (flow) => void (flow.response![raw ? "rawStream" : "stream"] = value(flow)),
    ...more,
  });
  await play({ hooks }, async (stage) => {
    stage.client.send(GET);
    const upstream = await stage.origin();
    await upstream.getsHead();
    await script({ ...stage, upstream, order });
  });
}

const well = ["requestheaders", "request", "responseheaders", "response"];
const badly = ["requestheaders", "request", "responseheaders", "error"];

async function* modify(chunks: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield upper(chunk);
}

function nativePair(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream({ transform: (chunk, controller) => controller.enqueue(upper(chunk)) });
}

/** Values that make capitals; each is asked for once a flow. */
const capitals: [string, () => StreamValue][] = [
  ["a transform", () => makeTransform(shout)],
  ["a plain transformer", () => shout],
  ["a list of one", () => [makeTransform(shout)]],
  ["a list of several", () => [replace("x", "y"), replace("y", "z"), makeTransform(shout)]],
  ["a pair of streams", nativePair],
  ["a transform and a pair", () => [replace("x", "y"), nativePair(), replace("y", "x")]],
  ["async function*", () => modify],
  ["a list with a function in it", () => [replace("x", "y"), modify, nativePair()]],
  ["a function that returns a stream", () => (body) => body.pipeThrough(makeTransform(shout))],
  ["a function that returns an iterable", () => (body) => modify(body)],
];

for (const [name, make] of capitals) {
  test(`${name}: a frame out for each frame in, none delayed`, async () => {
    await playStream(make, async ({ client, upstream, order, ends }) => {
      upstream.send(CHUNKED);
      await client.getsHead();
      upstream.send("3\r\nabc\r\n");
      await client.gets("3\r\nABC\r\n");
      upstream.send("2\r\nde\r\n1\r\nf\r\n");
      await client.gets("2\r\nDE\r\n1\r\nF\r\n");
      await client.getsNothing();
      upstream.send("0\r\n\r\n");
      await client.gets("0\r\n\r\n");
      await client.getsNothing();
      assert.deepEqual(order, well);
      assert.deepEqual(ends, [null]);
    });
  });

  test(`${name}: wire chunks whose lines come in pieces`, async () => {
    await playStream(make, async ({ client, upstream }) => {
      for (const piece of [CHUNKED, "0", "003;x\r", "\na", "bc", "\r\n2", "\r\nde\r\n0\r\n", "\r\n"]) {
        upstream.send(piece);
        await settle();
      }
      await client.getsHead();
      const { received } = client;
      const data = received.slice(received.indexOf("\r\n\r\n") + 4);
      assert.equal(data, "1\r\nA\r\n2\r\nBC\r\n2\r\nDE\r\n0\r\n\r\n");
    });
  });

  test(`${name}: the origin dies within the body`, async () => {
    await playStream(make, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n`);
      await client.getsHead();
      await client.gets("3\r\nABC\r\n");
      upstream.end();
      assert.equal(await client.ends(), "");
      await settle();
      assert.deepEqual(order, badly);
      assert.equal(ends.length, 1);
      assert.notEqual(ends[0], null);
    });
  });

  test(`${name}: the client goes`, async () => {
    await playStream(make, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n`);
      await client.getsHead();
      await client.gets("3\r\nABC\r\n");
      client.socket.abort();
      await upstream.ends("reset");
      await settle();
      assert.deepEqual(order, badly);
      assert.equal(ends.length, 1);
    });
  });
}

test("false: the body is whole in the response hook", async () => {
  const seen: (string | null)[] = [];
  await playStream(() => false, async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n`);
    await client.getsNothing();
    upstream.send("1\r\nd\r\n0\r\n\r\n");
    await client.getsHead();
    await client.gets("abcd");
    assert.deepEqual(seen, ["abcd"]);
  }, { more: { response: (flow) => void seen.push(flow.response!.text) } });
});

test("true: later hooks see no body, and what they assign is warned of once", async () => {
  const seen: unknown[] = [];
  await playStream(() => true, async ({ client, upstream, warnings }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("3\r\nabc\r\n0\r\n\r\n");
    assert.deepEqual(seen, [null, null, null]);
    assert.equal(warnings.length, 1);
  }, {
    more: {
      response: ({ response }) => {
        seen.push(response!.body, response!.text, response!.rawBody);
        response!.text = "nothing";
        response!.body = octets("nothing");
      },
    },
  });
});

test("a piece that is held back makes no frame", async () => {
  await playStream(() => replace("foobar", "X"), async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}3\r\nfoo\r\n`);
    await client.getsHead();
    await client.getsNothing();
    upstream.send("2\r\nba\r\n");
    await client.getsNothing();
    upstream.send("2\r\nr!\r\n3\r\nfoo\r\n");
    await client.gets("2\r\nX!\r\n");
    upstream.send("0\r\n\r\n");
    await client.gets("3\r\nfoo\r\n0\r\n\r\n");
  });
});

test("empty chunks make no frames, whoever enqueues them", async () => {
  const empty = new Uint8Array(0);
  const values: StreamValue[] = [
    makeTransform({
      transform(chunk, controller) {
        controller.enqueue(empty);
        controller.enqueue(chunk);
        controller.enqueue(empty);
      },
      flush: (controller) => controller.enqueue(empty),
    }),
    async function* (body) {
      yield empty;
      for await (const chunk of body) {
        yield chunk;
        yield empty;
      }
    },
  ];
  for (const value of values) {
    await playStream(() => value, async ({ client, upstream }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`);
      await client.getsHead();
      await client.gets("3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n");
      await client.getsNothing();
    });
  }
});

/** Failures on the way: what the client gets of the body before its connection ends, and how the transform ends. */
const failures: [string, Transformer, string, string[]][] = [
  [
    "a transform that throws on its second chunk",
    {
      transform(chunk, controller) {
        if (latin1(chunk) === "def") throw new Error("no def");
        controller.enqueue(chunk);
      },
    },
    "3\r\nabc\r\n",
    ["3", "3"],
  ],
  [
    "a transform that throws at the end",
    {
      transform: shout.transform,
      flush: () => {
        throw new Error("no end");
      },
    },
    "3\r\nABC\r\n3\r\nDEF\r\n",
    ["3", "3", "flush"],
  ],
  [
    "a transform that enqueues text",
    { transform: (chunk, controller) => controller.enqueue(latin1(chunk) as unknown as Uint8Array) },
    "",
    ["3"],
  ],
  [
    "a transform that enqueues null",
    { transform: (_, controller) => controller.enqueue(null as unknown as Uint8Array) },
    "",
    ["3"],
  ],
];

for (const [name, transformer, body, expected] of failures) {
  test(`${name}: the body is cut, the origin is aborted`, async () => {
    const { transform, calls } = spied(transformer);
    await playStream(() => transform, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`);
      await client.getsHead();
      assert.equal(await client.ends(), body);
      await upstream.ends("reset");
      assert.deepEqual(calls, expected);
      assert.deepEqual(order, badly);
      assert.equal(ends.length, 1);
    });
  });
}

test("an async transform is refused", async () => {
  const transform = { transform: async () => {} } as unknown as Transformer;
  await playStream(() => transform, async ({ client, upstream, ends }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.getsHead();
    assert.equal(await client.ends(), "");
    await settle();
    assert.match(ends[0] ?? "", /must finish before it returns: got a promise/);
  });
});

test("what is thrown and is no Error is told as such", async () => {
  for (const thrown of [null, undefined, "no"]) {
    const transform = {
      transform: () => {
        throw thrown;
      },
    };
    await playStream(() => transform, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
      await client.getsHead();
      assert.equal(await client.ends(), "");
      await settle();
      assert.deepEqual(ends, [`Something was thrown that is no Error: ${thrown}`]);
      assert.deepEqual(order, badly);
    });
  }
});

test("a function that throws at once is answered with 500", async () => {
  const broken = () => {
    throw new Error("secret");
  };
  await playStream(() => broken, async ({ client, upstream, order }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.gets(
      "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n\r\n" +
        "500 Internal Server Error\n",
    );
    await client.getsNothing();
    await upstream.ends("reset");
    assert.deepEqual(order, badly);
  });
});

/** Functions that fail when they run, and what has left by then. */
const brokenFunctions: [string, StreamValue, string][] = [
  [
    "throws before its first chunk",
    // deno-lint-ignore require-yield
    async function* () {
      throw new Error("no");
    },
    "",
  ],
  [
    "throws later",
    async function* (body) {
      for await (const chunk of body) {
        if (latin1(chunk) === "def") throw new Error("no def");
        yield chunk;
      }
    },
    "3\r\nabc\r\n",
  ],
  [
    "throws at the end",
    async function* (body) {
      yield* body;
      throw new Error("no end");
    },
    "3\r\nabc\r\n3\r\ndef\r\n",
  ],
  [
    "yields text",
    async function* (body) {
      for await (const chunk of body) yield latin1(chunk) as unknown as Uint8Array;
    },
    "",
  ],
  ["returns null", (() => null) as unknown as StreamValue, "500"],
];

for (const [name, value, body] of brokenFunctions) {
  test(`a function that ${name}: the body is cut, the origin is aborted`, async () => {
    await playStream(() => value, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n`);
      const head = await client.getsHead();
      if (body === "500") assert.match(head, /^HTTP\/1.1 500 /);
      else assert.equal(await client.ends(), body);
      await upstream.ends("reset");
      await settle();
      assert.deepEqual(order, badly);
      assert.equal(ends.length, 1);
    });
  });
}

/** Bodies that end before the origin's does. */
const early: [string, StreamValue][] = [
  [
    "a transform that terminates",
    makeTransform({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        controller.terminate();
      },
    }),
  ],
  [
    "a fused transform that terminates",
    [
      makeTransform({
        transform(chunk, controller) {
          controller.enqueue(chunk);
          controller.terminate();
        },
      }),
      replace("x", "y"),
    ],
  ],
  [
    "a pair that terminates",
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk);
        controller.terminate();
      },
    }),
  ],
  [
    "a function that returns early",
    async function* (body) {
      for await (const chunk of body) {
        yield chunk;
        return;
      }
    },
  ],
  [
    "a function that never looks at the body",
    async function* () {
      yield octets("abc");
    },
  ],
];

for (const [name, value] of early) {
  test(`${name}: the body ends well, the origin's connection too`, async () => {
    await playStream(() => value, async ({ client, upstream, order, ends }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n`);
      await client.getsHead();
      await client.gets("3\r\nabc\r\n0\r\n\r\n");
      await client.getsNothing();
      await upstream.ends();
      assert.deepEqual(order, well);
      assert.deepEqual(ends, [null]);
    });
  });
}

test("a function that never ends is ended when the client goes", async () => {
  let signalled = false;
  const endless: StreamValue = async function* (body, flow) {
    flow.signal.addEventListener("abort", () => signalled = true);
    yield* body;
    await new Promise((resolve) => flow.signal.addEventListener("abort", resolve));
  };
  await playStream(() => endless, async ({ client, upstream, order, ends }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("3\r\nabc\r\n");
    await client.getsNothing();
    client.socket.abort();
    await settle();
    assert.ok(signalled);
    assert.deepEqual(order, badly);
    assert.equal(ends.length, 1);
  });
});

test("a generator's finally runs when the client goes", async () => {
  let finished = false;
  const value: StreamValue = async function* (body) {
    try {
      yield* body;
    } finally {
      finished = true;
    }
  };
  await playStream(() => value, async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n`);
    await client.getsHead();
    await client.gets("3\r\nabc\r\n");
    client.socket.abort();
    await upstream.ends("reset");
    await settle();
    assert.ok(finished);
  });
});

/** Each transform of a flow is told how it ends, once. */
const endings: [string, (stage: { client: WireEnd; upstream: WireEnd }) => void, string[]][] = [
  ["the body ends", ({ upstream }) => void upstream.send("0\r\n\r\n"), ["3", "flush"]],
  ["the origin ends within the body", ({ upstream }) => upstream.end(), ["3", "cancel"]],
  ["the origin resets", ({ upstream }) => upstream.socket.abort(), ["3", "cancel"]],
  ["the framing breaks", ({ upstream }) => void upstream.send("zz\r\n"), ["3", "cancel"]],
  ["the client resets", ({ client }) => client.socket.abort(), ["3", "cancel"]],
];

for (const [name, act, expected] of endings) {
  for (
    const [kind, around] of [["alone", []], ["fused", [replace("x", "y")]], ["piped", [nativePair]]] as const
  ) {
    test(`exactly one of flush and cancel when ${name}, ${kind}`, async () => {
      const { transform, calls } = spied(shout);
      const others = around.map((other) => typeof other === "function" ? other() : other);
      await playStream(() => [transform, ...others], async ({ client, upstream }) => {
        upstream.send(`${CHUNKED}3\r\nabc\r\n`);
        await client.getsHead();
        await client.gets("3\r\nABC\r\n");
        act({ client, upstream });
        await settle();
        assert.deepEqual(calls, expected);
      });
    });
  }
}

test("what a transform enqueues in fragments leaves as one frame", async () => {
  await playStream(() => replace("b", "XX"), async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}5\r\nabcbd\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("7\r\naXXcXXd\r\n0\r\n\r\n");
  });
});

test("what it enqueues piece by piece leaves as a frame each", async () => {
  const bytewise = makeTransform({
    transform: (chunk, controller) => chunk.forEach((_, i) => controller.enqueue(chunk.subarray(i, i + 1))),
  });
  await playStream(() => bytewise, async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n");
  });
});

for (const [name, make] of [["fused", () => []], ["piped", () => [nativePair()]]] as const) {
  test(`a body that isn't chunked comes in pieces of at most 4096 bytes, ${name}`, async () => {
    const { transform, calls } = spied({ transform: (chunk, controller) => controller.enqueue(chunk) });
    await playStream(() => [transform, ...make()], async ({ client, upstream }) => {
      upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n${"A".repeat(10_000)}`);
      await client.getsHead();
      const [full, rest] = ["A".repeat(4096), "A".repeat(10_000 - 8192)];
      await client.gets(`1000\r\n${full}\r\n1000\r\n${full}\r\n710\r\n${rest}\r\n0\r\n\r\n`);
      assert.deepEqual(calls, ["4096", "4096", "1808", "flush"]);
    });
  });

  test(`a transform that shows its pieces to nobody gets them as they were read, unless told, ${name}`, async () => {
    for (const [chunkSize, sizes] of [[undefined, ["10000"]], [6000, ["6000", "4000"]]] as const) {
      const { transform, calls } = spied({
        transform: (chunk, controller) => controller.enqueue(chunk),
        retains: false,
        fragments: true,
      });
      const steps = [transform, ...make()];
      const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.stream = steps) }];
      await play({ hooks, ...(chunkSize === undefined ? {} : { chunkSize }) }, async ({ client, origin }) => {
        client.send(GET);
        const upstream = await origin();
        await upstream.getsHead();
        upstream.send(`HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n${"A".repeat(10_000)}`);
        await client.getsHead();
        // A pair of streams shows its pieces to whoever reads them.
        const cut = name === "piped" && chunkSize === undefined ? ["4096", "4096", "1808"] : sizes;
        const frames = cut.map(Number);
        await client.gets(
          frames.map((n) => `${n.toString(16)}\r\n${"A".repeat(n)}\r\n`).join("") + "0\r\n\r\n",
        );
        assert.deepEqual(calls, [...frames.map(String), "flush"]);
      });
    }
  });

  test(`a piece is passed on when it is there, not held to fill 4096, ${name}`, async () => {
    await playStream(() => [makeTransform(shout), ...make()], async ({ client, upstream }) => {
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nab");
      await client.getsHead();
      await client.gets("2\r\nAB\r\n");
      upstream.send("cd");
      await client.gets("2\r\nCD\r\n");
      upstream.send("ef");
      await client.gets("2\r\nEF\r\n0\r\n\r\n");
    });
  });

  test(`a wire chunk reaches a transform whole where it was read whole, ${name}`, async () => {
    const { transform, calls } = spied({ transform: (chunk, controller) => controller.enqueue(chunk) });
    await playStream(() => [transform, ...make()], async ({ client, upstream }) => {
      upstream.send(`${CHUNKED}2710\r\n${"A".repeat(10_000)}\r\n0\r\n\r\n`);
      await client.getsHead();
      await client.gets(`2710\r\n${"A".repeat(10_000)}\r\n0\r\n\r\n`);
      assert.deepEqual(calls, ["10000", "flush"]);
    });
  });
}

/** `foobar` in the body of each framing, cut at every offset. */
const body = "xfoobary";
const framings: [string, (cut: number) => readonly string[], boolean][] = [
  [
    "Content-Length",
    (cut) => ["HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n", body.slice(0, cut), body.slice(cut)],
    false,
  ],
  ["until EOF", (cut) => ["HTTP/1.1 200 OK\r\n\r\n", body.slice(0, cut), body.slice(cut)], true],
  [
    "one wire chunk",
    (cut) => [`${CHUNKED}8\r\n${body.slice(0, cut)}`, `${body.slice(cut)}\r\n0\r\n\r\n`],
    false,
  ],
  [
    "two wire chunks",
    (cut) => [
      `${CHUNKED}${cut}\r\n${body.slice(0, cut)}\r\n`,
      `${8 - cut}\r\n${body.slice(cut)}\r\n0\r\n\r\n`,
    ],
    false,
  ],
  [
    "two wire chunks in one read",
    (cut) => [
      `${CHUNKED}${cut}\r\n${body.slice(0, cut)}\r\n${8 - cut}\r\n${body.slice(cut)}\r\n0\r\n\r\n`,
    ],
    false,
  ],
];

/** The bytes of a chunked body, and that none of its frames is empty. */
function joined(wire: string): string {
  let data = "";
  for (let at = 0;;) {
    const end = wire.indexOf("\r\n", at);
    const size = Number.parseInt(wire.slice(at, end), 16);
    if (size === 0) {
      assert.equal(wire.slice(at), "0\r\n\r\n");
      return data;
    }
    data += wire.slice(end + 2, end + 2 + size);
    assert.equal(wire.slice(end + 2 + size, end + 4 + size), "\r\n");
    at = end + 4 + size;
  }
}

for (const [name, pieces, eof] of framings) {
  test(`foobar is replaced wherever it is cut: ${name}`, async () => {
    for (let cut = 1; cut < body.length; cut++) {
      await playStream(() => replace("foobar", "BAZ"), async ({ client, upstream }) => {
        for (const piece of pieces(cut)) {
          upstream.send(piece);
          await settle();
        }
        if (eof) upstream.end();
        await client.getsHead();
        await settle();
        const { received } = client;
        assert.equal(joined(received.slice(received.indexOf("\r\n\r\n") + 4)), "xBAZy");
      });
    }
  });
}

test("a function over the stream sees foobar wherever it is cut, through a replace before it", async () => {
  for (let cut = 1; cut < body.length; cut++) {
    await playStream(() => [replace("foobar", "baz"), modify], async ({ client, upstream }) => {
      upstream.send(`${CHUNKED}${cut}\r\n${body.slice(0, cut)}\r\n`);
      upstream.send(`${8 - cut}\r\n${body.slice(cut)}\r\n0\r\n\r\n`);
      await client.getsHead();
      await settle();
      assert.equal(joined(client.received.slice(client.received.indexOf("\r\n\r\n") + 4)), "XBAZY");
    });
  }
});

test("rawStream takes the same values", async () => {
  await playStream(() => [replace("x", "y"), modify], async ({ client, upstream }) => {
    upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("3\r\nABC\r\n0\r\n\r\n");
  }, { raw: true });
});

for (const value of [null, "text", 7, [7], [null], {}] as unknown as StreamValue[]) {
  test(`stream = ${JSON.stringify(value)} is refused with 500`, async () => {
    await playStream(() => value, async ({ client, upstream, ends, order }) => {
      upstream.send(`${CHUNKED}3\r\nabc\r\n0\r\n\r\n`);
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
      assert.match(ends[0] ?? "", /^Cannot (stream the body|run the pipeline) as .* must be .*: got /);
      assert.deepEqual(order, badly);
    });
  });
}

test("an appender's text is the last frame", async () => {
  await playStream(() => makeTransform(appender("<EOF>")), async ({ client, upstream }) => {
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc");
    await client.getsHead();
    await client.gets("3\r\nabc\r\n5\r\n<EOF>\r\n0\r\n\r\n");
  });
});
