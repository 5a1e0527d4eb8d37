/**
 * Holds `compose` to what piping does, on a zoo of odd transformers: the same bytes come out, and the same
 * steps get `flush` and `cancel`. A chunk is given only after everything that the one before it set off has
 * come to rest, as piped streams work ahead of one another otherwise, and which of two steps is first would
 * be chance.
 */

import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import * as ponyfill from "web-streams-polyfill";
import {
  compose,
  type Controller,
  limit,
  makeTransform,
  rechunk,
  replace,
  tap,
  type Transformer,
  type TransformStreamConstructor,
  useTransformStream,
} from "../../transforms/mod.ts";
import { CancellingTransformStream } from "../../transforms/transform-stream.ts";
import { assertSplits, bytes, run, seed, text } from "../harness/splits.ts";

/** What a step does; `cancel` and the record of what the step saw are the same for all. */
interface Behaviour {
  transform(chunk: Uint8Array, controller: Controller, count: number): void;
  flush?(controller: Controller): void;
}

function pass(chunk: Uint8Array, controller: Controller): void {
  controller.enqueue(chunk);
}

/** Makes the behaviours anew, as some hold something. */
const zoo: Readonly<Record<string, () => Behaviour>> = {
  pass: () => ({ transform: pass }),
  double: () => ({
    transform(chunk, controller) {
      controller.enqueue(chunk);
      controller.enqueue(chunk);
    },
  }),
  swallow: () => ({ transform() {} }),
  flushOnly: () => {
    const held: Uint8Array[] = [];
    return {
      transform: (chunk) => void held.push(chunk),
      flush: (controller) => held.forEach((chunk) => controller.enqueue(chunk)),
    };
  },
  bracket: () => ({ transform: pass, flush: (controller) => controller.enqueue(bytes(")")) }),
  terminateFirst: () => ({ transform: (_chunk, controller) => controller.terminate() }),
  terminateSecond: () => ({
    transform(chunk, controller, count) {
      controller.enqueue(chunk);
      if (count === 2) controller.terminate();
    },
  }),
  terminateInFlush: () => ({
    transform: pass,
    flush(controller) {
      controller.enqueue(bytes("!"));
      controller.terminate();
    },
  }),
  throwFirst: () => ({
    transform() {
      throw new Error("first");
    },
  }),
  throwThird: () => ({
    transform(chunk, controller, count) {
      if (count === 3) throw new Error("third");
      controller.enqueue(chunk);
    },
  }),
  throwInFlush: () => ({
    transform: pass,
    flush() {
      throw new Error("in flush");
    },
  }),
};

/** What the steps of a chain saw of the end, in place of each a word. */
type Ends = string[];

function makeSteps(names: readonly string[], ends: Ends): Transformer[] {
  return names.map((name, place) => {
    const behaviour = (zoo[name] as () => Behaviour)();
    let count = 0;
    ends[place] = "";
    return {
      transform: (chunk, controller) => behaviour.transform(chunk, controller, ++count),
      flush(controller) {
        ends[place] += "flush";
        behaviour.flush?.(controller);
      },
      cancel() {
        ends[place] += "cancel";
      },
    };
  });
}

/** How a chain ended, and what came out of it before. */
interface Outcome {
  readonly output: string;
  readonly error: string | null;
  readonly ends: Ends;
}

/** One class of streams. */
interface Streams {
  readonly ReadableStream: typeof ReadableStream;
  readonly TransformStream: typeof TransformStream;
}

const classes: Readonly<Record<string, Streams>> = {
  native: { ReadableStream, TransformStream },
  ponyfill: ponyfill as unknown as Streams,
  own: { ReadableStream, TransformStream: CancellingTransformStream as unknown as typeof TransformStream },
};

const body = ["a", "b", "c", "d"].map(bytes);

async function stream(streams: Streams, names: readonly string[], fused: boolean): Promise<Outcome> {
  const ends: Ends = [];
  const steps = makeSteps(names, ends);
  let given = 0;
  const source = new streams.ReadableStream<Uint8Array>({
    async pull(controller) {
      await setImmediate();
      const chunk = body[given++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }, { highWaterMark: 0 });
  const output = (fused ? [compose(...steps)] : steps)
    .reduce((readable, step) => readable.pipeThrough(new streams.TransformStream(step)), source);
  const reader = output.getReader();
  const pieces: Uint8Array[] = [];
  let error: string | null = null;
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) pieces.push(read.value);
  } catch (cause) {
    error = (cause as Error).message;
  }
  await setImmediate();
  return { output: text(...pieces), error, ends };
}

function direct(names: readonly string[]): Outcome {
  const ends: Ends = [];
  const chain = compose(...makeSteps(names, ends));
  const pieces: Uint8Array[] = [];
  let terminated = false;
  let error: string | null = null;
  const controller = {
    enqueue: (chunk: Uint8Array) => void pieces.push(chunk),
    terminate: () => void (terminated = true),
  };
  try {
    for (const chunk of body) if (!terminated) chain.transform(chunk, controller);
    if (!terminated) chain.flush?.(controller);
  } catch (cause) {
    error = (cause as Error).message;
  }
  return { output: text(...pieces), error, ends };
}

const names = Object.keys(zoo);
const one = names.map((name) => [name]);
const two = one.flatMap((chain) => names.map((name) => [...chain, name]));
const three = two.flatMap((chain) => names.map((name) => [...chain, name]));

/** How many steps of a chain end it before its input ends. */
function earlyEnds(chain: readonly string[]): number {
  return chain.filter((name) => /^(?:terminate|throw)/.test(name)).length;
}

/** Takes `flush` to be as good as `cancel`. */
function alike(ends: Ends): Ends {
  return ends.map((end) => end === "cancel" ? "flush" : end);
}

function exactly(ends: Ends): Ends {
  return ends;
}

/**
 * Asserts that fused and piped chains do, in streams of one class, what a direct call of the fused one does.
 *
 * Where two steps of a piped chain end early, it is chance whether a step between them is flushed by the one or
 * cancelled by the other: Node 24 and later have it otherwise than all else.
 */
async function assertSame(
  streams: Streams,
  chain: readonly string[],
  likenessOfAll: (ends: Ends) => Ends = exactly,
): Promise<void> {
  const expected = direct(chain);
  for (const fused of [true, false]) {
    const actual = await stream(streams, chain, fused);
    const likeness = !fused && earlyEnds(chain) > 1 ? alike : likenessOfAll;
    const name = `${fused ? "fused" : "piped"}: ${chain.join(", ")}`;
    assert.deepEqual([likeness(actual.ends), actual.error], [likeness(expected.ends), expected.error], name);
    // An error overtakes what is still queued in a stream.
    if (expected.error === null) assert.equal(actual.output, expected.output, name);
    else {assert.ok(
        expected.output.startsWith(actual.output),
        `${name}: ${actual.output}, ${expected.output}`,
      );}
  }
}

/** A step that writes down what it sees. */
function witness(name: string, log: string[]): Transformer {
  return {
    transform(chunk, controller) {
      log.push(`${name} ${text(chunk)}`);
      controller.enqueue(chunk);
    },
    flush: () => void log.push(`${name} flush`),
    cancel: (reason) => void log.push(`${name} cancel ${(reason as Error).message}`),
  };
}

/** A step that calls a function for each chunk. */
function step(transform: Transformer["transform"]): Transformer {
  return { transform };
}

const nowhere: Controller = { enqueue() {}, terminate() {} };

for (const [name, streams] of Object.entries(classes)) {
  describe(`compose equals piping, ${name} streams`, () => {
    it("for every step, pair and triple of the zoo", async () => {
      for (const chain of [...one, ...two, ...three]) await assertSame(streams, chain);
    });

    // Which of two steps ends first, and whether the end of the body overtakes that, is chance in piped
    // streams as soon as one step gives several chunks at once: so one ends early, and `flush` is as good as
    // `cancel` here.
    it("for longer chains", async () => {
      const chains = fc.array(fc.constantFrom(...names), { minLength: 4, maxLength: 8 })
        .filter((chain) => earlyEnds(chain) < 2);
      await fc.assert(
        fc.asyncProperty(chains, (chain) => assertSame(streams, chain, alike)),
        { seed, numRuns: 300 },
      );
    });

    for (const fused of [true, false]) {
      const how = fused ? "fused" : "piped";
      const chained = (steps: readonly Transformer[], source: ReadableStream<Uint8Array>) =>
        (fused ? [compose(...steps)] : steps)
          .reduce((readable, step) => readable.pipeThrough(new streams.TransformStream(step)), source);

      it(`cancels every step when the reader leaves, ${how}`, async () => {
        const log: string[] = [];
        const source = new streams.ReadableStream<Uint8Array>({
          pull: (controller) => controller.enqueue(bytes("x")),
          cancel: (reason) => void log.push(`source cancel ${(reason as Error).message}`),
        }, { highWaterMark: 0 });
        const reader = chained([witness("1", log), witness("2", log)], source).getReader();
        await reader.read();
        await reader.cancel(new Error("left"));
        await setImmediate();
        const ends = log.filter((line) => !line.endsWith("x"));
        assert.deepEqual(ends.sort(), ["1 cancel left", "2 cancel left", "source cancel left"]);
      });

      it(`cancels every step when the source fails, ${how}`, async () => {
        const log: string[] = [];
        const source = new streams.ReadableStream<Uint8Array>({
          pull: (controller) => controller.error(new Error("broken")),
        }, { highWaterMark: 0 });
        const reader = chained([witness("1", log), witness("2", log)], source).getReader();
        await assert.rejects(reader.read(), { message: "broken" });
        await setImmediate();
        assert.deepEqual(log, ["1 cancel broken", "2 cancel broken"].sort(fused ? descending : ascending));
      });
    }
  });
}

// A fused chain hears of a cancel once, and not from which side: the steps are told from the reader's end
// upwards.
const ascending = (a: string, b: string): number => a < b ? -1 : 1;
const descending = (a: string, b: string): number => -ascending(a, b);

describe("compose", () => {
  it("of nothing is the identity", () => {
    assertSplits(() => compose(), "hello", "hello");
    const chunk = bytes("x");
    const out: Uint8Array[] = [];
    compose().transform(chunk, { ...nowhere, enqueue: (piece) => void out.push(piece) });
    assert.equal(out[0], chunk);
  });

  it("fuses what it has fused before", () => {
    const inner = () => compose(replace("a", "b"), compose(replace("b", "cc")), compose());
    assertSplits(() => compose(inner(), replace("ccc", "d")), "abba", "ddcc");
  });

  it("ends a chain that it has fused before like any other", () => {
    const log: string[] = [];
    const inner = compose(witness("1", log), limit(1, { onExcess: "terminate" }), witness("2", log));
    const { terminated } = run(compose(inner, witness("3", log)), [bytes("ab"), bytes("c")]);
    assert.ok(terminated);
    const end = "Cannot take the rest of the body as every step must want it: a later one has ended it";
    assert.deepEqual(log, ["1 ab", "2 a", "3 a", "2 flush", "3 flush", `1 cancel ${end}`]);
  });

  it("gives the same for every cut, through all the transforms of this library", () => {
    const make = () =>
      compose(
        replace("foo", "ba"),
        rechunk(3, { exact: true }),
        tap(() => {}),
        replace("bab", "o"),
        limit(12),
      );
    const input = "foofoobar foobfoo";
    assertSplits(make, input, input.replaceAll("foo", "ba").replaceAll("bab", "o"));
  });

  it("retains if a step does, or does not say", () => {
    assert.equal(compose().retains, false);
    assert.equal(compose(replace("a", "b"), rechunk(), limit(1)).retains, false);
    assert.equal(compose(replace("a", "b"), tap(() => {})).retains, true);
    assert.equal(compose(step(pass)).retains, true);
    assert.equal(compose({ ...step(pass), retains: false }).retains, false);
    assert.equal(compose(makeTransform(step(pass))).retains, true);
  });

  it("makes fragments of one piece only if every step does", () => {
    assert.equal(compose(replace("a", "b"), tap(() => {}), limit(1)).fragments, true);
    assert.equal(compose(replace("a", "b"), rechunk()).fragments, false);
    assert.equal(compose(replace("a", "b"), step(pass)).fragments, false);
    assert.equal(compose(makeTransform(step(pass), { fragments: true })).fragments, true);
  });

  it("takes no more input once a step has ended the body", () => {
    const log: string[] = [];
    const chain = compose(witness("1", log), limit(0, { onExcess: "terminate" }));
    for (const letter of ["a", "b"]) chain.transform(bytes(letter), nowhere);
    chain.flush?.(nowhere);
    assert.equal(log.length, 2);
    assert.match(log[1] as string, /^1 cancel /);
  });

  it("hides a failure from the steps above, which did not cause it", () => {
    let returned = false;
    const above = step((chunk, controller) => {
      controller.enqueue(chunk);
      controller.enqueue(chunk);
      returned = true;
    });
    const chain = compose(
      above,
      step(() => {
        throw new Error("below");
      }),
    );
    assert.throws(() => chain.transform(bytes("x"), nowhere), { message: "below" });
    assert.ok(returned);
  });

  it("reports the first of two failures, and cancels neither step", () => {
    const log: string[] = [];
    const failing = (name: string): Transformer => ({
      ...witness(name, log),
      transform(chunk, controller) {
        controller.enqueue(chunk);
        throw new Error(name);
      },
    });
    const chain = compose(witness("0", log), failing("1"), failing("2"), witness("3", log));
    assert.throws(() => chain.transform(bytes("x"), nowhere), { message: "2" });
    assert.deepEqual(log, ["0 x", "3 x", "3 cancel 2", "0 cancel 2"]);
  });

  it("fails a step that enqueues after it has ended its output", () => {
    const log: string[] = [];
    const chain = compose(
      step((chunk, controller) => {
        controller.terminate();
        controller.enqueue(chunk);
      }),
      witness("2", log),
    );
    assert.throws(() => chain.transform(bytes("x"), nowhere), TypeError);
    assert.equal(log.length, 1);
    assert.match(log[0] as string, /^2 cancel Cannot enqueue/);
  });

  it("fails a step that returns a promise, as nobody would wait for it", () => {
    const chain = compose({ transform: async () => {} });
    assert.throws(
      () => chain.transform(bytes("x"), nowhere),
      /must finish before they return: got a promise/,
    );
    const late = compose({ transform: pass, flush: async () => {} });
    assert.throws(() => late.flush?.(nowhere), /must finish before they return: got a promise/);
  });

  it("takes what such a promise fails with for the same mistake, not for an unhandled rejection", async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const chain = compose({
        async transform(chunk, controller) {
          await setImmediate();
          controller.enqueue(chunk);
        },
      });
      assert.throws(() => chain.transform(bytes("x"), nowhere), /got a promise/);
      for (let i = 0; i < 3; i++) await setImmediate();
      assert.deepEqual(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("tells every step of a cancel, and then throws what the first one threw", () => {
    const log: string[] = [];
    const failing: Transformer = {
      transform: pass,
      cancel() {
        throw new Error("in cancel");
      },
    };
    const chain = compose(witness("1", log), failing, witness("3", log));
    assert.throws(() => chain.cancel?.(new Error("gone")), { message: "in cancel" });
    assert.deepEqual(log, ["3 cancel gone", "1 cancel gone"]);
  });

  it("calls the methods of a step on the step", () => {
    class Counter implements Transformer {
      count = 0;
      transform(chunk: Uint8Array, controller: Controller): void {
        this.count++;
        controller.enqueue(chunk);
      }
      flush(): void {
        this.count += 10;
      }
    }
    const counter = new Counter();
    run(compose(counter), [bytes("x"), bytes("y")]);
    assert.equal(counter.count, 12);
  });

  it("may be fed from within its own output, and ends when all calls have returned", () => {
    const log: string[] = [];
    const last: Transformer = {
      transform(chunk, controller) {
        log.push(text(chunk));
        controller.enqueue(chunk);
        log.push(`${text(chunk)} returns`);
      },
      flush: () => void log.push("flush"),
    };
    const chain = compose(limit(2, { onExcess: "terminate" }), last);
    const controller: Controller = {
      enqueue: () => chain.transform(bytes("z"), controller),
      terminate: () => void log.push("end"),
    };
    chain.transform(bytes("a"), controller);
    assert.deepEqual(log, ["a", "z", "z returns", "a returns", "flush", "end"]);
  });

  it("gives no output after a failure in a call from within its own output", () => {
    const out: string[] = [];
    const chain = compose(
      limit(1),
      step((chunk, controller) => {
        controller.enqueue(chunk);
        controller.enqueue(bytes("again"));
      }),
    );
    const controller: Controller = {
      enqueue(chunk) {
        out.push(text(chunk));
        chain.transform(bytes("z"), controller);
      },
      terminate() {},
    };
    assert.throws(() => chain.transform(bytes("a"), controller), RangeError);
    assert.deepEqual(out, ["a"]);
  });

  it("takes no input from within the output of its flush", () => {
    const log: string[] = [];
    const chain = compose({ ...witness("1", log), flush: (controller) => controller.enqueue(bytes("end")) });
    const out: string[] = [];
    const controller: Controller = {
      enqueue(chunk) {
        out.push(text(chunk));
        chain.transform(bytes("z"), controller);
      },
      terminate() {},
    };
    chain.flush?.(controller);
    assert.deepEqual([out, log], [["end"], []]);
  });

  it("refuses what is no transformer", () => {
    assert.throws(() => compose(replace("a", "b"), "x" as unknown as Transformer), {
      name: "TypeError",
      message: "Cannot compose as step 2 must be an object with a transform method: got string",
    });
    assert.throws(() => compose(null as unknown as Transformer), TypeError);
  });
});

describe("a transform", () => {
  it("is ended once: a cancel after the flush does nothing", () => {
    const log: string[] = [];
    const transform = makeTransform(witness("1", log));
    transform.flush?.(nowhere);
    transform.cancel?.(new Error("left"));
    assert.deepEqual(log, ["1 flush"]);
  });
});

describe("a transform as a pair of streams", () => {
  it("makes the streams when they are asked for, once", () => {
    let made = 0;
    class Counted extends TransformStream<Uint8Array, Uint8Array> {
      constructor(transformer: Transformer) {
        super(transformer);
        made++;
      }
    }
    useTransformStream(Counted);
    try {
      const transform = replace("a", "b");
      run(transform, [bytes("a")]);
      assert.equal(made, 0);
      const { readable, writable } = transform;
      assert.equal(made, 1);
      assert.deepEqual([transform.readable, transform.writable], [readable, writable]);
    } finally {
      useTransformStream(null);
    }
    assert.ok(replace("a", "b").readable instanceof ReadableStream);
    assert.equal(made, 1);
  });

  it("is of the ponyfill's class when that is handed over", async () => {
    useTransformStream(ponyfill.TransformStream as unknown as TransformStreamConstructor);
    try {
      const source = ponyfill.ReadableStream.from(body) as unknown as ReadableStream<Uint8Array>;
      const output = source.pipeThrough(compose(replace("bc", "x"), rechunk(1)));
      assert.ok((output as unknown) instanceof ponyfill.ReadableStream);
      const pieces: Uint8Array[] = [];
      for await (const piece of output) pieces.push(piece);
      assert.equal(text(...pieces), "axd");
    } finally {
      useTransformStream(null);
    }
  });

  it("works as an ordinary transformer of an ordinary TransformStream", async () => {
    const source = new Response("foobar").body as ReadableStream<Uint8Array>;
    const output = source.pipeThrough(new TransformStream(compose(replace("foo", "x"), replace("xb", "y"))));
    assert.equal(await new Response(output).text(), "yar");
  });

  it("does not work ahead of its reader", async () => {
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++;
        controller.enqueue(bytes("x"));
      },
    }, { highWaterMark: 0 });
    const reader = source.pipeThrough(compose(tap(() => {}), tap(() => {}), tap(() => {}))).getReader();
    await reader.read();
    await setImmediate();
    assert.ok(pulled <= 2, `${pulled} chunks for one read`);
    await reader.cancel();
  });
});
