/** What transforms are given besides the body: what they put into it, and whom they call. */

import { kind } from "./bytes.ts";

/**
 * Takes text or bytes as bytes of one's own.
 *
 * @param value Text, or bytes, which are copied.
 * @param purpose What it is for, as "Cannot … as … must be" names it.
 * @returns The bytes; nobody else can change them.
 * @throws {TypeError} If it is neither.
 */
export function toContent(value: unknown, purpose: string): Uint8Array {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  throw new TypeError(`${purpose} must be a string or a Uint8Array: got ${kind(value)}`);
}

/**
 * Checks that something can be called.
 *
 * @param value The function.
 * @param purpose What it is for, as "Cannot … as … must be" names it.
 * @throws {TypeError} If it is none.
 */
export function checkFunction(value: unknown, purpose: string): void {
  if (typeof value !== "function") throw new TypeError(`${purpose} must be a function: got ${kind(value)}`);
}
