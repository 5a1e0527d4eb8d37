/**
 * Looks for three bytes at fixed distances, sixteen places at a time, in WebAssembly: at 10 GB/s and more where
 * a loop over a `Uint8Array` gets 1 to 2.
 *
 * WebAssembly sees only memory of its own, so a block of the chunk is copied there first; what is found is to
 * be verified in the chunk. One instance serves all searches, as a search ends before another one begins.
 */

import { type Kernel, lazyKernel } from "./simd-kernel.ts";

/** Sixteen places on; all operands that follow `0xfd` are SIMD instructions. */
const CODE: readonly number[] = [
  // Parameters: 0 place, 1 end, 2 to 4 bytes, 5 and 6 distances of the second and third byte from the first.
  ...[1, 4, 0x7b], // locals 7 to 10: v128
  ...[0x20, 2, 0xfd, 0x0f, 0x21, 7], // 7 = i8x16.splat(2)
  ...[0x20, 3, 0xfd, 0x0f, 0x21, 8], // 8 = i8x16.splat(3)
  ...[0x20, 4, 0xfd, 0x0f, 0x21, 9], // 9 = i8x16.splat(4)
  ...[0x03, 0x40], // loop
  ...[0x20, 0, 0xfd, 0x00, 0, 0, 0x20, 7, 0xfd, 0x23], // v128.load(0), i8x16.eq(7)
  ...[0x20, 0, 0x20, 5, 0x6a, 0xfd, 0x00, 0, 0, 0x20, 8, 0xfd, 0x23], // v128.load(0 + 5), i8x16.eq(8)
  ...[0xfd, 0x4e], // v128.and
  ...[0x20, 0, 0x20, 6, 0x6a, 0xfd, 0x00, 0, 0, 0x20, 9, 0xfd, 0x23], // v128.load(0 + 6), i8x16.eq(9)
  ...[0xfd, 0x4e, 0x22, 10], // v128.and, tee 10
  ...[0xfd, 0x53, 0x04, 0x40], // v128.any_true, if
  ...[0x20, 10, 0xfd, 0x64, 0x68, 0x20, 0, 0x6a, 0x0f], // return i32.ctz(i8x16.bitmask(10)) + 0
  ...[0x0b], // end of if
  ...[0x20, 0, 0x41, 16, 0x6a, 0x22, 0], // 0 = 0 + 16
  ...[0x20, 1, 0x49, 0x0d, 0], // br_if loop, 0 < 1 unsigned
  ...[0x0b, 0x20, 1, 0x0b], // end of loop, return 1
];

const kernel: () => Kernel | null = lazyKernel({ parameters: 7, pages: 1, code: CODE });

/** How much of a chunk is copied at once, in bytes: first little, as a match may be near. */
const FIRST_BLOCK_BYTES = 1024;
const LAST_BLOCK_BYTES = 32 * 1024;

/** How far the third byte may be from the first, in bytes. */
export const MAX_DISTANCE = 256;

/** What to look for. */
export interface Probes {
  /** The three bytes. */
  readonly bytes: readonly [number, number, number];
  /** How far the second and the third one are behind the first, in bytes. */
  readonly distances: readonly [number, number];
}

/**
 * Tells whether there is WebAssembly with SIMD, and makes it ready.
 *
 * @returns Whether `simdScan` may be called.
 */
export function hasSimd(): boolean {
  return kernel() !== null;
}

/**
 * Looks for three bytes at fixed distances.
 *
 * @param chunk Where to look.
 * @param from The first index that the first byte may be at.
 * @param last The last such index; the third byte must not be beyond the chunk.
 * @param probes What to look for.
 * @returns The index of the first byte; -1 if there is none.
 */
export function simdScan(chunk: Uint8Array, from: number, last: number, probes: Probes): number {
  const { memory, run } = kernel() as Kernel;
  const [a, b, c] = probes.bytes;
  const [ab, ac] = probes.distances;
  let size = FIRST_BLOCK_BYTES;
  for (let start = from; start <= last;) {
    const places = Math.min(size, last + 1 - start);
    memory.set(chunk.subarray(start, start + places + ac));
    const place = run(0, places, a, b, c, ab, ac);
    if (place < places) return start + place;
    start += places;
    size = LAST_BLOCK_BYTES;
  }
  return -1;
}
