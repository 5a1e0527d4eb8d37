import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { streams } from "../../lib/streams.ts";
import { compose, limit, tap, type TapObserver } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, text } from "../harness/splits.ts";

function record(log: string[]): TapObserver {
  return {
    chunk: (chunk) => void log.push(text(chunk)),
    end: (how, bytes, reason) =>
      void log.push(`${how} after ${bytes}${reason === undefined ? "" : `: ${(reason as Error).message}`}`),
  };
}

describe("tap", () => {
  it("changes nothing", () => {
    assertSplits(() => tap(() => {}), "hello world", "hello world");
    assertSplits(() => tap({}), "hello world", "hello world");
  });

  it("passes on the very chunk that it shows", () => {
    const seen: Uint8Array[] = [];
    const out: Uint8Array[] = [];
    const chunk = bytes("abc");
    const controller = { enqueue: (piece: Uint8Array) => void out.push(piece), terminate() {} };
    tap((piece) => void seen.push(piece)).transform(chunk, controller);
    assert.equal(seen[0], chunk);
    assert.equal(out[0], chunk);
  });

  it("sees each chunk, and that the body is complete", () => {
    const log: string[] = [];
    run(tap(record(log)), [bytes("ab"), bytes(""), bytes("c")]);
    assert.deepEqual(log, ["ab", "c", "complete after 3"]);
  });

  const left = new DOMException("left", "AbortError");
  const reasons: readonly (readonly [name: string, reason: unknown, how: string])[] = [
    ["without a reason", undefined, "cancelled"],
    ["with an AbortError", left, "cancelled"],
    ["with an error", new Error("broken"), "failed"],
  ];
  for (const [name, reason, how] of reasons) {
    it(`hears that a reader has left ${name}`, async () => {
      const ends: unknown[] = [];
      const source = new streams.ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(bytes("x")),
      });
      const watching = tap({ end: (...end) => void ends.push(end) });
      const reader = source.pipeThrough(watching).getReader();
      await reader.read();
      await reader.cancel(reason);
      assert.equal(ends.length, 1);
      const [[end, count, why]] = ends as [[string, number, unknown]];
      assert.deepEqual([end, why], [how, reason]);
      assert.ok(count > 0);
    });
  }

  it("hears that the source has failed", async () => {
    const ends: unknown[] = [];
    const error = new Error("source");
    let pulls = 0;
    const source = new streams.ReadableStream<Uint8Array>({
      pull: (controller) => pulls++ === 0 ? controller.enqueue(bytes("x")) : controller.error(error),
    }, { highWaterMark: 0 });
    const reader = source.pipeThrough(tap({ end: (...end) => void ends.push(end) })).getReader();
    assert.equal(text((await reader.read()).value!), "x");
    await assert.rejects(reader.read(), error);
    assert.deepEqual(ends, [["failed", 1, error]]);
  });

  it("hears that a step below has ended the body", () => {
    const log: string[] = [];
    run(compose(tap(record(log)), limit(1, { onExcess: "terminate" })), [bytes("ab"), bytes("c")]);
    assert.equal(log.length, 2);
    assert.match(log[1] as string, /^cancelled after 2: Cannot take the rest of the body/);
  });

  it("hears that another step has failed", () => {
    const log: string[] = [];
    assert.throws(() => run(compose(tap(record(log)), limit(1)), [bytes("ab")]), RangeError);
    assert.match(log[1] as string, /^failed after 2: Cannot pass the body on/);
  });

  it("hears of its own failure, in its place", () => {
    const log: unknown[] = [];
    const error = new Error("no");
    const failing = tap({
      chunk: (chunk) => {
        if (chunk.length === 1) throw error;
      },
      end: (...end) => void log.push(end),
    });
    assert.throws(() => run(compose(tap(() => {}), failing), [bytes("ab"), bytes("c")]), error);
    assert.deepEqual(log, [["failed", 2, error]]);
  });

  it("fails the body with what the function throws", () => {
    const failing = tap(() => {
      throw new Error("no");
    });
    assert.throws(() => run(failing, [bytes("x")]), { message: "no" });
  });

  it("calls the methods of an observer on the observer", () => {
    class Counter {
      bytes = 0;
      chunk(chunk: Uint8Array): void {
        this.bytes += chunk.length;
      }
    }
    const counter = new Counter();
    run(tap(counter), [bytes("ab"), bytes("c")]);
    assert.equal(counter.bytes, 3);
  });

  it("says that it may retain what it is given", () => {
    assert.equal(tap(() => {}).retains, true);
  });

  it("refuses what is no observer", () => {
    assert.throws(() => tap(null as unknown as TapObserver), TypeError);
    assert.throws(() => tap("x" as unknown as TapObserver), {
      name: "TypeError",
      message: "Cannot tap as the observer must be a function, or an object with chunk or end: got string",
    });
  });
});
