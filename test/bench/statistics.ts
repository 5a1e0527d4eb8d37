/** The middle and the ends of some measurements. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Sums up repeated measurements of one thing.
 *
 * @param values The measurements, in any order.
 * @returns Median, smallest and largest, or `null` when there are none.
 */
export function spread(values: readonly number[]): Spread | null {
  const sorted = values.toSorted((a, b) => a - b);
  const min = sorted[0];
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return null;
  const upper = sorted[sorted.length >> 1] ?? max;
  const lower = sorted[(sorted.length - 1) >> 1] ?? min;
  return { median: (lower + upper) / 2, min, max };
}

/**
 * Divides the measurements of one thing by those of another, round by round: what else the machine did in a
 * round fell on both.
 *
 * @param values The measurements, in the order of the rounds.
 * @param bases Those to divide by, in the same order.
 * @returns The ratios of the rounds that both have; none where the base is 0.
 */
export function ratios(values: readonly number[], bases: readonly number[]): number[] {
  return values.flatMap((value, round) => {
    const base = bases[round];
    return base === undefined || base === 0 ? [] : [value / base];
  });
}

/**
 * Finds the value below which a part of all measurements lies.
 *
 * @param values The measurements, in any order.
 * @param part The part, from 0 to 1.
 * @returns The smallest measurement that at least this part does not exceed; NaN when there are none.
 */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)] ?? NaN;
}
