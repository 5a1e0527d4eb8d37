/**
 * The bytes that were received and not consumed.
 *
 * As a rule that is the reader's own buffer, lent, and nothing is copied. Only what outlives it is: the beginning of a
 * head whose end has not come, a request behind the one that is being answered. Copies grow by doubling, so a head that
 * comes an octet at a time costs a number of copied octets in proportion to its length.
 */
import { NO_BYTES } from "./octets.ts";

const SMALLEST_COPY = 512;

/** A window on the bytes that were received. */
export class ReceiveBuffer {
  /** What holds the bytes; only those from `start` to `end` are not consumed. */
  bytes: Uint8Array = NO_BYTES;
  /** The index of the first byte. */
  start = 0;
  /** The index after the last byte. */
  end = 0;
  // Whether `bytes` is a copy of our own, which may be written behind `end`.
  #own = false;

  /** How many bytes there are. */
  get length(): number {
    return this.end - this.start;
  }

  /**
   * Adds bytes that follow those that are here.
   *
   * @param bytes Lent until the next call.
   */
  add(bytes: Uint8Array): void {
    if (this.start === this.end) {
      this.bytes = bytes;
      this.start = 0;
      this.end = bytes.length;
      this.#own = false;
      return;
    }
    if (!this.#own || this.end + bytes.length > this.bytes.length) this.#copy(bytes.length);
    this.bytes.set(bytes, this.end);
    this.end += bytes.length;
  }

  /** Copies what is here, unless it is a copy. */
  keep(): void {
    if (this.start === this.end) this.clear();
    else if (!this.#own) this.#copy(0);
  }

  /**
   * Consumes bytes.
   *
   * @param count How many; there are as many.
   */
  skip(count: number): void {
    this.start += count;
  }

  /**
   * Consumes bytes and hands them out.
   *
   * @param count How many; there are as many.
   * @returns The bytes themselves, valid until the next `add`.
   */
  take(count: number): Uint8Array {
    const from = this.start;
    this.start += count;
    // A read that is nothing but body is the usual case, and a view of all of it would be a needless object.
    if (count === this.bytes.length) return this.bytes;
    return this.bytes.subarray(from, this.start);
  }

  /** Lets go of everything. */
  clear(): void {
    this.bytes = NO_BYTES;
    this.start = this.end = 0;
    this.#own = false;
  }

  #copy(room: number): void {
    const length = this.end - this.start;
    const copy = new Uint8Array(Math.max(SMALLEST_COPY, length * 2 + room));
    copy.set(this.bytes.subarray(this.start, this.end));
    this.bytes = copy;
    this.start = 0;
    this.end = length;
    this.#own = true;
  }
}
