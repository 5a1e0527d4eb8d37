import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { pipeline } from "../../lib/pipeline.ts";
import { fromIterable } from "../../lib/streams.ts";
import { compose, limit, meter, replace } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, text } from "../harness/splits.ts";

/** A clock that goes on by 100 ms each time it is read. */
function clock(): () => number {
  let ms = 0;
  return () => ms += 100;
}

describe("meter", () => {
  it("changes nothing", () => {
    assertSplits(() => meter(), "hello world", "hello world");
  });

  it("counts bytes and chunks, and notes when they came", () => {
    const measured = meter({ now: clock() });
    run(measured, [bytes("abc"), bytes(""), bytes("de"), bytes("f")]);
    const { bytes: count, chunks, firstAt, lastAt, endedAt, end, bytesPerSecond } = measured;
    assert.deepEqual([count, chunks], [6, 3]);
    assert.deepEqual([firstAt, lastAt, endedAt], [100, 300, 400]);
    assert.equal(end, "complete");
    assert.equal(bytesPerSecond, 3 / 0.2);
  });

  it("can be read before the body, and while it comes", () => {
    const measured = meter({ now: clock() });
    const read =
      () => [measured.bytes, measured.chunks, measured.firstAt, measured.bytesPerSecond, measured.end];
    const nowhere = { enqueue() {}, terminate() {} };
    assert.deepEqual(read(), [0, 0, null, null, null]);
    measured.transform(bytes("ab"), nowhere);
    assert.deepEqual(read(), [2, 1, 100, null, null]);
    measured.transform(bytes("cd"), nowhere);
    assert.deepEqual(read(), [4, 2, 100, 20, null]);
  });

  it("measures in a chain, and as a pair of streams", async () => {
    const before = meter();
    const after = meter();
    const body = fromIterable([bytes("foo"), bytes("bar")]);
    const output = pipeline(body, [compose(before, replace("foobar", "x"), after)]).pipeThrough(meter());
    const out: Uint8Array[] = [];
    for await (const chunk of output) out.push(chunk);
    assert.equal(text(...out), "x");
    assert.deepEqual([before.bytes, after.bytes], [6, 1]);
    assert.deepEqual([before.end, after.end], ["complete", "complete"]);
  });

  it("tells how a body was cut short", () => {
    const cancelled = meter();
    run(compose(cancelled, limit(1, { onExcess: "terminate" })), [bytes("ab")]);
    assert.equal(cancelled.end, "cancelled");
    const failed = meter();
    assert.throws(() => run(compose(failed, limit(1)), [bytes("ab")]), RangeError);
    assert.equal(failed.end, "failed");
  });

  it("says that it retains nothing", () => {
    assert.deepEqual([meter().retains, compose(meter(), meter()).retains], [false, false]);
  });
});
