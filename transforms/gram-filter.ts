/**
 * Gets past bytes that can begin no needle.
 *
 * The first bytes of a needle are a gram, of eight bytes at most. Whether some needle begins with the gram at a
 * place is looked up in a table, by a hash of its first and its last four bytes; four such lookups that don't
 * wait for one another are joined into one branch, and only behind it a second hash counts. Different grams may
 * share entries, so a candidate may prove false, and none is missed. (Skips after Wu and Manber were slower for
 * needles of less than twelve bytes: there each lookup waits for the one before.)
 */

import { isRare } from "./byte-rarity.ts";
import {
  FIRST,
  GramKernel,
  MULTIPLIERS,
  NEITHER,
  SECOND,
  SECOND_MULTIPLIER,
  TABLE_BYTES,
} from "./gram-kernel.ts";
import type { Trie } from "./trie.ts";

/** The longest gram, in bytes. */
const MOST_GRAM_BYTES = 8;

/** The bytes of a word, of which a gram has one at its beginning and one at its end; they may be the same. */
const WORD_BYTES = 4;

/** What tells the cases of an ASCII letter apart. */
const CASE_BIT = 0x20;

function secondHash(sum: number): number {
  return Math.imul(sum ^ sum >>> 15, SECOND_MULTIPLIER) >>> 16;
}

/** Whether neither hash rules a gram out, whose entry for the first one is known. */
function mayBegin(entry: number, others: Uint8Array, sum: number): boolean {
  return (entry & FIRST) === 0 && ((others[secondHash(sum)] as number) & SECOND) === 0;
}

/** A filter for the needles of a trie. */
export class GramFilter {
  /** The length of a gram in bytes. */
  readonly gramBytes: number;
  /** How many bytes of a word count, and which bits of it. */
  readonly #wordBytes: number;
  readonly #mask: number;
  /** What is set in all bytes, so that cases don't differ; other bytes that differ in it no more do. */
  readonly #caseBit: number;
  /** For each hash, whether no gram that a needle begins with has it, as the kernel wants it. */
  readonly #others: Uint8Array = new Uint8Array(TABLE_BYTES).fill(NEITHER);
  /** 1 where a needle can't begin between units, so that such places count as ruled out. */
  readonly #between: number;
  /** What all needles begin with, where that is one byte and a rare one; else -1. */
  readonly #rareFirst: number;
  readonly #kernel: GramKernel | null;

  /**
   * @param trie The needles.
   * @param shortest The length of the shortest one, in bytes.
   * @param unitBytes The bytes of a unit, 1 or 2: needles begin at multiples of it.
   * @param ignoreCase Whether both cases of an ASCII letter are in the trie.
   */
  constructor(trie: Trie, shortest: number, unitBytes: number, ignoreCase: boolean) {
    this.gramBytes = Math.min(shortest, MOST_GRAM_BYTES);
    this.#wordBytes = Math.min(shortest, WORD_BYTES);
    this.#mask = -1 << 8 * (WORD_BYTES - this.#wordBytes);
    this.#caseBit = ignoreCase ? CASE_BIT : 0;
    this.#between = unitBytes - 1;
    for (const gram of this.#gramsOf(trie)) {
      const sum = this.#sum(this.#wordAt(gram, 0), this.#wordAt(gram, this.gramBytes - this.#wordBytes));
      this.#others[sum >>> 16]! &= ~FIRST;
      this.#others[secondHash(sum)]! &= ~SECOND;
    }
    const hasKernel = unitBytes === 1 && this.#wordBytes === WORD_BYTES;
    this.#kernel = hasKernel ? new GramKernel(this.#others, this.gramBytes, this.#caseBit) : null;
    const [first = -1, ...more] = trie.edgesOf(0).keys();
    this.#rareFirst = unitBytes === 1 && more.length === 0 && isRare(first) ? first : -1;
  }

  /** Begins with a chunk. */
  open(): void {
    this.#kernel?.open();
  }

  /**
   * Finds where a needle may begin, in the chunk that was begun with.
   *
   * @param chunk The chunk.
   * @param start The first index that counts.
   * @returns The index; where the chunk's end is too near to tell, the first index that is not ruled out.
   */
  next(chunk: Uint8Array, start: number): number {
    if (this.#rareFirst >= 0) {
      const first = chunk.indexOf(this.#rareFirst, start);
      return first < 0 ? chunk.length : first;
    }
    const others = this.#others;
    const caseBit = this.#caseBit;
    const between = this.#between;
    const before = this.gramBytes - 1;
    const apart = this.gramBytes - this.#wordBytes;
    const from = this.#kernel?.skip(chunk, start) ?? start;
    // The first and the last word of a gram, the latest byte on top, as the kernel reads them.
    let first = 0;
    let last = 0;
    let end = from;
    for (const stop = Math.min(from + before, chunk.length); end < stop; end++) {
      last = last >>> 8 | ((chunk[end] as number) | caseBit) << 24;
      if (end - apart >= from) first = first >>> 8 | ((chunk[end - apart] as number) | caseBit) << 24;
    }
    for (; end + 3 < chunk.length; end += 4) {
      first = first >>> 8 | ((chunk[end - apart] as number) | caseBit) << 24;
      last = last >>> 8 | ((chunk[end] as number) | caseBit) << 24;
      const a = this.#sum(first, last);
      first = first >>> 8 | ((chunk[end - apart + 1] as number) | caseBit) << 24;
      last = last >>> 8 | ((chunk[end + 1] as number) | caseBit) << 24;
      const b = this.#sum(first, last);
      first = first >>> 8 | ((chunk[end - apart + 2] as number) | caseBit) << 24;
      last = last >>> 8 | ((chunk[end + 2] as number) | caseBit) << 24;
      const c = this.#sum(first, last);
      first = first >>> 8 | ((chunk[end - apart + 3] as number) | caseBit) << 24;
      last = last >>> 8 | ((chunk[end + 3] as number) | caseBit) << 24;
      const d = this.#sum(first, last);
      const noneAtA = others[a >>> 16] as number;
      const noneAtB = (others[b >>> 16] as number) | between;
      const noneAtC = others[c >>> 16] as number;
      const noneAtD = (others[d >>> 16] as number) | between;
      if ((noneAtA & noneAtB & noneAtC & noneAtD & FIRST) === 0) {
        const place = end - before;
        if (mayBegin(noneAtA, others, a)) return place;
        if (mayBegin(noneAtB, others, b)) return place + 1;
        if (mayBegin(noneAtC, others, c)) return place + 2;
        if (mayBegin(noneAtD, others, d)) return place + 3;
      }
    }
    return Math.max(from, end - before);
  }

  /** What both hashes are made of. */
  #sum(first: number, last: number): number {
    const mask = this.#mask;
    return Math.imul(first & mask, MULTIPLIERS[0]) + Math.imul(last & mask, MULTIPLIERS[1]);
  }

  /** The bytes at a place as a word, as many as count on top. */
  #wordAt(bytes: Uint8Array, place: number): number {
    let word = 0;
    for (let i = 0; i < this.#wordBytes; i++) {
      word = word >>> 8 | ((bytes[place + i] as number) | this.#caseBit) << 24;
    }
    return word;
  }

  /** Collects the grams that needles begin with. */
  #gramsOf(trie: Trie): Uint8Array[] {
    let level = new Map<number, Map<string, Uint8Array>>([[0, new Map([["", new Uint8Array()]])]]);
    for (let length = 0; length < this.gramBytes; length++) {
      const next = new Map<number, Map<string, Uint8Array>>();
      for (const [node, grams] of level) {
        for (const [byte, child] of trie.edgesOf(node)) {
          const longer = next.get(child) ?? new Map<string, Uint8Array>();
          for (const gram of grams.values()) {
            const one = Uint8Array.of(...gram, byte | this.#caseBit);
            longer.set(one.join(), one);
          }
          next.set(child, longer);
        }
      }
      level = next;
    }
    return [...level.values()].flatMap((grams) => [...grams.values()]);
  }
}
