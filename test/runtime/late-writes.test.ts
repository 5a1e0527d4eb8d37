import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LateBytes, type LateWriter, LateWrites } from "../../runtime-node/late-writes.ts";

/** A turn that ends when a test says so, and a clock that it sets. */
function turn() {
  const ends: (() => void)[] = [];
  const clock = { now: 0 };
  const log: string[] = [];
  const writes = new LateWrites((run) => void ends.push(run), () => clock.now);
  const writer = (name: string): LateWriter => ({ flush: () => void log.push(name) });
  return { ends, clock, log, writes, writer };
}

describe("late writes", () => {
  it("are a rush if four others were within the last quarter of a millisecond", () => {
    const { clock, writes } = turn();
    const at = (now: number) => {
      clock.now = now;
      return writes.rush();
    };
    assert.deepEqual([0, 0.05, 0.1, 0.15].map(at), [false, false, false, false]);
    assert.deepEqual([0.2, 0.25].map(at), [true, true]);
    assert.deepEqual([0.38, 0.39].map(at), [false, true]);
    assert.deepEqual([1, 2, 3, 4, 5, 6].map(at), Array(6).fill(false), "one by one there is none");
  });

  it("leave when the turn ends, in their order", () => {
    const { ends, log, writes, writer } = turn();
    for (const name of ["a", "b", "c"]) writes.add(writer(name));
    assert.deepEqual([ends.length, log], [1, []]);
    ends[0]!();
    assert.deepEqual(log, ["a", "b", "c"]);
    writes.add(writer("d"));
    ends[1]!();
    assert.deepEqual(log, ["a", "b", "c", "d"]);
  });

  it("leave early when there are 64 of them", () => {
    const { ends, log, writes, writer } = turn();
    for (let i = 0; i < 63; i++) writes.add(writer("x"));
    assert.equal(log.length, 0);
    writes.add(writer("last"));
    assert.deepEqual([log.length, log.at(-1)], [64, "last"]);
    writes.add(writer("next"));
    assert.equal(ends.length, 1, "one end of a turn is enough for all that is put off in it");
    ends[0]!();
    assert.equal(log.at(-1), "next");
  });

  it("leave early when the first has waited for a millisecond", () => {
    const { clock, log, writes, writer } = turn();
    writes.add(writer("a"));
    clock.now = 0.9;
    writes.add(writer("b"));
    assert.deepEqual(log, []);
    clock.now = 1.1;
    writes.add(writer("c"));
    assert.deepEqual(log, ["a", "b", "c"]);
  });

  it("that come while others leave wait for the next end", () => {
    const { ends, log, writes, writer } = turn();
    writes.add({
      flush() {
        log.push("a");
        writes.add(writer("b"));
      },
    });
    ends[0]!();
    assert.deepEqual(log, ["a"]);
    ends[1]!();
    assert.deepEqual(log, ["a", "b"]);
  });
});

describe("late bytes", () => {
  it("are a copy, put together up to 8 KiB", () => {
    const late = new LateBytes();
    const piece = Uint8Array.of(1, 2, 3);
    assert.ok(late.add([piece, Uint8Array.of(4)], 4));
    piece.fill(0);
    assert.ok(!late.add([new Uint8Array(8 * 1024)], 8 * 1024));
    assert.ok(late.add([Uint8Array.of(5)], 1));
    assert.deepEqual(late.bytes, Uint8Array.of(1, 2, 3, 4, 5));
    assert.deepEqual([LateBytes.fit(8 * 1024), LateBytes.fit(8 * 1024 + 1)], [true, false]);
  });
});
