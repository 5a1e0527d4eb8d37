/** From measured values to the page: what is merged, judged and written. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { judge, placeName } from "./judge.ts";
import { fillPage } from "./page.ts";
import { mergeResults, type ResultRow, type Run, type WorkResult } from "./results.ts";
import { notesOf, tablesOf, targetTable } from "./tables.ts";
import type { WorkDescription } from "./work.ts";

const run: Run = {
  date: "2026-01-31",
  machine: "2 cores",
  versions: ["Node 20.20.2"],
  command: "npm run bench -- --write",
  rounds: 3,
  quick: false,
};

const speed: WorkDescription = {
  name: "speed",
  title: "Speed",
  quantities: [{ key: "cpu", name: "CPU s/GB", digits: 2 }, { key: "rate", name: "MB/s", digits: 0 }],
  bases: ["nginx"],
  targets: [
    { quantity: "cpu", against: { subject: "nginx" }, atMost: 1.2 },
    { quantity: "rate", atLeast: 100 },
  ],
};

const growth: WorkDescription = {
  name: "growth",
  title: "Growth",
  quantities: [{ key: "cpu", name: "CPU s/GB", digits: 1 }],
  bases: [],
  axis: { name: "body", unit: "bytes" },
  targets: [{ quantity: "cpu", index: -1, against: { index: 0 }, atMost: 1.25 }],
};

function row(subject: string, values: ResultRow["values"], more: Partial<ResultRow> = {}): ResultRow {
  return { subject, variant: "", at: null, values, notes: [], ...more };
}

const speedResult: WorkResult = {
  name: "speed",
  run,
  rows: [
    row("sluice on Node 20", { cpu: [1, 4, 1.5], rate: [90, 100, 110] }),
    row("sluice on Deno", {}, { notes: ["not installed"] }),
    row("nginx", { cpu: [1, 2, 1], rate: [300, 200, 250] }),
  ],
};

const growthResult: WorkResult = {
  name: "growth",
  run: { ...run, date: "2025-12-24", rounds: 1 },
  rows: [1024, 65_536, 3 * 1024 ** 2].map((at, i) => row("sluice on Node 20", { cpu: [1 + i / 10] }, { at })),
};

describe("judge", () => {
  it("compares with the base round by round, and counts the median", () => {
    const verdicts = judge(speed, speedResult);
    assert.deepEqual(verdicts.map(({ reached }) => reached), [
      { median: 1.5, min: 1, max: 2 },
      { median: 100, min: 90, max: 110 },
    ]);
    assert.deepEqual(verdicts.map(({ met, base }) => [met, base]), [[false, "nginx"], [true, null]]);
  });

  it("compares places on the axis, counted from either end", () => {
    const [verdict, ...more] = judge(growth, growthResult);
    assert.deepEqual(more, []);
    assert.equal(verdict?.reached.median, 1.2);
    assert.equal(verdict?.row.at, 3 * 1024 ** 2);
    assert.equal(verdict?.base, "at 1 KiB");
  });

  it("says nothing where the base is missing", () => {
    const rows = speedResult.rows.filter(({ subject }) => subject !== "nginx");
    assert.deepEqual(judge(speed, { ...speedResult, rows }).map(({ target }) => target.quantity), ["rate"]);
  });
});

describe("placeName", () => {
  it("has the largest unit that fits, or none for what is only counted", () => {
    assert.deepEqual([64, 1024, 1024 ** 3, 10 * 1024 ** 3].map((at) => placeName(at, growth)), [
      "64 B",
      "1 KiB",
      "1 GiB",
      "10 GiB",
    ]);
    assert.equal(placeName(1000, { ...growth, axis: { name: "connections", unit: "count" } }), "1,000");
  });
});

describe("tablesOf", () => {
  it("gives medians, ranges and ratios, and dashes for what is missing", () => {
    assert.deepEqual(tablesOf(speed, speedResult), [{
      header: ["", "CPU s/GB", "min–max", "× nginx", "MB/s"],
      rows: [
        ["sluice on Node 20", "1.50", "1.00–4.00", "1.50 (1.00–2.00)", "100"],
        ["sluice on Deno", "–", "–", "–", "–"],
        ["nginx", "1.00", "1.00–2.00", "1.00 (1.00–1.00)", "250"],
      ],
    }]);
    assert.deepEqual(notesOf(speedResult), ["sluice on Deno: not installed"]);
  });

  it("gives a column for each place on the axis", () => {
    assert.deepEqual(tablesOf(growth, growthResult), [{
      header: ["CPU s/GB", "1 KiB", "64 KiB", "3 MiB"],
      rows: [["sluice on Node 20", "1.0", "1.1", "1.2"]],
    }]);
  });
});

describe("targetTable", () => {
  it("marks what is met and what is missed", () => {
    assert.deepEqual(targetTable([speed, growth], [speedResult, growthResult]), {
      header: ["", "target", "sluice on Node 20"],
      rows: [
        ["Speed: CPU s/GB against nginx", "≤ 1.2 ×", "1.50 (1.00–2.00) **missed**"],
        ["Speed: MB/s", "≥ 100", "100 (90.0–110) met"],
        ["Growth: CPU s/GB at 3 MiB against at 1 KiB", "≤ 1.25 ×", "1.20 (1.20–1.20) met"],
      ],
    });
  });
});

describe("mergeResults", () => {
  it("replaces what was measured anew, keeps the rest, and drops what is no longer a work", () => {
    const fresh = { ...speedResult, rows: [] };
    const gone = { ...speedResult, name: "gone" };
    assert.deepEqual(mergeResults([gone, growthResult, speedResult], [fresh], ["speed", "growth"]), [
      fresh,
      growthResult,
    ]);
  });
});

describe("fillPage", () => {
  const markers = ["targets", "runs", "figures"].map((name) =>
    `<!-- proxy ${name} --><!-- /proxy ${name} -->`
  );
  const page = `# Speed\n\n${markers.join("\n\nby hand\n\n")}\n`;

  it("writes tables, runs and plots between the markers, and leaves the rest", () => {
    const filled = fillPage(page, [speed, growth], [speedResult, growthResult]);
    assert.equal(filled.split("by hand").length, 3);
    assert.ok(filled.includes("### Speed\n\n|  | CPU s/GB | min–max | × nginx | MB/s |\n"));
    assert.ok(filled.includes("- sluice on Deno: not installed"));
    assert.ok(filled.includes("![Growth](plots/growth.svg)"));
    assert.ok(!filled.includes("speed.svg"));
    assert.match(filled, /\*\*Speed\*\*: `npm run bench -- --write`, 3 rounds, 2026-01-31\.\n/);
    assert.match(filled, /\*\*Growth\*\*: .*, 1 round, 2025-12-24\.\n/);
  });

  it("gives the same when it is filled again", () => {
    const once = fillPage(page, [speed, growth], [speedResult, growthResult]);
    assert.equal(fillPage(once, [speed, growth], [speedResult, growthResult]), once);
  });

  it("leaves out works that were never measured", () => {
    assert.ok(!fillPage(page, [speed, growth], [speedResult]).includes("### Growth"));
  });
});
