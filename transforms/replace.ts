/**
 * Replaces a needle, wherever the body is cut.
 *
 * What is held back between two chunks is a live partial match and nothing else. It is a prefix of the
 * needle, so it is held as a number, and what proves not to be part of a match is handed on from the needle's
 * own bytes. A chunk that finds something held first decides that, byte by byte; once no match is possible
 * but one that begins inside the chunk, the fast search takes the chunk over.
 */

import { pass, toBytes } from "./bytes.ts";
import { Search } from "./search.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

class Replacer implements Transformer {
  readonly #search: Search;
  readonly #replacement: Uint8Array;
  /** How much of the needle the body ends with so far: held, not handed on. */
  #held = 0;

  constructor(needle: Uint8Array, replacement: Uint8Array) {
    this.#search = new Search(needle);
    this.#replacement = replacement;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    const from = this.#held === 0 ? 0 : this.#resume(chunk, controller);
    if (from < chunk.length) this.#scan(chunk, from, controller);
  }

  flush(controller: Controller): void {
    const held = this.#held;
    this.#held = 0;
    this.#release(held, controller);
  }

  /** Decides what is held; returns how many bytes of the chunk went into it, all if it is still undecided. */
  #resume(chunk: Uint8Array, controller: Controller): number {
    const held = this.#held;
    let matched = held;
    for (let taken = 0; taken < chunk.length;) {
      matched = this.#search.advance(matched, chunk[taken++] as number);
      if (matched === this.#search.needle.length) {
        this.#held = 0;
        this.#release(held + taken - matched, controller);
        pass(controller, this.#replacement, 0, this.#replacement.length);
        return taken;
      }
      if (matched <= taken) {
        this.#held = 0;
        this.#release(held, controller);
        return 0;
      }
    }
    this.#held = matched;
    this.#release(held + chunk.length - matched, controller);
    return chunk.length;
  }

  /** Replaces what lies whole in the chunk, from an index on, and holds the partial match at its end. */
  #scan(chunk: Uint8Array, from: number, controller: Controller): void {
    const search = this.#search;
    let start = from;
    for (let hit = search.find(chunk, start); hit >= 0; hit = search.find(chunk, start)) {
      pass(controller, chunk, start, hit);
      pass(controller, this.#replacement, 0, this.#replacement.length);
      start = hit + search.needle.length;
    }
    this.#held = search.edge(chunk, start);
    pass(controller, chunk, start, chunk.length - this.#held);
  }

  /** Hands on so many of the bytes that were held. */
  #release(length: number, controller: Controller): void {
    pass(controller, this.#search.needle, 0, length);
  }
}

/**
 * Replaces all occurrences of some text or bytes, as `String.prototype.replaceAll` would on the whole body:
 * from left to right, never overlapping, wherever the body is cut. The replacement is taken literally; `$`
 * means itself.
 *
 * - **Bytes held**: at most one less than the needle has, and only while the body ends with a beginning of
 *   it; they are let go with the first byte that makes the match impossible.
 * - **Delay added**: none for other bytes; they are passed on as subarrays, in the call that brings them.
 * - **Memory**: some 5 times the needle, plus 1 KiB; nothing grows with the body. Time is linear in the body,
 *   whatever the needle.
 *
 * @param search What to find: text, compared as UTF-8 and case-sensitively, or bytes. At least one byte.
 * @param replacement What to put in its place: text, written as UTF-8, or bytes. Empty deletes.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `search` or `replacement` is neither a string nor a `Uint8Array`.
 * @throws {RangeError} If `search` is empty.
 *
 * @example A match across two chunks
 * ```ts
 * import { replace } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const chunks = ["hello foo", "bar"].map((text) => new TextEncoder().encode(text));
 * const body = ReadableStream.from(chunks).pipeThrough(replace("foobar", "world"));
 * assert.equal(await new Response(body).text(), "hello world");
 * ```
 */
export function replace(search: string | Uint8Array, replacement: string | Uint8Array): Transform {
  const needle = toBytes(search, "the search");
  if (needle.length === 0) {
    throw new RangeError("Cannot replace as the search must be at least one byte long: got none");
  }
  return makeTransform(new Replacer(needle, toBytes(replacement, "the replacement")), {
    retains: false,
    fragments: true,
  });
}
