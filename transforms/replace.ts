/**
 * Replaces a needle, wherever the body is cut.
 *
 * What is held back between two chunks is a live partial match and nothing else. It is a prefix of the
 * needle, so it is held as a number, and what proves not to be part of a match is handed on from the needle's
 * own bytes. A chunk that finds something held first decides that, byte by byte; once no match is possible
 * but one that begins inside the chunk, the fast search takes the chunk over.
 */

import { pass } from "./bytes.ts";
import { constantBytes, encodingOf } from "./charset.ts";
import { replaceMany } from "./replace-many.ts";
import { type Replacement, Replacements, type ReplaceOptions } from "./replacement.ts";
import { Search } from "./search.ts";
import { searchFor } from "./searches.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

class Replacer implements Transformer {
  readonly #search: Search;
  /** Its own, as pieces of it are handed on. */
  readonly #needle: Uint8Array;
  readonly #replacements: Replacements;
  /** How much of the needle the body ends with so far: held, not handed on. */
  #held = 0;
  /** How many bytes of the body came before this chunk. */
  #offset = 0;

  constructor(search: Search, needle: Uint8Array, replacements: Replacements) {
    this.#search = search;
    this.#needle = needle;
    this.#replacements = replacements;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    const from = this.#held === 0 ? 0 : this.#resume(chunk, controller);
    if (from < chunk.length) this.#scan(chunk, from, controller);
    this.#offset += chunk.length;
  }

  flush(controller: Controller): void {
    const held = this.#held;
    this.#held = 0;
    this.#release(held, controller);
  }

  cancel(): void {
    this.#held = 0;
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
        this.#put(taken - matched, controller);
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
    while (!this.#replacements.exhausted) {
      const hit = search.find(chunk, start);
      if (hit < 0) {
        this.#held = search.edge(chunk, start);
        break;
      }
      pass(controller, chunk, start, hit);
      this.#put(hit, controller);
      start = hit + search.needle.length;
    }
    pass(controller, chunk, start, chunk.length - this.#held);
  }

  /** Hands on what replaces the needle, which begins at an index of the chunk, or before it. */
  #put(start: number, controller: Controller): void {
    this.#replacements.put(0, controller, () => this.#needle.slice(), this.#offset + start);
  }

  /** Hands on so many of the bytes that were held. */
  #release(length: number, controller: Controller): void {
    pass(controller, this.#needle, 0, length);
  }
}

/**
 * Replaces all occurrences of some text or bytes, as `String.prototype.replaceAll` would on the whole body:
 * from left to right, never overlapping, wherever the body is cut. A replacement that is text or bytes is
 * taken literally; `$` means itself.
 *
 * - **Bytes held**: at most one less than the needle has, and only while the body ends with a beginning of
 *   it; they are let go with the first byte that makes the match impossible.
 * - **Delay added**: none for other bytes; they are passed on as subarrays, in the call that brings them.
 * - **Memory**: some 5 times the needle, plus 1 KiB, and 64 KiB that all searches share; with `ignoreCase` or
 *   UTF-16, what `replaceMany` takes. Nothing grows with the body. Time is linear in the body, whatever the
 *   needle.
 *
 * @param search What to find: text, or bytes. At least one byte.
 * @param replacement What to put in its place. Empty deletes.
 * @param options How to compare, how often to replace, and the body's charset.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `search` is neither a string nor a `Uint8Array`, or `replacement` neither of these nor
 *   a function.
 * @throws {RangeError} If `search` is empty, text has half a surrogate pair, or an option is out of range.
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
 *
 * @example Numbering the first two, in any case
 * ```ts
 * import { replace } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let count = 0;
 * const number = replace("fig", () => `Fig. ${++count}`, { ignoreCase: true, limit: 2 });
 * const body = new Response("fig, FIG, Fig").body!.pipeThrough(number);
 * assert.equal(await new Response(body).text(), "Fig. 1, Fig. 2, Fig");
 * ```
 */
export function replace(
  search: string | Uint8Array,
  replacement: Replacement,
  options: ReplaceOptions = {},
): Transform {
  const encoding = encodingOf(options);
  const needle = constantBytes(search, "the search", encoding);
  if (needle.length === 0) {
    throw new RangeError("Cannot replace as the search must be at least one byte long: got none");
  }
  if (options.ignoreCase || encoding.units.bytes > 1) return replaceMany([[needle, replacement]], options);
  // The same text in another charset is another search.
  const plain = typeof search === "string" && options.charset === undefined && options.encode === undefined;
  const prepared = plain ? searchFor(search, needle) : new Search(needle);
  return makeTransform(new Replacer(prepared, needle, new Replacements([replacement], options)), {
    retains: false,
    fragments: true,
  });
}
