/** A slow line, on a clock that a test moves. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pipeline } from "../../lib/pipeline.ts";
import { fromIterable, streams } from "../../lib/streams.ts";
import { throttle, type ThrottleClock, type ThrottleOptions } from "../../lib/throttle.ts";
import { bytes, text } from "../harness/splits.ts";

/** Time that goes on when it is told to. */
class ManualClock implements ThrottleClock {
  #time = 0;
  readonly #timers = new Set<{ readonly at: number; readonly call: () => void }>();

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#time;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { at: this.#time + ms, call };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Goes on, millisecond by millisecond, and lets what follows happen. */
  async advance(ms: number): Promise<void> {
    await settled();
    for (let i = 0; i < ms; i++) {
      this.#time++;
      for (const timer of [...this.#timers]) {
        if (timer.at > this.#time) continue;
        this.#timers.delete(timer);
        timer.call();
      }
      await settled();
    }
  }
}

/** Everything that waits for nothing but promises has happened. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

/** What is read, and when. */
function readAll(body: ReadableStream<Uint8Array>, clock: ThrottleClock): [ms: number, chunk: string][] {
  const log: [ms: number, chunk: string][] = [];
  const reader = body.getReader();
  void (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      log.push([clock.now(), done ? "end" : text(value)]);
      if (done) return;
    }
  })();
  return log;
}

describe("throttle", () => {
  it("passes a body on at once where it is told nothing", async () => {
    const clock = new ManualClock();
    const log = readAll(
      fromIterable([bytes("ab"), bytes("c")]).pipeThrough(throttle({ clock })),
      clock,
    );
    await settled();
    await settled();
    assert.deepEqual(log, [[0, "ab"], [0, "c"], [0, "end"]]);
    assert.equal(clock.pending, 0);
  });

  it("passes on so many bytes in a second", async () => {
    const clock = new ManualClock();
    const slow = throttle({ bytesPerSecond: 100, clock });
    const log = readAll(
      fromIterable([bytes("hello world"), bytes("!")]).pipeThrough(slow),
      clock,
    );
    await clock.advance(200);
    assert.deepEqual(log, [[0, "hello"], [50, " worl"], [100, "d"], [110, "!"], [110, "end"]]);
  });

  it("delays every chunk, and not one after the other", async () => {
    const clock = new ManualClock();
    const slow = throttle({ latencyMs: 30, clock });
    const log = readAll(slow.readable, clock);
    const writer = slow.writable.getWriter();
    void writer.write(bytes("a"));
    await clock.advance(10);
    void writer.write(bytes("b"));
    void writer.write(bytes(""));
    void writer.close();
    await clock.advance(40);
    assert.deepEqual(log, [[30, "a"], [40, "b"], [40, "end"]]);
  });

  it("makes nothing up for a source that was silent", async () => {
    const clock = new ManualClock();
    const slow = throttle({ bytesPerSecond: 20, clock });
    const log = readAll(slow.readable, clock);
    await clock.advance(1000);
    void slow.writable.getWriter().write(bytes("abc"));
    await clock.advance(200);
    assert.deepEqual(log, [[1000, "a"], [1050, "b"], [1100, "c"]]);
  });

  it("makes little up for a reader that was away", async () => {
    const clock = new ManualClock();
    const slow = throttle({ bytesPerSecond: 20, clock });
    void slow.writable.getWriter().write(bytes("abcd"));
    await clock.advance(1000);
    const log = readAll(slow.readable, clock);
    await clock.advance(200);
    assert.deepEqual(log, [[1000, "a"], [1000, "b"], [1050, "c"], [1100, "d"]]);
  });

  it("holds its source back when enough is under way", async () => {
    const clock = new ManualClock();
    let pulls = 0;
    const source = new streams.ReadableStream<Uint8Array>({
      pull: (controller) => {
        pulls++;
        controller.enqueue(new Uint8Array(16_384));
      },
    });
    const log = readAll(source.pipeThrough(throttle({ latencyMs: 1000, clock })), clock);
    await clock.advance(500);
    const before = pulls;
    assert.ok(before >= 5 && before <= 8, `${before}`);
    assert.deepEqual(log, []);
    await clock.advance(501);
    assert.ok(pulls > before);
  });

  it("has no timer and nothing to hold on to once the reader has left", async () => {
    const clock = new ManualClock();
    const reasons: unknown[] = [];
    const source = new streams.ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes("x".repeat(100_000))),
      cancel: (reason) => void reasons.push(reason),
    });
    const reader = source.pipeThrough(throttle({ latencyMs: 1000, clock })).getReader();
    const read = reader.read();
    await clock.advance(10);
    assert.equal(clock.pending, 1);
    const left = new Error("left");
    await reader.cancel(left);
    assert.deepEqual(await read, { done: true, value: undefined });
    await settled();
    assert.equal(clock.pending, 0);
    assert.deepEqual(reasons, [left]);
  });

  for (const size of [10, 100_000]) {
    it(`has no timer once the source has failed, with ${size} bytes under way`, async () => {
      const clock = new ManualClock();
      const slow = throttle({ latencyMs: 1000, clock });
      const read = slow.readable.getReader().read();
      const writer = slow.writable.getWriter();
      const written = writer.write(new Uint8Array(size));
      await clock.advance(10);
      assert.equal(clock.pending, 1);
      const failure = new Error("source");
      const aborted = writer.abort(failure);
      await assert.rejects(read, failure);
      assert.equal(clock.pending, 0);
      await written;
      await aborted;
    });
  }

  it("is a stage of a pipeline", async () => {
    const clock = new ManualClock();
    const body = fromIterable([bytes("abc")]);
    const log = readAll(
      pipeline(body, [throttle({ latencyMs: 5, clock }), throttle({ latencyMs: 5, clock })]),
      clock,
    );
    await clock.advance(20);
    assert.deepEqual(log, [[10, "abc"], [10, "end"]]);
  });

  it("is no slower than its clock", async () => {
    const begin = performance.now();
    const slow = fromIterable([bytes("x".repeat(100))]).pipeThrough(
      throttle({ bytesPerSecond: 1000 }),
    );
    let count = 0;
    for await (const chunk of slow) count += chunk.length;
    assert.equal(count, 100);
    assert.ok(performance.now() - begin >= 49);
  });

  it("refuses what it can't use", () => {
    for (const rate of [0, -1, NaN]) assert.throws(() => throttle({ bytesPerSecond: rate }), RangeError);
    for (const latency of [-1, NaN, Infinity]) {
      assert.throws(() => throttle({ latencyMs: latency }), RangeError);
    }
    assert.throws(() => throttle({ bytesPerSecond: "1k" as unknown as number }), {
      name: "TypeError",
      message: "Cannot throttle the body as bytesPerSecond must be above 0: got string",
    });
  });

  it("refuses options that are none", () => {
    for (const [options, name] of [[2000, "number"], ["1k", "string"], [null, "null"]] as const) {
      assert.throws(() => throttle(options as unknown as ThrottleOptions), {
        name: "TypeError",
        message: "Cannot throttle the body as the options must be an object, such as " +
          `{ bytesPerSecond: 2000, latencyMs: 20 }: got ${name}`,
      });
    }
  });
});
