/**
 * Sizes as people type them (`500k`, `1.5m`, `2gb`; powers of 1024) and as the log prints them (`302k`, `1.0m`, `0b`).
 */

const UNITS = "bkmgt";
const SIZE = /^(\d+(?:\.\d+)?)(?:b|([kmgt])b?)?$/;

/**
 * Reads a size.
 *
 * @param text A number with an optional unit `b`, `k`, `m`, `g` or `t` (`kb` and so on mean the same), in either case.
 * @returns The size in bytes; a fraction of a byte is dropped.
 * @throws {RangeError} If the text is no such size, or larger than 2^53 - 1 bytes.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(parseSize("1.5m"), 1_572_864);
 * ```
 */
export function parseSize(text: string): number {
  const [, digits, unit = "b"] = SIZE.exec(text.toLowerCase()) ?? [];
  const bytes = Math.floor(Number(digits) * 1024 ** UNITS.indexOf(unit));
  if (Number.isSafeInteger(bytes)) return bytes;
  throw new RangeError(
    `Cannot read a size as it must be a number of bytes such as 500k or 1.5m: got ${JSON.stringify(text)}`,
  );
}

/**
 * Prints a size in at most five characters.
 *
 * @param bytes The size in bytes.
 * @returns The size with one decimal below 100 units, such as `1.0m` or `302k`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(formatSize(1_048_576), "1.0m");
 * ```
 */
export function formatSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // From 1023.5 on it would round to 1024: the next unit prints it shorter.
  while (value >= 1023.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 99.95 && unit > 0 ? value.toFixed(1) : value.toFixed(0)}${UNITS[unit]}`;
}
