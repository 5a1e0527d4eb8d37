import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compose, limit, type Progress, progress } from "../../transforms/mod.ts";
import { assertSplits, bytes, cutEvery, run, splits } from "../harness/splits.ts";

/** What `progress` tells of a body in chunks. */
function told(chunks: readonly Uint8Array[], every: number): Progress[] {
  const log: Progress[] = [];
  run(progress((state) => void log.push(state), { every }), chunks);
  return log;
}

describe("progress", () => {
  it("changes nothing", () => {
    assertSplits(() => progress(() => {}, { every: 3 }), "hello world", "hello world");
  });

  it("tells with the chunk that completes so many bytes, and of the end", () => {
    assert.deepEqual(told(cutEvery(bytes("abcdefg"), 2), 3), [
      { bytes: 4, end: null },
      { bytes: 6, end: null },
      { bytes: 7, end: "complete" },
    ]);
  });

  it("tells once of a chunk that completes several times so many", () => {
    assert.deepEqual(told([bytes("abcdefg"), bytes("hi")], 2), [
      { bytes: 7, end: null },
      { bytes: 9, end: null },
      { bytes: 9, end: "complete" },
    ]);
  });

  it("tells of an empty body", () => {
    assert.deepEqual(told([], 1), [{ bytes: 0, end: "complete" }]);
  });

  it("passes every multiple once, however the body is cut", () => {
    for (const [name, chunks] of splits(bytes("hello world"))) {
      const counts = told(chunks, 4).filter(({ end }) => end === null).map(({ bytes }) =>
        Math.floor(bytes / 4)
      );
      assert.deepEqual(counts, [...new Set(counts)], name);
      assert.equal(counts.at(-1), 2, name);
    }
  });

  it("tells of a body that is cut short", () => {
    const log: Progress[] = [];
    const watching = progress((state) => void log.push(state));
    run(compose(watching, limit(1, { onExcess: "terminate" })), [bytes("ab")]);
    assert.deepEqual(log, [{ bytes: 2, end: "cancelled" }]);
  });

  it("fails the body with what the function throws, and tells of that", () => {
    const ends: unknown[] = [];
    const failing = progress(({ end }) => {
      if (end !== null) return void ends.push(end);
      throw new Error("no");
    }, { every: 1 });
    assert.throws(() => run(failing, [bytes("x")]), { message: "no" });
    assert.deepEqual(ends, ["failed"]);
  });

  it("says that it retains nothing", () => assert.equal(progress(() => {}).retains, false));

  it("refuses what it can't use", () => {
    assert.throws(() => progress(() => {}, { every: 0 }), RangeError);
    assert.throws(() => progress(null as unknown as () => void), {
      name: "TypeError",
      message: "Cannot tell of the progress as what is told must be a function: got null",
    });
  });
});
