/** The checks that the transforms make of what they are given. */

/** What a value is, as an error message names it. */
export function kind(value: unknown): string {
  return value === null
    ? "null"
    : typeof value === "object"
    ? value.constructor?.name ?? "object"
    : typeof value;
}

/**
 * Takes text or bytes as bytes of one's own.
 *
 * @param value Text, or bytes, which are copied.
 * @param role What it is for, as "Cannot … as … must be" names it.
 * @param encode What makes bytes of text; default UTF-8.
 * @returns The bytes; nobody else can change them.
 * @throws {TypeError} If it is neither.
 */
export function toBytes(
  value: string | Uint8Array,
  role: string,
  encode: (text: string) => Uint8Array = (text) => new TextEncoder().encode(text),
): Uint8Array {
  if (typeof value === "string") return encode(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw new TypeError(`Cannot replace as ${role} must be a string or a Uint8Array: got ${kind(value)}`);
}

/**
 * Checks a number of bytes.
 *
 * @param value The number, in bytes.
 * @param least The least that is allowed, in bytes.
 * @param purpose What it is for, as "Cannot … as … must be" names it.
 * @returns The number.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is not a whole number, or less than `least`.
 */
export function checkByteCount(value: number, least: number, purpose: string): number {
  const wanted = `${purpose} must be a whole number of bytes, ${least} or more`;
  if (typeof value !== "number") throw new TypeError(`${wanted}: got ${kind(value)}`);
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${wanted}: got ${value}`);
  return value;
}

/**
 * Hands on a part of a chunk, if there is any: the chunk itself where it is the whole, else a subarray.
 *
 * @param controller Where to.
 * @param controller.enqueue Takes the part.
 * @param chunk The chunk.
 * @param start The index of the part's first byte.
 * @param end The index behind its last byte.
 */
export function pass(
  controller: { enqueue(chunk: Uint8Array): void },
  chunk: Uint8Array,
  start: number,
  end: number,
): void {
  if (start >= end) return;
  controller.enqueue(start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end));
}
