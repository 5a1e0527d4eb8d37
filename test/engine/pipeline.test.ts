/**
 * `pipeline` by itself: fused, piped, through functions, mixed; errors and cancellation.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HTMLRewriter } from "html-rewriter-wasm";
import { pipeline, type StreamStep } from "../../lib/pipeline.ts";
import type { Stage } from "../../lib/stages.ts";
import { fromIterable, streams } from "../../lib/streams.ts";
import { htmlRewrite } from "../../lib/html-rewrite.ts";
import { tee } from "../../lib/tee.ts";
import { throttle } from "../../lib/throttle.ts";
import { compose, makeTransform, replace, type Transformer } from "../../transforms/mod.ts";
import { spied } from "../harness/observe.ts";
import { latin1, octets, settle } from "../harness/playbook.ts";

/** A body of some chunks that tells whether it was cancelled. */
function source(
  chunks: readonly string[],
  { error, classes = streams }: { error?: Error; classes?: { ReadableStream: typeof ReadableStream } } = {},
): { body: ReadableStream<Uint8Array>; cancelled: unknown[] } {
  const left = [...chunks];
  const cancelled: unknown[] = [];
  const body = new classes.ReadableStream<Uint8Array>({
    pull(controller) {
      const next = left.shift();
      if (next !== undefined) controller.enqueue(octets(next));
      else if (error !== undefined) controller.error(error);
      else controller.close();
    },
    cancel: (reason) => void cancelled.push(reason),
  }, { highWaterMark: 0 });
  return { body, cancelled };
}

async function text(body: ReadableStream<Uint8Array>): Promise<string> {
  const reader = body.getReader();
  let read = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read;
    read += latin1(value);
  }
}

const upper = (chunk: Uint8Array) => octets(latin1(chunk).toUpperCase());
const shout: Transformer = { transform: (chunk, controller) => controller.enqueue(upper(chunk)) };
const nativePair = () =>
  new TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => controller.enqueue(upper(chunk)),
  });
const ourPair = () =>
  new streams.TransformStream<Uint8Array, Uint8Array>({
    transform: (chunk, controller) => controller.enqueue(upper(chunk)),
  });

async function* modify(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield upper(chunk);
}

/** Stages that turn `foobar` and more into `BARX`. */
const chains: [string, () => (Stage | StreamStep)[]][] = [
  ["fused", () => [replace("foobar", "bar"), replace("baz", "x"), shout]],
  ["a transform and a native pair", () => [replace("foobar", "bar"), replace("baz", "x"), nativePair()]],
  [
    "a transform and a pair of the engine's classes",
    () => [replace("foobar", "bar"), replace("baz", "x"), ourPair()],
  ],
  ["pairs alone", () => [replace("foobar", "bar"), nativePair(), nativePair(), replace("BAZ", "X")]],
  ["async function*", () => [replace("foobar", "bar"), modify, replace("BAZ", "X")]],
  ["a function that returns a stream", () => [
    replace("foobar", "bar"),
    (body) => body.pipeThrough(makeTransform(shout)),
    replace("BAZ", "X"),
  ]],
  ["a function that returns a native stream", () => [
    replace("foobar", "bar"),
    (body) =>
      new ReadableStream<Uint8Array>({
        async start(controller) {
          controller.enqueue(octets((await text(body)).toUpperCase()));
          controller.close();
        },
      }),
    replace("BAZ", "X"),
  ]],
  ["all of them", () => [
    replace("foobar", "bar"),
    nativePair(),
    modify,
    ourPair(),
    replace("BAZ", "x"),
    shout,
  ]],
];

for (const [name, make] of chains) {
  for (const [kind, classes] of [["the engine's", streams], ["the runtime's", globalThis]] as const) {
    test(`pipeline: ${name}, of a stream of ${kind} classes`, async () => {
      const { body } = source(["fo", "ob", "arb", "az"], { classes });
      assert.equal(await text(pipeline(body, make())), "BARX");
    });
  }

  test(`pipeline: ${name}, an error of the source comes out`, async () => {
    const error = new Error("source");
    const { body } = source(["foo", "bar", "baz"], { error });
    await assert.rejects(text(pipeline(body, make())), error);
  });
}

// But for the one that reads all of its input before it has any output.
for (const [name, make] of chains.filter(([name]) => name !== "a function that returns a native stream")) {
  test(`pipeline: ${name}, a cancel reaches the source`, async () => {
    const { body, cancelled } = source(["foo", "barfoobar!", "bar", "x", "y", "z", "u", "v", "w"]);
    const output = pipeline(body, make());
    const reader = output.getReader();
    await reader.read();
    await reader.cancel(new Error("enough"));
    await settle();
    assert.equal(cancelled.length, 1);
  });
}

test("pipeline: an empty list returns the body itself", () => {
  const { body } = source([]);
  assert.equal(pipeline(body, []), body);
});

/** Stages that fail on the second chunk. */
const failing: [string, () => Stage | StreamStep][] = [
  ["a transform", () => ({
    transform(chunk, controller) {
      if (latin1(chunk) === "b") throw new Error("no b");
      controller.enqueue(chunk);
    },
  })],
  ["a native pair", () =>
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        if (latin1(chunk) === "b") throw new Error("no b");
        controller.enqueue(chunk);
      },
    })],
  ["a function", () =>
    async function* (body) {
      for await (const chunk of body) {
        if (latin1(chunk) === "b") throw new Error("no b");
        yield chunk;
      }
    }],
];

for (const [name, make] of failing) {
  test(`pipeline: an error of ${name} comes out, and cancels the source and the transforms`, async () => {
    const { body, cancelled } = source(["a", "b", "c", "d"]);
    const above = spied(shout);
    const below = spied({ transform: (chunk, controller) => controller.enqueue(chunk) });
    const lower = new streams.TransformStream<Uint8Array, Uint8Array>({
      transform: (chunk, controller) => controller.enqueue(octets(latin1(chunk).toLowerCase())),
    });
    const stages = [above.transform, lower, make(), below.transform] as Stage[];
    await assert.rejects(text(pipeline(body, stages)), /no b/);
    await settle();
    assert.equal(cancelled.length, 1);
    assert.equal(above.calls.at(-1), "cancel");
    assert.equal(above.calls.filter((call) => call === "cancel" || call === "flush").length, 1);
    assert.deepEqual(below.calls, ["1", "cancel"]);
  });
}

for (const stage of [null, undefined, 7, "text", {}, { readable: 1 }]) {
  test(`pipeline: ${JSON.stringify(stage)} is no stage`, () => {
    const { body } = source([]);
    assert.throws(() => pipeline(body, [stage as unknown as Stage]), {
      name: "TypeError",
      message: /^Cannot run the pipeline as a stage must be .*: got /,
    });
  });
}

test("pipeline: a function must return a stream or an async iterable", () => {
  for (const result of [undefined, null, "text", [1]]) {
    const { body } = source([]);
    assert.throws(() => pipeline(body, [(() => result) as never]), {
      name: "TypeError",
      message: /must return a ReadableStream or an async iterable: got /,
    });
  }
});

/** Near misses, and what is said of them. */
const misses: [string, unknown, RegExp][] = [
  ["flush alone", { flush: () => {} }, /got an object without a transform function$/],
  ["a promise of a stage", Promise.resolve(shout), /got a promise$/],
  [
    "a pair of no streams",
    { readable: 1, writable: null },
    /got a pair whose readable and writable are not streams$/,
  ],
  [
    "an async function",
    () => Promise.reject(new Error("no")),
    /got a promise; write async function\* instead/,
  ],
];

for (const [name, stage, message] of misses) {
  test(`pipeline: the error for ${name} says what is wrong`, () => {
    assert.throws(() => pipeline(source([]).body, [stage as Stage]), { name: "TypeError", message });
  });
}

test("pipeline: nothing is read before somebody reads", async () => {
  const { body } = source(["a"]);
  let pulled = false;
  const watched = new streams.ReadableStream<Uint8Array>({
    pull: () => void (pulled = true),
  }, { highWaterMark: 0 });
  pipeline(watched, [async function* (chunks) {
    yield* chunks;
  }]);
  pipeline(body, []);
  await settle();
  assert.equal(pulled, false);
});

test("pipeline: takes one stage as it is", async () => {
  assert.equal(await text(pipeline(source(["foobar"]).body, replace("foo", ""))), "bar");
});

test("pipeline: refuses a body that is none, or has a reader", () => {
  const wrong = (body: unknown, stages: readonly Stage[]) => () =>
    pipeline(body as ReadableStream<Uint8Array>, stages);
  for (const stages of [[], [shout], [nativePair()]]) {
    const wanted = "Cannot run the pipeline as the body must be a ReadableStream: got ";
    const hint = "; of a Response take its body, or use transformResponse";
    for (const [body, name] of [[new Response("a"), "Response"], ["a", "string"], [null, "null"]] as const) {
      assert.throws(wrong(body, stages), { name: "TypeError", message: wanted + name + hint });
    }
    for (const classes of [streams, globalThis]) {
      const { body } = source(["a"], { classes });
      body.getReader();
      assert.throws(wrong(body, stages), { name: "TypeError", message: /the body must be free/ });
    }
  }
});

/** What is no chunk of a body, and what the error calls it. */
const wrongChunks: readonly (readonly [chunk: unknown, name: string])[] = [
  ["text", "string"],
  [new ArrayBuffer(3), "ArrayBuffer"],
  [new DataView(new ArrayBuffer(3)), "DataView"],
  [Uint16Array.of(1), "Uint16Array"],
  [[1, 2], "Array"],
  [null, "null"],
];

/** Stages of which each is the first to see the chunks. */
const first: readonly (readonly [name: string, make: () => Stage | StreamStep])[] = [
  ["a transform", () => replace("a", "b")],
  ["fused transforms", () => compose(replace("a", "b"), shout)],
  ["a transformer of one's own", () => ({ transform: (chunk, controller) => controller.enqueue(chunk) })],
  ["throttle", () => throttle({ latencyMs: 1 })],
  ["tee", () => tee({ write: () => {} })],
  ["htmlRewrite", () => htmlRewrite(HTMLRewriter, () => {})],
];

for (const [name, make] of first) {
  test(`pipeline: chunks that are no bytes fail the body: ${name}`, async () => {
    for (const [chunk, called] of wrongChunks) {
      const body = fromIterable([octets("x"), chunk as Uint8Array]);
      await assert.rejects(text(pipeline(body, [make()])), {
        name: "TypeError",
        message: `Cannot stream the body as its chunks must be of Uint8Array: got ${called}; ` +
          "encode text with new TextEncoder().encode(text), and wrap a buffer: new Uint8Array(buffer)",
      });
    }
  });
}

test("pipeline: a chunk that is no bytes cancels the transform that would get it", async () => {
  const { transform, calls } = spied(shout);
  await assert.rejects(text(pipeline(fromIterable(["text" as unknown as Uint8Array]), [transform])));
  assert.deepEqual(calls, ["cancel"]);
});
