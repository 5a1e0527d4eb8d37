import type { Result } from "./measure.ts";
import { type Spread, spread } from "./statistics.ts";
import { NODE_HTTP, RAW_PIPE, SUB_FILTER } from "./subjects.ts";
import { formatTable } from "./table.ts";

/** What stands where there is no value. */
const NOTHING = "-";

interface Quantity {
  readonly values: (result: Result) => readonly number[];
  readonly format: (value: number) => string;
}

const cpu: Quantity = { values: (result) => result.cpuPerGigabyte, format: (value) => value.toFixed(2) };
const speed: Quantity = {
  values: (result) => result.megabytesPerSecond,
  format: (value) => value.toFixed(0),
};
const requests: Quantity = {
  values: (result) => result.requestsPerSecond,
  format: (value) => value.toFixed(0),
};
const perRequest: Quantity = {
  values: (result) => result.cpuPerRequest,
  format: (value) => value.toFixed(1),
};

/**
 * Writes the results as tables: the large body passed on, modified, and the requests.
 *
 * @param results One for each subject.
 * @returns The text.
 */
export function formatResults(results: readonly Result[]): string {
  const passed = results.filter((result) => !result.subject.modifies);
  const modified = results.filter((result) => result.subject.modifies);
  const bases = [RAW_PIPE, NODE_HTTP, SUB_FILTER];
  const sections = [
    section(
      "Large body, passed on: CPU s/GB (median, lower is better)",
      passed,
      results,
      cpu,
      speed,
      "MB/s",
      bases,
    ),
    section(
      "Large body, modified: CPU s/GB (median, lower is better)",
      modified,
      results,
      cpu,
      speed,
      "MB/s",
      bases,
    ),
    section(
      "1 kB, keep-alive: requests/s (median, higher is better)",
      results,
      results,
      requests,
      perRequest,
      "CPU us",
      bases,
    ),
  ];
  const notes = results.flatMap(({ subject, notes }) => notes.map((note) => `${subject.name}: ${note}\n`));
  return [...sections, notes.join("")].filter((text) => text !== "").join("\n");
}

function section(
  title: string,
  rows: readonly Result[],
  all: readonly Result[],
  main: Quantity,
  also: Quantity,
  alsoName: string,
  bases: readonly string[],
): string {
  if (rows.length === 0) return "";
  const header = ["", "median", "min-max", ...bases.map((base) => `x ${base}`), alsoName];
  const lines = rows.map((result) => {
    const value = spread(main.values(result));
    const other = formatMedian(also, result);
    if (value === null && other === NOTHING) return [result.subject.name, whyEmpty(result)];
    return [
      result.subject.name,
      formatMedian(main, result),
      value === null ? NOTHING : `${main.format(value.min)}-${main.format(value.max)}`,
      ...bases.map((base) => value === null ? NOTHING : ratio(value, base, all, main)),
      other,
    ];
  });
  return `${title}\n${formatTable(header, lines)}`;
}

function whyEmpty({ subject, failed }: Result): string {
  if (subject.program === null) return "not installed";
  return failed ? "failed: see below" : "not measured";
}

function ratio(value: Spread, base: string, all: readonly Result[], quantity: Quantity): string {
  const result = all.find(({ subject }) => subject.name === base);
  const of = result === undefined ? null : spread(quantity.values(result));
  return of === null || of.median === 0 ? NOTHING : (value.median / of.median).toFixed(2);
}

function formatMedian(quantity: Quantity, result: Result): string {
  const value = spread(quantity.values(result));
  return value === null ? NOTHING : quantity.format(value.median);
}
