/** The check of a number that somebody set. */

/**
 * Checks a number.
 *
 * @param value The number.
 * @param wanted What is attempted and what it must be, as "Cannot … as … must be …".
 * @param fits Whether it is.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it does not fit.
 */
export function checkNumber(value: unknown, wanted: string, fits: (value: number) => boolean): void {
  if (typeof value !== "number") {
    throw new TypeError(`${wanted}: got ${value === null ? "null" : typeof value}`);
  }
  if (!fits(value)) throw new RangeError(`${wanted}: got ${value}`);
}
