import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatFigures, type MeasuredCase } from "./transform-tables.ts";

function measured(work: string, by: string, values: readonly number[], wrong: number | null): MeasuredCase {
  return {
    table: "One",
    work,
    by,
    values: new Map([["Node 20", values]]),
    wrong: new Map([["Node 20", wrong]]),
  };
}

describe("formatFigures", () => {
  it("has a row for each case, the work named once, with median, least and most", () => {
    const cases = [measured("a|b", "sluice", [3, 1.234, 2], 0), measured("a|b", "peer", [0.0123], 4)];
    const text = formatFigures({ rounds: 3, runtimes: ["Node 20", "Bun 1"], missing: [], cases });
    assert.deepEqual(text.split("\n").slice(2), [
      "| One | by | Node 20 | Bun 1 | output |",
      "| --- | --- | ---: | ---: | --- |",
      "| a\\|b | sluice | 2 (1.2–3) | – | right |",
      "|  | peer | 0.012 | – | wrong in 4 of 5 |",
    ]);
  });

  it("names the runtimes that are missing", () => {
    assert.match(
      formatFigures({ rounds: 5, runtimes: [], missing: ["Bun"], cases: [] }),
      /^Bun is not installed/m,
    );
  });

  it("says nothing of an output that can't be compared", () => {
    const cases = [measured("parse", "peer", [1], null)];
    assert.match(
      formatFigures({ rounds: 1, runtimes: ["Node 20"], missing: [], cases }),
      /\| peer \| 1 \| – \|$/,
    );
  });
});
