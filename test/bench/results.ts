// What was measured, as it is kept: a run's circumstances with each work, so that a later run of some works
// leaves the others as they are.

import type { RowName } from "./work.ts";

/** When, where and how something was measured. */
export interface Run {
  /** The day, as in 2026-01-31. */
  readonly date: string;
  readonly machine: string;
  /** The programs that took part, with their versions. */
  readonly versions: readonly string[];
  readonly command: string;
  readonly rounds: number;
  readonly quick: boolean;
}

/** A row, with its values a round by the keys of the quantities. */
export interface ResultRow extends RowName {
  readonly values: Readonly<Record<string, readonly number[]>>;
  readonly notes: readonly string[];
}

/** A work that was measured. */
export interface WorkResult {
  readonly name: string;
  readonly run: Run;
  readonly rows: readonly ResultRow[];
}

/**
 * Puts new results in place of the old ones of the same works.
 *
 * @param old The results so far.
 * @param fresh The new results.
 * @param names The names of all works, in their order; results of others are left out.
 * @returns The newest result of each work.
 */
export function mergeResults(
  old: readonly WorkResult[],
  fresh: readonly WorkResult[],
  names: readonly string[],
): readonly WorkResult[] {
  return names.flatMap((name) => {
    const result = [...fresh, ...old].find((candidate) => candidate.name === name);
    return result === undefined ? [] : [result];
  });
}

/**
 * Finds the value of a row that a target or a ratio refers to.
 *
 * @param rows The rows of a work.
 * @param name The row.
 * @param quantity The key of the quantity.
 * @returns The values, one a round; none if there is no such row.
 */
export function valuesOf(rows: readonly ResultRow[], name: RowName, quantity: string): readonly number[] {
  const row = rows.find(({ subject, variant, at }) =>
    subject === name.subject && variant === name.variant && at === name.at
  );
  return row?.values[quantity] ?? [];
}

/**
 * The places on the axis that rows have.
 *
 * @param rows The rows.
 * @returns The places, the smallest first.
 */
export function placesOf(rows: readonly RowName[]): readonly number[] {
  const places = rows.flatMap(({ at }) => at === null ? [] : [at]);
  return [...new Set(places)].sort((a, b) => a - b);
}
