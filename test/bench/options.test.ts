import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOptions } from "./options.ts";

describe("the benchmark's options", () => {
  it("have defaults, smaller ones for a quick run", () => {
    assert.equal(parseOptions([]).rounds, 5);
    assert.equal(parseOptions([]).size, 512 * 1024 ** 2);
    assert.equal(parseOptions(["--quick"]).rounds, 1);
    assert.equal(parseOptions(["--quick", "--size", "1g"]).size, 1024 ** 3);
  });

  it("choose by name, in any case", () => {
    const { only, subjects } = parseOptions(["--only", "passed|requests", "--subjects", "deno"]);
    assert.ok(only.test("passed") && !only.test("uploads"));
    assert.ok(subjects.test("sluice on Deno") && !subjects.test("nginx"));
  });

  it("are refused where they make no sense", () => {
    assert.throws(() => parseOptions(["--rounds", "0"]), /^RangeError: Cannot take --rounds/);
    assert.throws(() => parseOptions(["--size", "1k"]), /^RangeError: Cannot take --size/);
    assert.throws(() => parseOptions(["--write", "--subjects", "x"]), /^RangeError: Cannot --write/);
    assert.throws(() => parseOptions(["--fast"]), TypeError);
  });
});
