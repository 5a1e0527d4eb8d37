/**
 * Finds one needle in a body that comes in chunks.
 *
 * Inside a chunk, `find` looks for the whole needle with the fastest scan at hand; at a chunk's edge, `edge`
 * and `advance` follow a live partial match by the Knuth–Morris–Pratt failure function, so that the only
 * state between two chunks is a number: how long a prefix of the needle the body ends with just now.
 *
 * Four scans, each linear or bounded: one that hops from one occurrence of the needle's rarest byte to the
 * next, one that looks for its three rarest bytes by SIMD, Horspool's, and Knuth–Morris–Pratt's. All but the
 * last do needless work where the text resembles the needle, so each keeps account of it, and hands over to the
 * next one when it has cost more than the bytes it got past.
 */

import { isRare, probesOf, rarestIndex } from "./byte-rarity.ts";
import { hasSimd, type Probes, simdScan } from "./simd-scan.ts";

/**
 * What a candidate that proves false costs a hopping scan, counted in bytes that a Horspool scan gets past.
 */
const FALSE_HIT_BYTES = 128;

/** How much a scan may waste in a chunk before it is held to account, in bytes. */
const GRACE_BYTES = 1024;

/**
 * The longest anchor, in bytes: Node looks for up to 6 by `memchr` on the first one, for more by tables it
 * builds.
 */
const MAX_ANCHOR_BYTES = 6;

/** Up to this needle length, in bytes, `Uint8Array.indexOf` of a rare byte beats Horspool's skips. */
const MAX_BYTE_HOP_BYTES = 10;

/** From how many bytes on SIMD is worth a call and a copy. */
const LEAST_SIMD_BYTES = 256;

/** Up to this needle length, in bytes, a match is first looked for by a loop in so many bytes. */
const MAX_NEAR_NEEDLE_BYTES = 16;
const NEAR_BYTES = 96;

/** From how many bytes on a call of `indexOf` gets to the next beginning of a match faster than a loop. */
const LONG_EDGE_BYTES = 32;

type IndexOf = (this: Uint8Array, needle: Uint8Array, from: number) => number;

/**
 * `Buffer.prototype.indexOf` where it is native code that scans at memory speed (3 GB/s and more): on Node
 * and Bun. Elsewhere a `Buffer` is an emulation that is slower than the loops here (0.2 GB/s), so its
 * presence proves nothing, and the runtime is asked for its name. Node 20 has no `navigator`.
 */
const nativeIndexOf: IndexOf | undefined = (() => {
  const { Buffer, navigator } = globalThis as unknown as {
    readonly Buffer?: { readonly prototype: { readonly indexOf: IndexOf } };
    readonly navigator?: { readonly userAgent?: string };
  };
  return /^(?:Node\.js|Bun)\//.test(navigator?.userAgent ?? "Node.js/")
    ? Buffer?.prototype.indexOf
    : undefined;
})();

/** For each length n, how long the longest proper prefix of `needle` is that its first n bytes end with. */
function failureTable(needle: Uint8Array): Uint32Array {
  const failure = new Uint32Array(needle.length + 1);
  for (let i = 1, matched = 0; i < needle.length; i++) {
    while (matched > 0 && needle[matched] !== needle[i]) matched = failure[matched] as number;
    if (needle[matched] === needle[i]) matched++;
    failure[i + 1] = matched;
  }
  return failure;
}

/**
 * For each byte, how far Horspool's scan moves on when the window ends with it. Wider than 8 bits: needles
 * are long.
 */
function skipTable(needle: Uint8Array): Uint32Array {
  const last = needle.length - 1;
  const skip = new Uint32Array(256).fill(needle.length);
  for (let i = 0; i < last; i++) skip[needle[i] as number] = last - i;
  return skip;
}

/** One needle, prepared. It has no state of its own between calls. */
export class Search {
  /** The bytes to find, at least one. */
  readonly needle: Uint8Array;
  readonly #failure: Uint32Array;
  readonly #skip: Uint32Array;
  readonly #anchorIndex: number;
  readonly #anchor: Uint8Array;
  readonly #hops: boolean;
  readonly #probesFrom: number;
  readonly #probes: Probes | null;

  /**
   * @param needle The bytes to find, at least one; not to be changed afterwards.
   * @param simd Whether to use SIMD; default: whether there is any.
   */
  constructor(needle: Uint8Array, simd: boolean = hasSimd()) {
    this.needle = needle;
    this.#failure = failureTable(needle);
    this.#skip = skipTable(needle);
    this.#anchorIndex = rarestIndex(needle);
    this.#anchor = needle.subarray(this.#anchorIndex, this.#anchorIndex + MAX_ANCHOR_BYTES);
    const { first, probes } = probesOf(needle);
    this.#probesFrom = first;
    this.#probes = needle.length > 1 && simd ? probes : null;
    // What is not rare is better looked for by SIMD than by native code.
    const isFast = nativeIndexOf !== undefined && this.#probes === null;
    const isShort = needle.length <= MAX_BYTE_HOP_BYTES || nativeIndexOf !== undefined;
    this.#hops = needle.length === 1 || isFast || (isShort && isRare(this.#anchor[0] as number));
  }

  /**
   * Finds the needle as a whole.
   *
   * @param chunk Where to look.
   * @param from The first index that an occurrence may start at.
   * @returns The index of the first occurrence, or -1.
   */
  find(chunk: Uint8Array, from: number): number {
    const last = chunk.length - this.needle.length;
    if (from > last) return -1;
    return this.#hops ? this.#findByHops(chunk, from, last) : this.#findByProbes(chunk, from, last);
  }

  /**
   * Tells how much of the needle a chunk ends with.
   *
   * @param chunk Where to look.
   * @param from The first index that the match may start at; the needle must not lie whole behind it.
   * @returns The length of the longest proper prefix of the needle that `chunk` ends with, 0 for none.
   */
  edge(chunk: Uint8Array, from: number): number {
    const first = this.needle[0] as number;
    let matched = 0;
    for (let i = Math.max(from, chunk.length - this.needle.length + 1); i < chunk.length; i++) {
      const byte = chunk[i] as number;
      if (matched > 0) {
        matched = this.advance(matched, byte);
      } else if (byte === first) {
        matched = 1;
      } else if (chunk.length - i > LONG_EDGE_BYTES) {
        const next = chunk.indexOf(first, i + 1);
        if (next < 0) return 0;
        i = next - 1;
      }
    }
    return matched;
  }

  /**
   * Takes one byte more of the body into a partial match; the cost of many calls is linear in their number.
   *
   * @param matched How much of the needle the body ended with before, less than the whole.
   * @param byte The next byte.
   * @returns How much of the needle it ends with now; the needle's length when it is complete.
   */
  advance(matched: number, byte: number): number {
    while (matched > 0 && this.needle[matched] !== byte) matched = this.#failure[matched] as number;
    return this.needle[matched] === byte ? matched + 1 : 0;
  }

  #findByHops(chunk: Uint8Array, from: number, last: number): number {
    const length = this.needle.length;
    let credit = GRACE_BYTES;
    for (let start = from;;) {
      const hit = nativeIndexOf === undefined
        ? chunk.indexOf(this.#anchor[0] as number, start + this.#anchorIndex)
        : nativeIndexOf.call(chunk, this.#anchor, start + this.#anchorIndex);
      const candidate = hit - this.#anchorIndex;
      if (hit < 0 || candidate > last) return -1;
      const matched = this.#matchedAt(chunk, candidate);
      if (matched === length) return candidate;
      credit += candidate - start - FALSE_HIT_BYTES - matched;
      start = candidate + 1;
      if (credit < 0) return this.#findByProbes(chunk, start, last);
    }
  }

  #findByProbes(chunk: Uint8Array, from: number, last: number): number {
    const probes = this.#probes;
    const first = this.#probesFrom;
    let credit = GRACE_BYTES;
    let start = from;
    if (probes !== null && this.needle.length <= MAX_NEAR_NEEDLE_BYTES) {
      const near = this.#findNear(chunk, from);
      if (near >= 0) return near;
      start = Math.min(from + NEAR_BYTES, last + 1);
    }
    while (probes !== null && credit >= 0 && last - start >= LEAST_SIMD_BYTES) {
      const hit = simdScan(chunk, start + first, last + first, probes);
      const candidate = hit - first;
      if (hit < 0) return -1;
      const matched = this.#matchedAt(chunk, candidate);
      if (matched === this.needle.length) return candidate;
      credit += candidate - start - FALSE_HIT_BYTES - matched;
      start = candidate + 1;
    }
    return this.#findBySkips(chunk, start);
  }

  /** Finds a needle that begins within the next bytes. */
  #findNear(chunk: Uint8Array, from: number): number {
    const last = this.needle.length - 1;
    const stop = Math.min(from + NEAR_BYTES + last, chunk.length);
    for (let end = from + last; end < stop;) {
      const byte = chunk[end] as number;
      const start = end - last;
      if (byte === this.needle[last] && this.#matchedAt(chunk, start) > last) return start;
      end += this.#skip[byte] as number;
    }
    return -1;
  }

  #findBySkips(chunk: Uint8Array, from: number): number {
    const skip = this.#skip;
    const last = this.needle.length - 1;
    const lastByte = this.needle[last];
    let credit = GRACE_BYTES - from;
    for (let end = from + last; end < chunk.length;) {
      const byte = chunk[end] as number;
      if (byte === lastByte) {
        const start = end - last;
        const matched = this.#matchedAt(chunk, start);
        if (matched > last) return start;
        credit -= matched;
        if (credit + start < 0) return this.#findByPrefixes(chunk, start + 1);
      }
      end += skip[byte] as number;
    }
    return -1;
  }

  #findByPrefixes(chunk: Uint8Array, from: number): number {
    const needle = this.needle;
    const failure = this.#failure;
    for (let i = from, matched = 0; i < chunk.length; i++) {
      const byte = chunk[i];
      while (matched > 0 && needle[matched] !== byte) matched = failure[matched] as number;
      if (needle[matched] === byte && ++matched === needle.length) return i + 1 - matched;
    }
    return -1;
  }

  #matchedAt(chunk: Uint8Array, start: number): number {
    const needle = this.needle;
    let matched = 0;
    while (matched < needle.length && needle[matched] === chunk[start + matched]) matched++;
    return matched;
  }
}
