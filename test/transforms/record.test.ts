import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers/promises";
import { streams } from "../../lib/streams.ts";
import {
  compose,
  limit,
  record,
  type RecordEnd,
  type RecordOptions,
  type RecordSink,
  type Transformer,
} from "../../transforms/mod.ts";
import { assertSplits, bytes, run, splits, text } from "../harness/splits.ts";

/** A sink whose writes are through when a test says so. */
class SlowSink implements RecordSink {
  readonly calls: string[] = [];
  readonly #open: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  write(chunk: Uint8Array): Promise<void> {
    this.calls.push(text(chunk));
    return new Promise((resolve, reject) => void this.#open.push({ resolve, reject }));
  }

  close(): Promise<void> {
    this.calls.push("close");
    return new Promise((resolve, reject) => void this.#open.push({ resolve, reject }));
  }

  abort(): void {
    this.calls.push("abort");
  }

  /** The oldest call that is under way succeeds, or fails. */
  async settle(error?: Error): Promise<void> {
    const next = this.#open.shift();
    assert.ok(next !== undefined, "nothing is under way");
    if (error === undefined) next.resolve();
    else next.reject(error);
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** A transform fed by hand. */
class Feed {
  readonly out: string[] = [];
  readonly #transformer: Transformer;
  readonly #controller = { enqueue: (chunk: Uint8Array) => void this.out.push(text(chunk)), terminate() {} };

  constructor(transformer: Transformer) {
    this.#transformer = transformer;
  }

  give(chunk: string): void {
    this.#transformer.transform(bytes(chunk), this.#controller);
  }

  end(): void {
    this.#transformer.flush?.(this.#controller);
  }
}

/** A feed, its sink, and what becomes of the copy. */
function slow(options: RecordOptions): { feed: Feed; sink: SlowSink; ends: RecordEnd[] } {
  const sink = new SlowSink();
  const ends: RecordEnd[] = [];
  const feed = new Feed(record(sink, { ...options, onEnd: (end) => void ends.push(end) }));
  return { feed, sink, ends };
}

describe("record", () => {
  it("changes nothing", () => {
    for (const onFull of ["stop", "drop"] as const) {
      assertSplits(() => record(() => {}, { maxBytes: 3, onFull }), "hello world", "hello world");
      assertSplits(
        () => record(new SlowSink(), { maxWaitingBytes: 3, onFull }),
        "hello world",
        "hello world",
      );
    }
  });

  it("copies the body, however it is cut", () => {
    for (const [name, chunks] of splits(bytes("hello world"))) {
      const copy: Uint8Array[] = [];
      run(record((chunk) => copy.push(chunk)), chunks);
      assert.equal(text(...copy), "hello world", name);
    }
  });

  it("copies the beginning of the body, however it is cut", () => {
    for (const [name, chunks] of splits(bytes("hello world"))) {
      const copy: Uint8Array[] = [];
      const ends: RecordEnd[] = [];
      const onEnd = (end: RecordEnd) => void ends.push(end);
      run(record((chunk) => copy.push(chunk), { maxBytes: 5, onFull: "drop", onEnd }), chunks);
      assert.equal(text(...copy), "hello", name);
      assert.deepEqual(ends, [{ how: "complete", bytes: 5, dropped: 6 }], name);
    }
  });

  it("writes to the writer of a stream, and closes it", async () => {
    const written: string[] = [];
    const sink = new streams.WritableStream<Uint8Array>({
      write: (chunk) => void written.push(text(chunk)),
      close: () => void written.push("close"),
    });
    const end = await new Promise<RecordEnd>((onEnd) => {
      run(record(sink.getWriter(), { onEnd }), [bytes("ab"), bytes("c")]);
    });
    assert.deepEqual(end, { how: "complete", bytes: 3, dropped: 0 });
    assert.deepEqual(written, ["ab", "c", "close"]);
  });

  it("never waits for a slow sink, and tells of the end when that is through", async () => {
    const { feed, sink, ends } = slow({});
    feed.give("ab");
    feed.give("c");
    feed.end();
    assert.deepEqual(feed.out, ["ab", "c"]);
    assert.deepEqual(sink.calls, ["ab", "c", "close"]);
    await sink.settle();
    await sink.settle();
    assert.deepEqual(ends, []);
    await sink.settle();
    assert.deepEqual(ends, [{ how: "complete", bytes: 3, dropped: 0 }]);
  });

  it("breaks the copy off when a sink is too slow, and not before", async () => {
    const { feed, sink, ends } = slow({ maxWaitingBytes: 4 });
    feed.give("ab");
    feed.give("cd");
    await sink.settle();
    feed.give("ef");
    assert.equal(ends.length, 0);
    feed.give("g");
    feed.give("h");
    feed.end();
    assert.deepEqual(feed.out, ["ab", "cd", "ef", "g", "h"]);
    assert.deepEqual(sink.calls, ["ab", "cd", "ef", "abort"]);
    assert.equal(ends.length, 1);
    assert.deepEqual([ends[0]?.how, ends[0]?.bytes, ends[0]?.dropped], ["full", 6, 0]);
    assert.match(
      (ends[0]?.reason as Error).message,
      /^Cannot record the body as the copy must be at most 4 bytes ahead of its sink: got 5; raise the limit/,
    );
  });

  it("leaves out what a slow sink has no room for", async () => {
    const { feed, sink, ends } = slow({ maxWaitingBytes: 3, onFull: "drop" });
    feed.give("ab");
    feed.give("cd");
    feed.give("ef");
    await sink.settle();
    feed.give("gh");
    feed.end();
    await sink.settle();
    await sink.settle();
    await sink.settle();
    assert.deepEqual(feed.out, ["ab", "cd", "ef", "gh"]);
    assert.deepEqual(sink.calls, ["ab", "c", "gh", "close"]);
    assert.deepEqual(ends, [{ how: "complete", bytes: 5, dropped: 3 }]);
  });

  it("fails the body where the copy must have room", () => {
    const { feed, sink, ends } = slow({ maxBytes: 3, onFull: "error" });
    feed.give("ab");
    assert.throws(() => feed.give("cd"), {
      name: "RangeError",
      message: "Cannot record the body as the copy must be at most 3 bytes long: got 4; " +
        'raise the limit, or leave out what has no room with { onFull: "drop" }',
    });
    assert.deepEqual(feed.out, ["ab"]);
    assert.deepEqual(sink.calls, ["ab", "abort"]);
    assert.deepEqual(ends.map(({ how }) => how), ["full"]);
  });

  const failures: readonly (readonly [name: string, fail: () => unknown])[] = [
    ["throws", () => {
      throw new Error("disk");
    }],
    ["rejects", () => Promise.reject(new Error("disk"))],
  ];
  for (const [name, fail] of failures) {
    it(`goes on without a sink that ${name}`, async () => {
      const ends: RecordEnd[] = [];
      const feed = new Feed(record(fail, { onEnd: (end) => void ends.push(end) }));
      feed.give("ab");
      await Promise.resolve();
      await Promise.resolve();
      feed.give("c");
      feed.end();
      assert.deepEqual(feed.out, ["ab", "c"]);
      assert.deepEqual(ends.map(({ how, reason }) => [how, (reason as Error).message]), [[
        "sink-failed",
        "disk",
      ]]);
    });

    it(`fails the body with a sink that ${name} where the copy matters`, async () => {
      const feed = new Feed(record(fail, { onFull: "error" }));
      await assert.rejects(async () => {
        feed.give("ab");
        await Promise.resolve();
        await Promise.resolve();
        feed.give("c");
      }, { message: "disk" });
    });
  }

  it("tells of a sink that fails when it is closed", async () => {
    const { feed, sink, ends } = slow({});
    feed.end();
    await sink.settle(new Error("disk"));
    assert.deepEqual(ends.map(({ how }) => how), ["sink-failed"]);
    const failing = new Feed(record({ write() {}, close: failures[0]![1] }, { onFull: "error" }));
    assert.throws(() => failing.end(), { message: "disk" });
  });

  it("breaks the copy off with the body", () => {
    for (const [how, onExcess] of [["cancelled", "terminate"], ["failed", "error"]] as const) {
      const ends: RecordEnd[] = [];
      const calls: unknown[] = [];
      const sink: RecordSink = {
        write() {},
        close: () => calls.push("close"),
        abort: (why) => calls.push(why),
      };
      const chain = compose(record(sink, { onEnd: (end) => void ends.push(end) }), limit(1, { onExcess }));
      try {
        run(chain, [bytes("ab")]);
      } catch (error) {
        assert.equal(error, calls[0]);
      }
      assert.equal(calls.length, 1);
      assert.deepEqual(ends, [{ how, bytes: 2, dropped: 0, reason: calls[0] }]);
    }
  });

  it("tells of the end though the sink can't be broken off", async () => {
    for (const [, abort] of failures) {
      const end = await new Promise<RecordEnd>((onEnd) => {
        record({ write() {}, abort }, { onEnd }).cancel?.(new Error("left"));
      });
      assert.deepEqual([end.how, (end.reason as Error).message], ["failed", "left"]);
    }
  });

  describe("what onEnd throws", () => {
    const onEnd = () => {
      throw new Error("in onEnd");
    };
    const passOn = { enqueue: () => {}, terminate: () => {} };
    const wanted = { message: "in onEnd" };

    it("fails the body, where that has not ended", async () => {
      const broken = record({ write: () => Promise.reject(new Error("broken")) }, { onEnd });
      broken.transform(bytes("a"), passOn);
      await setImmediate();
      assert.throws(() => broken.transform(bytes("b"), passOn), wanted);
      assert.throws(() => record(() => {}, { onEnd }).flush!(passOn), wanted);
      assert.throws(() => record(() => {}, { onEnd }).cancel!("enough"), wanted);
    });

    it("is no unhandled rejection, where there is nobody left to tell", async () => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown) => void unhandled.push(reason);
      process.on("unhandledRejection", note);
      try {
        const write = () => Promise.resolve();
        const abort = () => Promise.reject(new Error("in abort"));
        record({ write, abort }, { onEnd }).cancel!("enough");
        const whole = record({ write, close: () => Promise.resolve() }, { onEnd });
        whole.transform(bytes("a"), passOn);
        whole.flush!(passOn);
        await setImmediate();
        await setImmediate();
        assert.deepEqual(unhandled, []);
      } finally {
        process.off("unhandledRejection", note);
      }
    });
  });

  it("says that it may retain what it is given", () => assert.equal(record(() => {}).retains, true));

  it("refuses what it can't use", () => {
    assert.throws(() => record(null as unknown as RecordSink), {
      name: "TypeError",
      message: "Cannot record the body as the sink must be a function, or an object with write: got null",
    });
    assert.throws(() => record(() => {}, { maxBytes: -1 }), RangeError);
    assert.throws(() => record(() => {}, { maxWaitingBytes: 0 }), RangeError);
    assert.throws(() => record(() => {}, { onFull: "wait" } as unknown as RecordOptions), {
      name: "TypeError",
      message: 'Cannot record the body as onFull must be "stop", "drop" or "error": got wait',
    });
  });
});
