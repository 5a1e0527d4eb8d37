/**
 * Durations as people type them (`500ms`, `30s`, `1.5m`, `2h`; a bare number is seconds) and as the log prints them.
 */

const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/;

/**
 * Reads a duration.
 *
 * @param text A number with an optional unit `ms`, `s`, `m` or `h`, in either case; without a unit it is seconds.
 * @returns The duration in milliseconds; a fraction of a millisecond is dropped.
 * @throws {RangeError} If the text is no such duration, or longer than 2^31 - 1 milliseconds, a timer's longest.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseDuration("1.5m"), 90_000);
 * ```
 */
export function parseDuration(text: string): number {
  const [, digits, unit = "s"] = DURATION.exec(text.toLowerCase()) ?? [];
  const milliseconds = Math.floor(Number(digits) * MILLISECONDS[unit]!);
  if (milliseconds < 2 ** 31) return milliseconds;
  throw new RangeError(
    `Cannot read a duration as it must be a time such as 500ms, 30s or 2h: got ${JSON.stringify(text)}`,
  );
}

/**
 * Prints a duration.
 *
 * @param milliseconds The duration in milliseconds.
 * @returns The duration with three significant digits, such as `812ms`, `1.25s` or `4m05s`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatDuration(1250), "1.25s");
 * ```
 */
export function formatDuration(milliseconds: number): string {
  const rounded = Math.round(milliseconds);
  if (rounded < 1000) return `${rounded}ms`;
  if (rounded < 9_995) return `${(rounded / 1000).toFixed(2)}s`;
  if (rounded < 99_950) return `${(rounded / 1000).toFixed(1)}s`;
  const seconds = Math.round(rounded / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m${two(seconds % 60)}s`;
  return `${Math.floor(seconds / 3600)}h${two(Math.floor(seconds / 60) % 60)}m`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
