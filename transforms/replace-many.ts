/**
 * Replaces many needles in one pass.
 *
 * The automaton's state is what is held: the longest end of the body that may still become a needle. Its bytes
 * are kept in a copy, as the needles don't tell their case where that is ignored.
 */

import { Automaton, ROOT } from "./automaton.ts";
import { ByteQueue } from "./byte-queue.ts";
import { kind } from "./bytes.ts";
import { constantBytes, encodingOf } from "./charset.ts";
import { type Replacement, Replacements, type ReplaceOptions } from "./replacement.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

const none = new Uint8Array();

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
    const held = this.#held;
    let done = -held.length;
    if (!this.#replacements.exhausted) {
      this.#state = this.#automaton.scan(chunk, this.#state, (needle, start, end) => {
        done = this.#replace(needle, chunk, done, start, end, controller);
        return !this.#replacements.exhausted;
      });
    }
    const live = chunk.length - this.#automaton.depth(this.#state);
    held.pass(chunk, done, live, controller);
    held.append(chunk, Math.max(live, 0), chunk.length);
    this.#offset += chunk.length;
  }

  flush(controller: Controller): void {
    let done = -this.#held.length;
    this.#automaton.finish(this.#state, (needle, start, end) => {
      done = this.#replace(needle, none, done, start, end, controller);
      return !this.#replacements.exhausted;
    });
    this.#held.pass(none, done, 0, controller);
    this.cancel();
  }

  cancel(): void {
    this.#held.clear();
    this.#state = ROOT;
  }

  /** Hands on what lies before a match, and what replaces it; returns the index behind it. */
  #replace(
    needle: number,
    chunk: Uint8Array,
    done: number,
    start: number,
    end: number,
    controller: Controller,
  ): number {
    const held = this.#held;
    held.pass(chunk, done, start, controller);
    this.#replacements.put(needle, controller, () => held.copy(chunk, start, end), this.#offset + start);
    held.drop(start, end);
    return end;
  }
}

type Pair = readonly [search: string | Uint8Array, replacement: Replacement];

/** The pairs as a list. */
function listOf(pairs: Iterable<Pair> | Readonly<Record<string, Replacement>>): readonly Pair[] {
  const wanted = "Cannot replace as the searches must be pairs in an iterable, or an object";
  if (typeof pairs !== "object" || pairs === null) throw new TypeError(`${wanted}: got ${kind(pairs)}`);
  if (!(Symbol.iterator in pairs)) return Object.entries(pairs);
  const list: readonly unknown[] = [...pairs];
  const other = list.findIndex((pair) => !Array.isArray(pair) || pair.length !== 2);
  if (other < 0) return list as readonly Pair[];
  throw new TypeError(
    `${wanted}: got ${kind(list[other])} as item ${other}, which is no [search, replacement]`,
  );
}

/**
 * Replaces all occurrences of many texts or byte strings in one pass: from left to right, never overlapping,
 * and where several begin, the longest; wherever the body is cut. Replacements are not searched again.
 *
 * - **Bytes held**: at most one less than the longest search has, and only while the body ends with a
 *   beginning of one of them; they are let go with the first byte that makes the match impossible. A match
 *   that can't become longer goes with its last byte.
 * - **Delay added**: none for other bytes; they are passed on as subarrays, in the call that brings them.
 * - **Memory**: 64 KiB, 128 KiB that all share, and 4 bytes for each different beginning of the searches times
 *   each different byte in them: some 2 MB for 1,000 words. Nothing grows with the body. Time is linear in the
 *   body, however many the searches are.
 *
 * @param pairs What to find and what to put in its place, as pairs or as the entries of an object: texts or
 *   bytes, at least one byte each. Of equal searches the first counts. None at all changes nothing.
 * @param options How to compare, how often to replace, and the body's charset.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If there are no pairs, a search is neither a string nor a `Uint8Array`, or a replacement neither of these
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
  const list = listOf(pairs);
  const needles = list.map(([search]) => {
    const needle = constantBytes(search, "a search", encoding);
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
