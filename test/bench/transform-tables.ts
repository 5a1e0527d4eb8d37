/** The figures of the transforms as Markdown, which reads well enough in a terminal too. */

import { spread } from "./statistics.ts";

/** A case, and what was measured of it on each runtime. */
export interface MeasuredCase {
  readonly table: string;
  readonly work: string;
  readonly by: string;
  /** 1e9 bytes per second of CPU time, a value a round, by runtime. */
  readonly values: Map<string, readonly number[]>;
  /** How many of five ways to cut a body gave a wrong output, by runtime; `null` if none is to be compared. */
  readonly wrong: Map<string, number | null>;
}

/** All that was measured. */
export interface Figures {
  readonly rounds: number;
  readonly runtimes: readonly string[];
  /** The runtimes that are not installed. */
  readonly missing: readonly string[];
  readonly cases: readonly MeasuredCase[];
}

/**
 * Writes the figures as tables.
 *
 * @param figures The figures.
 * @returns The tables, in Markdown.
 */
export function formatFigures({ rounds, runtimes, missing, cases }: Figures): string {
  const tables = [...new Set(cases.map(({ table }) => table))];
  const absent = missing.map((name) =>
    `${name} is not installed: \`npm ci --prefix test/elsewhere\` brings it.`
  );
  return [
    `1e9 bytes per second of CPU time: median of ${rounds} rounds (least–most).`,
    ...absent,
    ...tables.map((table) => formatTable(table, runtimes, cases.filter((one) => one.table === table))),
  ].join("\n\n");
}

function formatTable(table: string, runtimes: readonly string[], cases: readonly MeasuredCase[]): string {
  const header = [table, "by", ...runtimes, "output"];
  const rows = cases.map((one, place) => [
    cases[place - 1]?.work === one.work ? "" : one.work.replaceAll("|", "\\|"),
    one.by,
    ...runtimes.map((runtime) => formatValues(one.values.get(runtime) ?? [])),
    formatWrong([...one.wrong.values()]),
  ]);
  const rule = header.map((_, column) => column < 2 || column === header.length - 1 ? "---" : "---:");
  return [header, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function formatValues(values: readonly number[]): string {
  const all = spread(values);
  if (all === null) return "–";
  return values.length === 1
    ? short(all.median)
    : `${short(all.median)} (${short(all.min)}–${short(all.max)})`;
}

/** With two digits that count. */
function short(value: number): string {
  return String(Number(value.toPrecision(2)));
}

/** Whatever runtime was worst. */
function formatWrong(wrong: readonly (number | null)[]): string {
  const known = wrong.filter((count) => count !== null);
  if (known.length === 0) return "–";
  const most = Math.max(...known);
  return most === 0 ? "right" : `wrong in ${most} of 5`;
}
