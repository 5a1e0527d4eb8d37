import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { limit, type LimitOptions } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, splits, text } from "../harness/splits.ts";

describe("limit", () => {
  for (const max of [11, 12, 1000]) {
    it(`passes on a body of 11 bytes whole, at most ${max}`, () => {
      assertSplits(() => limit(max), "hello world", "hello world");
      assertSplits(() => limit(max, { onExcess: "terminate" }), "hello world", "hello world");
    });
  }

  for (const max of [0, 1, 5, 10]) {
    it(`ends a body of 11 bytes, at most ${max}`, () => {
      assertSplits(() => limit(max, { onExcess: "terminate" }), "hello world", "hello world".slice(0, max));
    });

    it(`fails a body of 11 bytes after those allowed, at most ${max}`, () => {
      for (const [name, chunks] of splits(bytes("hello world"))) {
        const out: Uint8Array[] = [];
        const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
        const transform = limit(max);
        assert.throws(
          () => chunks.forEach((chunk) => transform.transform(chunk, controller)),
          (error: Error) => error instanceof RangeError && error.message.includes(`at most ${max} bytes`),
          name,
        );
        assert.equal(text(...out), "hello world".slice(0, max), name);
      }
    });
  }

  it("says how to cut the body instead", () => {
    assert.throws(() => run(limit(1), [bytes("ab")]), /raise the limit, or .* \{ onExcess: "terminate" \}/);
  });

  it("does not end a body that is just as long as is allowed", () => {
    assert.equal(run(limit(2, { onExcess: "terminate" }), [bytes("ab")]).terminated, false);
    assert.equal(run(limit(2, { onExcess: "terminate" }), [bytes("ab"), bytes("c")]).terminated, true);
  });

  it("says that it retains nothing", () => {
    assert.equal(limit(1).retains, false);
  });

  it("refuses limits that are none", () => {
    for (const max of [-1, 0.5, NaN, Infinity]) assert.throws(() => limit(max), RangeError);
    assert.throws(() => limit("1" as unknown as number), TypeError);
    assert.throws(() => limit(1, { onExcess: "stop" } as unknown as LimitOptions), {
      name: "TypeError",
      message: 'Cannot limit the body as onExcess must be "error" or "terminate": got stop',
    });
  });
});
