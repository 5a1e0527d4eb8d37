/**
 * Finds many needles at once in a body that comes in chunks: the leftmost first, of those that begin there the
 * longest, none overlapping another.
 *
 * It is Aho and Corasick's automaton with another answer to failure. A state is the path to a node of the
 * trie: what lies before it is decided, it itself may still become a needle. When it can't, its needles are
 * known: the longest that it begins with, if any, and what follows from the rest by the same rule; and so is
 * the node at which the last part of it lives on. Both are computed once for each node, so no byte is ever
 * read again, and the time is linear in the body.
 *
 * The transitions are in one table: a row for each node, a column for each byte that occurs in the needles and
 * one for all others. A state is the index of its row. Between candidates a filter gets past the bytes.
 */

import type { UnitLayout } from "./charset.ts";
import { GramFilter } from "./gram-filter.ts";
import { Trie } from "./trie.ts";

/** Takes a needle that was found; returns whether to go on. Indices before the chunk are negative. */
export type MatchSink = (needle: number, start: number, end: number) => boolean;

/** The needles in a path that came to nothing, from left to right; positions count from its first byte. */
type Found =
  | { readonly needle: number; readonly length: number }
  | { readonly left: Found | null; readonly right: Found; readonly shift: number };

/** The state at the beginning: nothing is live. */
export const ROOT = 0;

/** The entry for a byte that makes needles known. */
const FAILS = -1;

/** Entries from here downwards are for bytes that complete a needle which nothing can make longer. */
const FIRST_LEAF = -2;

/** What stands in a row before the entries: the length of the path, the row where it lives on, its needles. */
const DEPTH = 0;
const FALL = 1;
const FOUND = 2;
const HEADER = 3;

function join(left: Found | null, right: Found | null, shift: number): Found | null {
  return right === null ? left : { left, right, shift };
}

/** Needles, prepared. It has no state of its own between calls. */
export class Automaton {
  readonly #table: Int32Array;
  readonly #width: number;
  /** For each byte, its column, behind the header. */
  readonly #columns: Uint16Array = new Uint16Array(256).fill(HEADER);
  /** What rows have under `FOUND`; the first stands for nothing. */
  readonly #found: (Found | null)[] = [null];
  readonly #leafNeedles: number[] = [];
  readonly #leafLengths: number[] = [];
  /** The state within a unit that begins no needle. */
  readonly #odd: number;
  /** The first state that is at least a gram deep. */
  #deep: number = Infinity;
  readonly #filter: GramFilter | null;

  /**
   * @param needles What to find, at least one byte each, whole units.
   * @param layout The charset's units.
   * @param ignoreCase Whether an ASCII letter stands for both its cases.
   */
  constructor(needles: readonly Uint8Array[], layout: UnitLayout, ignoreCase: boolean) {
    const trie = new Trie(layout, ignoreCase);
    needles.forEach((needle, index) => trie.add(needle, index));
    let width = HEADER + 1;
    for (const byte of trie.bytes()) this.#columns[byte] = width++;
    this.#width = width;
    this.#odd = layout.bytes === 1 ? ROOT : width;
    const shortest = needles.reduce((least, { length }) => Math.min(least, length), Infinity);
    this.#filter = needles.length === 0 ? null : new GramFilter(trie, shortest, layout.bytes, ignoreCase);
    this.#table = new Int32Array((trie.innerNodes + 1) * width);
    this.#build(trie);
  }

  /**
   * Tells how much of the body a state holds.
   *
   * @param state The state.
   * @returns How many bytes are live, less than the longest needle has.
   */
  depth(state: number): number {
    return this.#table[state + DEPTH] as number;
  }

  /**
   * Finds the needles in a chunk.
   *
   * @param chunk The chunk.
   * @param state The state before it.
   * @param sink Where needles go, from left to right.
   * @returns The state behind it; `ROOT` if the sink ended it.
   */
  scan(chunk: Uint8Array, state: number, sink: MatchSink): number {
    const table = this.#table;
    const columns = this.#columns;
    const filter = this.#filter;
    if (filter === null) return ROOT;
    filter.open();
    const length = chunk.length;
    const deep = this.#deep;
    let v = state;
    for (let i = 0; i < length;) {
      let stop = i + 1;
      if (v < deep && (v !== this.#odd || v === ROOT)) {
        const start = i - (table[v + DEPTH] as number);
        const next = start < 0 ? start : filter.next(chunk, start);
        if (next > start || (next === start && v === ROOT)) {
          v = ROOT;
          i = next;
          stop = Math.min(length, i + filter.gramBytes);
        }
      }
      // Up to `stop` in any state, from there on as long as the path is too long for the filter to see it.
      for (; i < length && (i < stop || v >= deep); i++) {
        let entry = table[v + (columns[chunk[i] as number] as number)] as number;
        if (entry >= 0) {
          v = entry;
          continue;
        }
        for (; entry === FAILS; entry = table[v + (columns[chunk[i] as number] as number)] as number) {
          if (!this.#report(v, i, sink)) return ROOT;
          v = table[v + FALL] as number;
        }
        v = entry;
        if (entry > FAILS) continue;
        v = ROOT;
        const leaf = FIRST_LEAF - entry;
        const start = i + 1 - (this.#leafLengths[leaf] as number);
        if (!sink(this.#leafNeedles[leaf] as number, start, i + 1)) return ROOT;
      }
    }
    return v;
  }

  /**
   * Finds the needles in what is live when the body ends.
   *
   * @param state The state at the end.
   * @param sink Where needles go.
   */
  finish(state: number, sink: MatchSink): void {
    for (let v = state; this.depth(v) > 0; v = this.#table[v + FALL] as number) {
      if (!this.#report(v, 0, sink)) return;
    }
  }

  /** Reports the needles of a path that came to nothing; `end` is the index behind it. */
  #report(state: number, end: number, sink: MatchSink): boolean {
    const found = this.#found[this.#table[state + FOUND] as number] as Found | null;
    if (found === null) return true;
    const todo: [found: Found, start: number][] = [[found, end - this.depth(state)]];
    for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
      const [part, start] = next;
      if ("needle" in part) {
        if (!sink(part.needle, start, start + part.length)) return false;
      } else {
        todo.push([part.right, start + part.shift]);
        if (part.left !== null) todo.push([part.left, start]);
      }
    }
    return true;
  }

  /** Fills the table, the shorter paths first: a row needs those of what its path may live on as. */
  #build(trie: Trie): void {
    const width = this.#width;
    const rows = new Map<number, number>([[0, ROOT]]);
    let free = Math.max(ROOT, this.#odd) + width;
    let level: readonly number[] = [0];
    this.#table.fill(this.#odd, ROOT + HEADER, ROOT + width);
    for (let depth = 1; level.length > 0; depth++) {
      const next: number[] = [];
      for (const node of level) {
        const row = rows.get(node) as number;
        this.#fillFailing(row);
        for (const [byte, child] of trie.edgesOf(node)) {
          const isLeaf = trie.edgesOf(child).size === 0;
          let entry = isLeaf ? this.#addLeaf(trie.needles[child] as number, depth) : rows.get(child);
          if (entry === undefined) {
            entry = free;
            free += width;
            rows.set(child, entry);
            next.push(child);
            this.#table[entry + DEPTH] = depth;
            if (depth === this.#filter?.gramBytes) this.#deep = Math.min(this.#deep, entry);
            this.#computeFall(entry, row, byte, trie.needles[child] as number);
          }
          this.#table[row + (this.#columns[byte] as number)] = entry;
        }
      }
      level = next;
    }
  }

  /** Fills a row as if its node had no edges. */
  #fillFailing(row: number): void {
    if (row === ROOT) return;
    const start = row + HEADER;
    const fall = this.#table[row + FALL] as number;
    if (this.#table[row + FOUND] !== 0) this.#table.fill(FAILS, start, row + this.#width);
    else this.#table.copyWithin(start, fall + HEADER, fall + this.#width);
  }

  #addLeaf(needle: number, depth: number): number {
    this.#leafLengths.push(depth);
    return FIRST_LEAF + 1 - this.#leafNeedles.push(needle);
  }

  /** Computes what becomes of a path that goes no further, from what becomes of it without its last byte. */
  #computeFall(row: number, parent: number, byte: number, needle: number): void {
    const table = this.#table;
    if (needle >= 0) {
      this.#setFall(row, ROOT, { needle, length: this.depth(row) });
      return;
    }
    if (parent === ROOT) {
      this.#setFall(row, this.#odd, null);
      return;
    }
    const length = this.depth(parent);
    let v = table[parent + FALL] as number;
    let found = this.#found[table[parent + FOUND] as number] as Found | null;
    let entry: number;
    while ((entry = table[v + (this.#columns[byte] as number)] as number) === FAILS) {
      const more = this.#found[table[v + FOUND] as number] as Found | null;
      found = join(found, more, length - this.depth(v));
      v = table[v + FALL] as number;
    }
    if (entry > FAILS) {
      this.#setFall(row, entry, found);
      return;
    }
    const leaf = FIRST_LEAF - entry;
    const leafLength = this.#leafLengths[leaf] as number;
    const last = { needle: this.#leafNeedles[leaf] as number, length: leafLength };
    this.#setFall(row, ROOT, join(found, last, length + 1 - leafLength));
  }

  #setFall(row: number, to: number, found: Found | null): void {
    this.#table[row + FALL] = to;
    if (found !== null) this.#table[row + FOUND] = this.#found.push(found) - 1;
  }
}
