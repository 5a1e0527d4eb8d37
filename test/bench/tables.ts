// The tables of a work, as cells: for the terminal and for the page alike.

import { judge, placeName, type Verdict } from "./judge.ts";
import { placesOf, type ResultRow, valuesOf, type WorkResult } from "./results.ts";
import { ratios, type Spread, spread } from "./statistics.ts";
import { labelOf, type Quantity, type WorkDescription } from "./work.ts";

/** A table. */
export interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** What stands where there is no value. */
const NOTHING = "–";

/**
 * Makes the tables of a work.
 *
 * @param work The work.
 * @param result What was measured.
 * @returns One table, or one for each quantity where the work has an axis.
 */
export function tablesOf(work: WorkDescription, result: WorkResult): readonly Table[] {
  if (work.axis === undefined) return [plainTable(work, result)];
  return work.quantities.map((quantity) => axisTable(work, result, quantity));
}

/**
 * Makes the table of what became of targets.
 *
 * @param works The works.
 * @param results What was measured of them.
 * @returns A row for each target, and a column for each of sluice's subjects.
 */
export function targetTable(works: readonly WorkDescription[], results: readonly WorkResult[]): Table {
  const verdicts = works.flatMap((work) => {
    const result = results.find(({ name }) => name === work.name);
    return result === undefined ? [] : judge(work, result);
  });
  const subjects = [...new Set(verdicts.map(({ row }) => row.subject))];
  const lines = new Map<string, Map<string, Verdict>>();
  for (const verdict of verdicts) {
    const line = `${whatOf(verdict)}\n${wantedOf(verdict)}`;
    lines.set(line, (lines.get(line) ?? new Map<string, Verdict>()).set(verdict.row.subject, verdict));
  }
  return {
    header: ["", "target", ...subjects],
    rows: [...lines].map(([line, cells]) => [
      ...line.split("\n"),
      ...subjects.map((subject) => {
        const verdict = cells.get(subject);
        return verdict === undefined ? NOTHING : cellOf(verdict);
      }),
    ]),
  };
}

/**
 * Says what is to be noted of a work's rows.
 *
 * @param result What was measured.
 * @returns A line for each note.
 */
export function notesOf({ rows }: WorkResult): readonly string[] {
  return [...new Set(rows.flatMap((row) => row.notes.map((note) => `${labelOf(row)}: ${note}`)))];
}

function plainTable({ quantities, bases }: WorkDescription, { rows }: WorkResult): Table {
  const [main, ...more] = quantities as readonly [Quantity, ...Quantity[]];
  return {
    header: [
      "",
      main.name,
      "min–max",
      ...bases.map((base) => `× ${base}`),
      ...more.map(({ name }) => name),
    ],
    rows: rows.map((row) => {
      const values = spread(row.values[main.key] ?? []);
      return [
        labelOf(row),
        format(values?.median, main.digits),
        values === null ? NOTHING : `${format(values.min, main.digits)}–${format(values.max, main.digits)}`,
        ...bases.map((base) => ratioTo(base, row, rows, main.key)),
        ...more.map(({ key, digits }) => format(spread(row.values[key] ?? [])?.median, digits)),
      ];
    }),
  };
}

/** The ratio to a base: its row of the same variant, or the only one that it has. */
function ratioTo(base: string, row: ResultRow, rows: readonly ResultRow[], key: string): string {
  const candidates = rows.filter(({ subject }) => subject === base);
  const of = candidates.find(({ variant }) => variant === row.variant) ?? candidates[0];
  const ratio = spread(ratios(row.values[key] ?? [], of?.values[key] ?? []));
  return ratio === null ? NOTHING : withRange(ratio);
}

function axisTable(work: WorkDescription, { rows }: WorkResult, { key, name, digits }: Quantity): Table {
  const places = placesOf(rows);
  const first = rows.filter(({ at }) => at === places[0]);
  return {
    header: [name, ...places.map((at) => placeName(at, work))],
    rows: first.map((row) => [
      labelOf(row),
      ...places.map((at) => format(spread(valuesOf(rows, { ...row, at }, key))?.median, digits)),
    ]),
  };
}

/** What a target is about. */
function whatOf({ work, target, row, base }: Verdict): string {
  const quantity = work.quantities.find(({ key }) => key === target.quantity)?.name ?? "";
  const at = target.index === undefined ? "" : ` at ${placeName(row.at ?? 0, work)}`;
  const variant = row.variant === "" ? "" : `, ${row.variant}`;
  const against = base === null ? "" : ` against ${base}`;
  return `${work.title}${variant}: ${quantity}${at}${against}`;
}

function wantedOf({ target: { atMost, atLeast }, base }: Verdict): string {
  const times = base === null ? "" : " ×";
  return atMost === undefined ? `≥ ${atLeast}${times}` : `≤ ${atMost}${times}`;
}

function cellOf({ reached, met }: Verdict): string {
  return `${withRange(reached)} ${met ? "met" : "**missed**"}`;
}

function withRange({ median, min, max }: Spread): string {
  return `${short(median)} (${short(min)}–${short(max)})`;
}

/** A ratio or small number with two digits that say something. */
function short(value: number): string {
  return value.toFixed(Math.abs(value) < 0.1 ? 3 : Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

function format(value: number | undefined, digits: number): string {
  return value === undefined ? NOTHING : value.toFixed(digits);
}
