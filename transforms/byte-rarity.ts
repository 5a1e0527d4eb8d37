/** Which bytes of a needle are worth looking for: those that bodies have the least of. */

import { MAX_DISTANCE, type Probes } from "./simd-scan.ts";

/** The bytes of markup, JSON and prose, the most frequent first; what is missing here is rarer still. */
const FREQUENT = " etaisonrldc\"/<>h=pmu-\n.gfbvwy:0123456789,k;_&'()[]{}xSTCAEDIMPRLNBFHOGUVWjqz";

/** From this rank in `FREQUENT` on, a byte counts as rare. */
const RARE_RANK = 46;

/** How seldom a byte is to be expected: 0 is the most frequent one. */
function rarity(byte: number): number {
  const rank = FREQUENT.indexOf(String.fromCharCode(byte));
  return rank < 0 ? FREQUENT.length : rank;
}

/**
 * Tells whether a byte is seldom to be expected.
 *
 * @param byte The byte.
 * @returns Whether it is none of the most frequent ones of text.
 */
export function isRare(byte: number): boolean {
  return rarity(byte) >= RARE_RANK;
}

/**
 * Finds the byte of a needle that is to be expected the least.
 *
 * @param needle The needle.
 * @returns Its index.
 */
export function rarestIndex(needle: Uint8Array): number {
  let rarest = 0;
  for (let i = 1; i < needle.length && i < 256; i++) {
    if (rarity(needle[i] as number) > rarity(needle[rarest] as number)) rarest = i;
  }
  return rarest;
}

/**
 * Chooses the three rarest bytes of a needle, as far as SIMD can see; where there are less, one of them twice.
 *
 * @param needle The needle.
 * @returns The index of the first one, and the three.
 */
export function probesOf(needle: Uint8Array): { readonly first: number; readonly probes: Probes } {
  const rarest = Array.from(needle.subarray(0, MAX_DISTANCE), (byte, index) => ({ byte, index }))
    .sort((a, b) => rarity(b.byte) - rarity(a.byte)).slice(0, 3).sort((a, b) => a.index - b.index);
  const [a, b = a, c = b] = rarest as [{ byte: number; index: number }];
  return {
    first: a.index,
    probes: { bytes: [a.byte, b.byte, c.byte], distances: [b.index - a.index, c.index - a.index] },
  };
}
