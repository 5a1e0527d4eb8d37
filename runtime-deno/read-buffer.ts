/**
 * Which buffer a socket reads into next.
 *
 * Deno pins a buffer while a read waits, so whoever waits for little waits with little: a small buffer of its own. A read
 * that filled its buffer says that the kernel has more: the next one takes a large buffer from a pool, and keeps it as
 * long as it is filled. So a socket that waits has a large buffer only if its last bytes filled one to the brim.
 */
import { BufferPool } from "../lib/buffer-pool.ts";

/** Holds most heads, and small bodies. */
const SMALL_BYTES = 8 * 1024;
/** A read of 256 KiB costs 0.8 of four of 64 KiB; beyond, a slow client holds too much. */
const LARGE_BYTES = 256 * 1024;

const pool = new BufferPool(LARGE_BYTES, 32);

/** The buffers of one socket. */
export class ReadBuffer {
  #small: Uint8Array | null = null;
  #large: Uint8Array | null = null;
  #filled = false;

  /** The buffer for the next read; what the last read gave is over with it. */
  next(): Uint8Array {
    if (this.#filled) return this.#large ??= new Uint8Array(pool.take());
    if (this.#large !== null) {
      pool.give(this.#large.buffer as ArrayBuffer);
      this.#large = null;
    }
    return this.#small ??= new Uint8Array(SMALL_BYTES);
  }

  /** What a read of `count` bytes into `buffer` gave. */
  took(buffer: Uint8Array, count: number): Uint8Array {
    this.#filled = count === buffer.length;
    return buffer.subarray(0, count);
  }
}
