/**
 * Finds line ends: LF, CR, or CR LF.
 *
 * The CRs and LFs of a block are all found at once, sixteen bytes at a time in WebAssembly, and kept as a list,
 * which the places that are asked for then walk along. So a line costs a step in a list, where a call of any
 * native search costs 30 ns and more. A short block, and one where there is no SIMD, is looked at byte by byte.
 */

import { type Kernel, lazyKernel } from "./simd-kernel.ts";

/** The line feed. */
export const LF = 0x0a;

/** The carriage return. */
export const CR = 0x0d;

/** The length of a block in bytes; two bytes for each of its bytes fit behind it, in one page. */
const BLOCK_BYTES = 16 * 1024;

/** From how many bytes on SIMD is worth a call and two copies. */
const LEAST_SIMD_BYTES = 256;

/** All operands that follow `0xfd` are SIMD instructions. */
const CODE: readonly number[] = [
  // Parameters: 0 place, 1 end, 2 where the list goes, two bytes an entry. The result is the list's end.
  ...[2, 3, 0x7b, 1, 0x7f], // locals 3 to 5: v128; 6: i32
  ...[0x41, LF, 0xfd, 0x0f, 0x21, 3], // 3 = i8x16.splat(LF)
  ...[0x41, CR, 0xfd, 0x0f, 0x21, 4], // 4 = i8x16.splat(CR)
  ...[0x03, 0x40], // loop
  ...[0x20, 0, 0xfd, 0x00, 0, 0, 0x22, 5], // 5 = v128.load(0)
  ...[0x20, 3, 0xfd, 0x23, 0x20, 5, 0x20, 4, 0xfd, 0x23, 0xfd, 0x50], // i8x16.eq(5, 3) or i8x16.eq(5, 4)
  ...[0xfd, 0x64, 0x21, 6], // 6 = i8x16.bitmask
  ...[0x02, 0x40, 0x03, 0x40], // block, loop
  ...[0x20, 6, 0x45, 0x0d, 1], // leave the block if 6 is 0
  ...[0x20, 2, 0x20, 0, 0x20, 6, 0x68, 0x6a, 0x3b, 0, 0], // i32.store16(2, 0 + i32.ctz(6))
  ...[0x20, 2, 0x41, 2, 0x6a, 0x21, 2], // 2 = 2 + 2
  ...[0x20, 6, 0x20, 6, 0x41, 1, 0x6b, 0x71, 0x21, 6], // 6 = 6 & (6 - 1)
  ...[0x0c, 0, 0x0b, 0x0b], // again; end of loop and block
  ...[0x20, 0, 0x41, 16, 0x6a, 0x22, 0], // 0 = 0 + 16
  ...[0x20, 1, 0x49, 0x0d, 0], // br_if loop, 0 < 1 unsigned
  ...[0x0b, 0x20, 2, 0x0b], // end of loop, return 2
];

const kernel: () => Kernel | null = lazyKernel({ parameters: 3, pages: 1, code: CODE });

const none = new Uint8Array();

/** The line ends of one chunk after the other. */
export class LineEnds {
  #chunk: Uint8Array = none;
  /** The indices of the block that was looked at. */
  #start = 0;
  #end = 0;
  /** The places of its CRs and LFs, counted from its start, how many there are, and the first that counts. */
  #places = new Uint16Array(0);
  #count = 0;
  #next = 0;
  readonly #kernel: Kernel | null;

  /**
   * @param simd Whether to use SIMD where there is any; default `true`.
   */
  constructor(simd: boolean = true) {
    this.#kernel = simd ? kernel() : null;
  }

  /** Begins with a chunk. */
  open(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#start =
      this.#end =
      this.#count =
      this.#next =
        0;
  }

  /**
   * Finds the first CR or LF; the places asked for must not descend.
   *
   * @param from The index to look from.
   * @returns Its index, or the chunk's length if there is none.
   */
  next(from: number): number {
    const length = this.#chunk.length;
    for (;;) {
      for (; this.#next < this.#count; this.#next++) {
        const at = this.#start + (this.#places[this.#next] as number);
        if (at >= from) return at;
      }
      if (this.#end >= length) return length;
      this.#look(Math.max(this.#end, from));
    }
  }

  /** Finds all CRs and LFs of the next block. */
  #look(start: number): void {
    const end = Math.min(start + BLOCK_BYTES, this.#chunk.length);
    this.#start = start;
    this.#end = Math.max(start, end);
    this.#next = this.#count = 0;
    if (this.#kernel !== null && end - start >= LEAST_SIMD_BYTES) this.#lookBySimd(this.#kernel, start, end);
    else this.#lookByLoop(start, end);
  }

  #lookBySimd({ memory, run }: Kernel, start: number, end: number): void {
    const length = end - start;
    memory.set(this.#chunk.subarray(start, end));
    const list = new Uint16Array(
      memory.buffer,
      BLOCK_BYTES,
      (run(0, length, BLOCK_BYTES) - BLOCK_BYTES) >> 1,
    );
    let count = list.length;
    // What lay in the memory behind the block was looked at too.
    while (count > 0 && (list[count - 1] as number) >= length) count--;
    if (count > this.#places.length) this.#places = new Uint16Array(Math.min(2 * count, BLOCK_BYTES));
    this.#places.set(list.subarray(0, count));
    this.#count = count;
  }

  #lookByLoop(start: number, end: number): void {
    const chunk = this.#chunk;
    for (let at = start; at < end; at++) {
      const byte = chunk[at] as number;
      if (byte > CR || (byte !== LF && byte !== CR)) continue;
      if (this.#count === this.#places.length) {
        const places = new Uint16Array(Math.max(8, 2 * this.#count));
        places.set(this.#places);
        this.#places = places;
      }
      this.#places[this.#count++] = at - start;
    }
  }
}
