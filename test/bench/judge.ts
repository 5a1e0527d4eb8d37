// Holds results against targets.

import { placesOf, type ResultRow, valuesOf, type WorkResult } from "./results.ts";
import { ratios, type Spread, spread } from "./statistics.ts";
import { isOwn, labelOf, type Target, type WorkDescription } from "./work.ts";

/** What became of a target for one row. */
export interface Verdict {
  readonly work: WorkDescription;
  readonly target: Target;
  /** The row, with its place on the axis. */
  readonly row: ResultRow;
  /** The row that it is compared with; `null` where the value counts by itself. */
  readonly base: string | null;
  /** The value, or the ratio of the two. */
  readonly reached: Spread;
  readonly met: boolean;
}

/**
 * Judges all rows of a work that targets hold for.
 *
 * @param work The work.
 * @param result What was measured.
 * @returns A verdict for each target and row, as far as both it and its base were measured.
 */
export function judge(work: WorkDescription, { rows }: WorkResult): readonly Verdict[] {
  const places = placesOf(rows);
  return work.targets.flatMap((target) => {
    const { quantity, variant, index, against } = target;
    const own = rows.filter((row) =>
      isOwn(row) && (variant === undefined || row.variant === variant) &&
      (index === undefined || row.at === places.at(index))
    );
    return own.flatMap((row): Verdict[] => {
      const values = row.values[quantity] ?? [];
      const base = against === undefined ? null : {
        subject: against.subject ?? row.subject,
        variant: against.variant ?? row.variant,
        at: against.index === undefined ? row.at : places.at(against.index) ?? null,
      };
      const reached = spread(base === null ? values : ratios(values, valuesOf(rows, base, quantity)));
      if (reached === null) return [];
      const { atMost = Infinity, atLeast = -Infinity } = target;
      const met = reached.median <= atMost && reached.median >= atLeast;
      return [{ work, target, row, base: base === null ? null : baseName(row, base, work), reached, met }];
    });
  });
}

function baseName(row: ResultRow, base: Omit<ResultRow, "values" | "notes">, work: WorkDescription): string {
  if (base.at !== row.at) return `at ${placeName(base.at ?? 0, work)}`;
  if (base.subject === row.subject) return base.variant;
  return labelOf(base);
}

/**
 * Writes a place on an axis.
 *
 * @param at The place.
 * @param work The work.
 * @returns It, with a unit where it has one.
 */
export function placeName(at: number, { axis }: WorkDescription): string {
  if (axis?.unit !== "bytes") return at.toLocaleString("en");
  const units = ["B", "KiB", "MiB", "GiB"];
  let unit = 0;
  for (; at >= 1024 && unit < units.length - 1; unit++) at /= 1024;
  return `${Number(at.toFixed(2))} ${units[unit]}`;
}
