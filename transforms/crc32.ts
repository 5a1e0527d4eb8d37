/**
 * The CRC-32 of gzip, zip and PNG (RFC 1952 8), for runtimes that have no incremental hash of their own.
 *
 * Four bytes a turn: table n says what a byte does that n bytes follow within the turn.
 */

import type { IncrementalHash } from "./hash.ts";

const POLYNOMIAL = 0xedb88320;

const tables = makeTables();

function makeTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
    return sum;
  });
  const next = (table: Uint32Array) => table.map((sum) => (sum >>> 8) ^ (first[sum & 0xff] as number));
  const second = next(first);
  const third = next(second);
  return [first, second, third, next(third)];
}

/** A checksum that is made piece by piece. */
export interface Crc32 extends IncrementalHash {
  /** Takes the next bytes. */
  update(bytes: Uint8Array): void;
  /** The checksum of all bytes so far, an unsigned number of 32 bits. */
  digest(): number;
}

class Checksum implements Crc32 {
  #sum = 0xffffffff;

  update(bytes: Uint8Array): void {
    const [t0, t1, t2, t3] = tables as [Uint32Array, Uint32Array, Uint32Array, Uint32Array];
    const aligned = bytes.length - bytes.length % 4;
    let sum = this.#sum;
    let at = 0;
    for (; at < aligned; at += 4) {
      sum ^= bytes[at]! | bytes[at + 1]! << 8 | bytes[at + 2]! << 16 | bytes[at + 3]! << 24;
      sum = t3[sum & 0xff]! ^ t2[sum >>> 8 & 0xff]! ^ t1[sum >>> 16 & 0xff]! ^ t0[sum >>> 24]!;
    }
    for (; at < bytes.length; at++) sum = sum >>> 8 ^ t0[(sum ^ bytes[at]!) & 0xff]!;
    this.#sum = sum;
  }

  digest(): number {
    return ~this.#sum >>> 0;
  }
}

/**
 * Begins a CRC-32, for `hash`. It finds accidents, not attackers.
 *
 * @returns The checksum, of no bytes yet.
 *
 * @example The checksum of a body
 * ```ts
 * import { crc32, hash } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let sum = 0;
 * const body = new Response("123456789").body!.pipeThrough(hash(crc32(), (crc) => sum = crc.digest()));
 * assert.equal(await new Response(body).text(), "123456789");
 * assert.equal(sum, 0xcbf43926);
 * ```
 */
export function crc32(): Crc32 {
  return new Checksum();
}
