/**
 * Bytes that are held back, handed on from the front.
 *
 * What has been handed on is never written to again: the queue grows behind its end, and moves to a new buffer
 * of twice the size when that is full. So a byte is copied a bounded number of times, however it came.
 */

import { pass } from "./bytes.ts";
import type { Controller } from "./transform.ts";

/** The least capacity of a buffer, in bytes. */
const LEAST_CAPACITY = 32;

/** From how many bytes on a call of `set` is faster than a loop. */
const LONG_COPY_BYTES = 32;

const none = new Uint8Array();

/** A queue of bytes. */
export class ByteQueue {
  #buffer = none;
  #start = 0;
  #end = 0;

  /** How many bytes are held. */
  get length(): number {
    return this.#end - this.#start;
  }

  /**
   * Takes in a part of a chunk, in a copy.
   *
   * @param chunk The chunk.
   * @param from The index of the part's first byte.
   * @param to The index behind its last byte.
   */
  append(chunk: Uint8Array, from: number, to: number): void {
    if (this.#end + to - from > this.#buffer.length) {
      const live = this.#buffer.subarray(this.#start, this.#end);
      this.#buffer = new Uint8Array(Math.max(LEAST_CAPACITY, 2 * (live.length + to - from)));
      this.#buffer.set(live);
      this.#start = 0;
      this.#end = live.length;
    }
    if (to - from < LONG_COPY_BYTES) {
      for (let i = from; i < to; i++) this.#buffer[this.#end++] = chunk[i] as number;
    } else {
      this.#buffer.set(chunk.subarray(from, to), this.#end);
      this.#end += to - from;
    }
  }

  /**
   * Hands on the first bytes.
   *
   * @param length How many, in bytes.
   * @param controller Where to.
   */
  release(length: number, controller: Controller): void {
    pass(controller, this.#buffer, this.#start, this.#start + length);
    this.#start += length;
  }

  /**
   * Hands on what lies between two indices of a chunk. Those before it are of the queue, which begins where the
   * part begins, and ends where the chunk begins.
   *
   * @param chunk The chunk.
   * @param start The index of the part's first byte, negative in the queue.
   * @param end The index behind its last byte.
   * @param controller Where to.
   */
  pass(chunk: Uint8Array, start: number, end: number, controller: Controller): void {
    if (start < 0) this.release(Math.min(end, 0) - start, controller);
    pass(controller, chunk, Math.max(start, 0), end);
  }

  /**
   * Forgets what lies between two indices of a chunk, as far as it is in the queue, which begins there.
   *
   * @param start The index of the part's first byte, negative in the queue.
   * @param end The index behind its last byte.
   */
  drop(start: number, end: number): void {
    if (start < 0) this.#start += Math.min(end, 0) - start;
  }

  /**
   * Copies what lies between two indices of a chunk; the queue ends where that begins.
   *
   * @param chunk The chunk.
   * @param start The index of the part's first byte, negative in the queue.
   * @param end The index behind its last byte.
   * @returns The bytes, in memory of their own.
   */
  copy(chunk: Uint8Array, start: number, end: number): Uint8Array {
    const held = this.#buffer.subarray(this.#end + Math.min(start, 0), this.#end + Math.min(end, 0));
    const bytes = new Uint8Array(end - start);
    bytes.set(held);
    bytes.set(chunk.subarray(Math.max(start, 0), Math.max(end, 0)), held.length);
    return bytes;
  }

  /** Forgets all bytes, and the memory they were in. */
  clear(): void {
    this.#buffer = none;
    this.#start = 0;
    this.#end = 0;
  }
}
