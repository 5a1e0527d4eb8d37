import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { quantile, ratios, spread } from "./statistics.ts";

describe("spread", () => {
  it("tells the middle and the ends, in whatever order the values are", () => {
    assert.deepEqual(spread([10, 9, 100]), { median: 10, min: 9, max: 100 });
    assert.deepEqual(spread([4, 1, 2, 3]), { median: 2.5, min: 1, max: 4 });
    assert.deepEqual(spread([7]), { median: 7, min: 7, max: 7 });
  });

  it("tells that there are none", () => assert.equal(spread([]), null));
});

describe("ratios", () => {
  it("divides what was measured in the same round", () => assert.deepEqual(ratios([2, 9], [4, 3]), [0.5, 3]));

  it("leaves out rounds that one of both lacks, and a base of nothing", () => {
    assert.deepEqual(ratios([1, 2, 3], [2]), [0.5]);
    assert.deepEqual(ratios([1], [2, 4]), [0.5]);
    assert.deepEqual(ratios([1, 2], [0, 4]), [0.5]);
  });
});

describe("quantile", () => {
  it("is the smallest value that so many do not exceed", () => {
    const values = Array.from({ length: 200 }, (_, i) => 200 - i);
    assert.equal(quantile(values, 0.5), 100);
    assert.equal(quantile(values, 0.99), 198);
    assert.equal(quantile(values, 0), 1);
    assert.equal(quantile(values, 1), 200);
  });

  it("is no number where there are no values", () => assert.ok(Number.isNaN(quantile([], 0.5))));
});
