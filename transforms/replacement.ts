/** What is put in the place of a match, and how often. */

import { pass, toBytes } from "./bytes.ts";
import { type CharsetOptions, constantBytes, type Encoding, encodingOf } from "./charset.ts";
import type { Controller } from "./transform.ts";

/**
 * What is put in the place of a match: text, written in the body's charset; bytes; or a function that gives
 * either. It is called with the match's own bytes in a copy, and with where they begin in the body before any
 * change, in bytes. Bytes that it returns must not be changed afterwards. What is empty deletes.
 */
export type Replacement =
  | string
  | Uint8Array
  | ((match: Uint8Array, offset: number) => string | Uint8Array);

/** How a search compares, and how often it replaces. */
export interface ReplaceOptions extends CharsetOptions {
  /** Whether an ASCII letter of the search stands for both its cases; default `false`. */
  readonly ignoreCase?: boolean;
  /** How many matches are replaced, from the first on; default `Infinity`. */
  readonly limit?: number;
}

/**
 * Checks how many replacements are allowed.
 *
 * @param limit The number.
 * @returns The number.
 * @throws {TypeError} If it is no number.
 * @throws {RangeError} If it is neither a whole number, 0 or more, nor `Infinity`.
 */
function checkLimit(limit: number): number {
  const wanted = "Cannot replace as the limit must be a whole number, 0 or more, or Infinity";
  if (typeof limit !== "number") throw new TypeError(`${wanted}: got ${typeof limit}`);
  if (limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)) return limit;
  throw new RangeError(`${wanted}: got ${limit}`);
}

/** The replacements of a transform, in bytes where they can be, and the count of those that are left to make. */
export class Replacements {
  readonly #encoding: Encoding;
  readonly #list: readonly (Exclude<Replacement, string>)[];
  #left: number;

  /**
   * @param list The replacements, by the index of what they replace.
   * @param options The limit, and what text is encoded in.
   * @throws {TypeError} If a replacement is neither a string, a `Uint8Array` nor a function.
   * @throws {RangeError} If the limit is out of range.
   */
  constructor(list: readonly Replacement[], options: ReplaceOptions) {
    const encoding = this.#encoding = encodingOf(options);
    this.#list = list.map((replacement) =>
      typeof replacement === "function"
        ? replacement
        : constantBytes(replacement, "the replacement, where it is no function,", encoding)
    );
    this.#left = checkLimit(options.limit ?? Infinity);
  }

  /** Whether no match is to be replaced any more. */
  get exhausted(): boolean {
    return this.#left === 0;
  }

  /**
   * Hands on what replaces a match.
   *
   * @param index Which of the replacements.
   * @param controller Where to.
   * @param read Gives the match's bytes, in a copy.
   * @param offset Where the match begins in the body, in bytes.
   */
  put(index: number, controller: Controller, read: () => Uint8Array, offset: number): void {
    this.#left--;
    const replacement = this.#list[index] as Exclude<Replacement, string>;
    if (typeof replacement !== "function") {
      pass(controller, replacement, 0, replacement.length);
      return;
    }
    const made = replacement(read(), offset);
    const bytes = made instanceof Uint8Array
      ? made
      : toBytes(made, "what the function returns", this.#encoding.encode);
    pass(controller, bytes, 0, bytes.length);
  }
}
