import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compose, limit, tap, type TapObserver } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, text } from "../harness/splits.ts";

function record(log: string[]): TapObserver {
  return {
    chunk: (chunk) => void log.push(text(chunk)),
    end: (how, reason) => void log.push(reason === undefined ? how : `${how}: ${(reason as Error).message}`),
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
    assert.deepEqual(log, ["ab", "c", "complete"]);
  });

  it("hears that a reader has left, and why", async () => {
    const log: string[] = [];
    const source = new ReadableStream<Uint8Array>({ pull: (controller) => controller.enqueue(bytes("x")) });
    const reader = source.pipeThrough(tap(record(log))).getReader();
    await reader.read();
    await reader.cancel(new Error("left"));
    assert.equal(log.at(-1), "cancelled: left");
    assert.equal(log.filter((line) => line !== "x").length, 1);
  });

  it("hears that a step below has ended the body", () => {
    const log: string[] = [];
    run(compose(tap(record(log)), limit(1, { onExcess: "terminate" })), [bytes("ab"), bytes("c")]);
    assert.equal(log.length, 2);
    assert.match(log[1] as string, /^cancelled: Cannot take the rest of the body/);
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
