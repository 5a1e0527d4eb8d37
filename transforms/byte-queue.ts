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
   * Forgets the first bytes.
   *
   * @param length How many, in bytes.
   */
  drop(length: number): void {
    this.#start += length;
  }

  /**
   * Shows held bytes.
   *
   * @param from The index of the first one, from the front.
   * @param to The index behind the last one.
   * @returns The bytes; not to be changed.
   */
  peek(from: number, to: number): Uint8Array {
    return this.#buffer.subarray(this.#start + from, this.#start + to);
  }

  /** Forgets all bytes, and the memory they were in. */
  clear(): void {
    this.#buffer = none;
    this.#start = 0;
    this.#end = 0;
  }
}
