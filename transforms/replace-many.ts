/**
 * Replaces many needles in one pass.
 *
 * The automaton's state is what is held: the longest end of the body that may still become a needle. Its bytes
 * are kept in a copy, as the needles don't tell their case where that is ignored.
 */

import { Automaton, type MatchSink, ROOT } from "./automaton.ts";
import { ByteQueue } from "./byte-queue.ts";
import { pass, toBytes } from "./bytes.ts";
import { encodingOf } from "./charset.ts";
import { type Replacement, Replacements, type ReplaceOptions } from "./replacement.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

class ManyReplacer implements Transformer {
  readonly #automaton: Automaton;
  readonly #replacements: Replacements;
  readonly #held = new ByteQueue();
  #state = ROOT;
  /** How many bytes of the body came before this chunk. */
  #offset = 0;

  constructor(automaton: Automaton, replacements: Replacements) {
    this.#automaton = automaton;
    this.#replacements = replacements;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    const length = chunk.length;
    let done = -this.#held.length;
    if (!this.#replacements.exhausted) {
      this.#state = this.#automaton.scan(chunk, this.#state, (needle, start, end) => {
        this.#pass(chunk, done, start, controller);
        this.#replacements.put(needle, controller, () => this.#copy(chunk, start, end), this.#offset + start);
        if (start < 0) this.#held.drop(Math.min(end, 0) - start);
        done = end;
        return !this.#replacements.exhausted;
      });
    }
    const live = length - this.#automaton.depth(this.#state);
    this.#pass(chunk, done, live, controller);
    this.#held.append(chunk, Math.max(live, 0), length);
    this.#offset += length;
  }

  flush(controller: Controller): void {
    const sink: MatchSink = (needle, start, end) => {
      this.#held.release(this.#held.length + start, controller);
      const match = (): Uint8Array => this.#held.peek(0, end - start).slice();
      this.#replacements.put(needle, controller, match, this.#offset + start);
      this.#held.drop(end - start);
      return !this.#replacements.exhausted;
    };
    this.#automaton.finish(this.#state, sink);
    this.#held.release(this.#held.length, controller);
    this.cancel();
  }

  cancel(): void {
    this.#held.clear();
    this.#state = ROOT;
  }

  /** Hands on a part of the body; what lies before the chunk is held, and the part begins with it. */
  #pass(chunk: Uint8Array, start: number, end: number, controller: Controller): void {
    if (start < 0) this.#held.release(Math.min(end, 0) - start, controller);
    pass(controller, chunk, Math.max(start, 0), end);
  }

  /** Copies a part of the body that begins with what is held, or in the chunk. */
  #copy(chunk: Uint8Array, start: number, end: number): Uint8Array {
    const held = Math.max(Math.min(end, 0) - start, 0);
    const bytes = new Uint8Array(end - start);
    bytes.set(this.#held.peek(0, held));
    bytes.set(chunk.subarray(Math.max(start, 0), Math.max(end, 0)), held);
    return bytes;
  }
}

/**
 * Replaces all occurrences of many texts or byte strings in one pass: from left to right, never overlapping,
 * and where several begin, the longest; wherever the body is cut. Replacements are not searched again.
 *
 * - **Bytes held**: at most one less than the longest search has, and only while the body ends with a
 *   beginning of one of them; they are let go with the first byte that makes the match impossible. A match
 *   that can't become longer goes with its last byte.
 * - **Delay added**: none for other bytes; they are passed on as subarrays, in the call that brings them.
 * - **Memory**: 64 KiB, and 4 bytes for each different beginning of the searches times each different byte in
 *   them: some 2 MB for 1,000 words. Nothing grows with the body. Time is linear in the body, however many the
 *   searches are.
 *
 * @param pairs What to find and what to put in its place, as pairs or as the entries of an object: texts or
 *   bytes, at least one byte each. Of equal searches the first counts. None at all changes nothing.
 * @param options How to compare, how often to replace, and the body's charset.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If a search is neither a string nor a `Uint8Array`, or a replacement neither of these
 *   nor a function.
 * @throws {RangeError} If a search is empty or no whole number of the charset's units, or an option is out of
 *   range.
 *
 * @example Two names at once
 * ```ts
 * import { replaceMany } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const names = replaceMany({ cat: "dog", dog: "cat", catalogue: "list" });
 * const body = new Response("cat, dog, catalogue").body!.pipeThrough(names);
 * assert.equal(await new Response(body).text(), "dog, cat, list");
 * ```
 */
export function replaceMany(
  pairs: Iterable<readonly [string | Uint8Array, Replacement]> | Readonly<Record<string, Replacement>>,
  options: ReplaceOptions = {},
): Transform {
  const encoding = encodingOf(options);
  const list = Symbol.iterator in pairs ? [...pairs] : Object.entries(pairs);
  const needles = list.map(([search]) => {
    const needle = toBytes(search, "a search", encoding.encode);
    if (needle.length === 0 || needle.length % encoding.units.bytes > 0) {
      const wanted = encoding.units.bytes === 1 ? "at least one byte" : "a multiple of two bytes, not 0,";
      throw new RangeError(`Cannot replace as a search must be ${wanted} long: got ${needle.length}`);
    }
    return needle;
  });
  const replacements = new Replacements(list.map(([, replacement]) => replacement), options);
  const automaton = new Automaton(needles, encoding.units, options.ignoreCase ?? false);
  return makeTransform(new ManyReplacer(automaton, replacements), { retains: false, fragments: true });
}
