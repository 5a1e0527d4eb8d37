/**
 * Gets past bytes that can begin no needle.
 *
 * The first bytes of a needle are a gram. A gram of the body is a number that each byte moves on by a shift,
 * such that bytes which lie behind drop out of its 32 bits; whether some needle begins so is looked up in a
 * table, by a hash. Different grams may share an entry, so a candidate may prove false, and none is missed.
 * Four lookups that don't wait for one another are joined into one branch. (Skips after Wu and Manber were
 * slower for needles of less than twelve bytes: there each lookup waits for the one before.)
 */

import { isRare } from "./byte-rarity.ts";
import type { Trie } from "./trie.ts";

/** By how many bits a byte moves a gram on, by the length of the gram in bytes. */
const SHIFTS: readonly number[] = [8, 8, 8, 8, 8, 7, 6, 5, 4];

/** How many entries there are for each gram, so that few others share them. */
const ENTRIES_PER_GRAM = 128;

/** The binary logarithms of the least and the greatest size of the table: it fits into a cache. */
const LEAST_BITS = 10;
const MOST_BITS = 16;

/** Spreads grams over the table. */
const MULTIPLIER = 0x9e3779b1 | 0;

/** What tells the cases of an ASCII letter apart. */
const CASE_BIT = 0x20;

/** A filter for the needles of a trie. */
export class GramFilter {
  /** The length of a gram in bytes. */
  readonly gramBytes: number;
  readonly #shift: number;
  /** The bits of a gram that count: fewer than 32 where it has less than four bytes. */
  readonly #mask: number;
  /** What is set in all bytes, so that cases don't differ; other bytes that differ in it no more do. */
  readonly #caseBit: number;
  /** 0 for grams that needles begin with, 1 for others. */
  readonly #others: Uint8Array;
  /** How far the product of a gram and the multiplier is shifted to make its index. */
  readonly #indexShift: number;
  /** 1 where a needle can't begin between units, so that such places count as ruled out. */
  readonly #between: number;
  /** What all needles begin with, where that is one byte and a rare one; else -1. */
  readonly #rareFirst: number;

  /**
   * @param trie The needles.
   * @param shortest The length of the shortest one, in bytes.
   * @param unitBytes The bytes of a unit, 1 or 2: needles begin at multiples of it.
   * @param ignoreCase Whether both cases of an ASCII letter are in the trie.
   */
  constructor(trie: Trie, shortest: number, unitBytes: number, ignoreCase: boolean) {
    this.gramBytes = Math.min(shortest, SHIFTS.length - 1);
    this.#shift = SHIFTS[this.gramBytes] as number;
    this.#mask = -1 >>> Math.max(32 - 8 * this.gramBytes, 0) | 0;
    this.#caseBit = ignoreCase ? CASE_BIT : 0;
    this.#between = unitBytes - 1;
    const grams = this.#gramsOf(trie);
    const bits = Math.ceil(Math.log2(grams.size * ENTRIES_PER_GRAM));
    this.#indexShift = 32 - Math.min(Math.max(bits, LEAST_BITS), MOST_BITS);
    this.#others = new Uint8Array(2 ** (32 - this.#indexShift)).fill(1);
    for (const gram of grams) this.#others[Math.imul(gram, MULTIPLIER) >>> this.#indexShift] = 0;
    const [first = -1, ...more] = trie.edgesOf(0).keys();
    this.#rareFirst = unitBytes === 1 && more.length === 0 && isRare(first) ? first : -1;
  }

  /**
   * Finds where a needle may begin.
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
    const shift = this.#shift;
    const mask = this.#mask;
    const caseBit = this.#caseBit;
    const indexShift = this.#indexShift;
    const between = this.#between;
    const before = this.gramBytes - 1;
    let gram = 0;
    let end = start;
    for (const stop = Math.min(start + before, chunk.length); end < stop; end++) {
      gram = (gram << shift) ^ ((chunk[end] as number) | caseBit);
    }
    for (; end + 3 < chunk.length; end += 4) {
      const a = (gram << shift) ^ ((chunk[end] as number) | caseBit);
      const b = (a << shift) ^ ((chunk[end + 1] as number) | caseBit);
      const c = (b << shift) ^ ((chunk[end + 2] as number) | caseBit);
      const d = (c << shift) ^ ((chunk[end + 3] as number) | caseBit);
      const noneAtA = others[Math.imul(a & mask, MULTIPLIER) >>> indexShift] as number;
      const noneAtB = (others[Math.imul(b & mask, MULTIPLIER) >>> indexShift] as number) | between;
      const noneAtC = others[Math.imul(c & mask, MULTIPLIER) >>> indexShift] as number;
      const noneAtD = (others[Math.imul(d & mask, MULTIPLIER) >>> indexShift] as number) | between;
      if ((noneAtA & noneAtB & noneAtC & noneAtD) === 0) {
        return end - before + (noneAtA === 0 ? 0 : noneAtB === 0 ? 1 : noneAtC === 0 ? 2 : 3);
      }
      gram = d;
    }
    return Math.max(start, end - before);
  }

  /** Collects the grams that needles begin with. Both cases of a letter make the same one, and count once. */
  #gramsOf(trie: Trie): Set<number> {
    let level = new Map([[0, new Set([0])]]);
    for (let length = 0; length < this.gramBytes; length++) {
      const next = new Map<number, Set<number>>();
      for (const [node, grams] of level) {
        for (const [byte, child] of trie.edgesOf(node)) {
          const longer = next.get(child) ?? new Set();
          for (const gram of grams) longer.add(((gram << this.#shift) ^ (byte | this.#caseBit)) & this.#mask);
          next.set(child, longer);
        }
      }
      level = next;
    }
    return new Set([...level.values()].flatMap((grams) => [...grams]));
  }
}
