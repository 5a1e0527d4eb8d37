/** Bytes that wait for more of them, in one buffer that doubles: so each byte is copied a few times at most. */

const LEAST_BYTES = 256;

const none = new Uint8Array();

/** A buffer that grows at its end, and gives its bytes away whole. */
export class Hold {
  #buffer: Uint8Array = none;
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /**
   * Copies a part of a chunk to the end.
   *
   * @param chunk The chunk.
   * @param start The index of the part's first byte.
   * @param end The index behind its last byte.
   */
  append(chunk: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, 2 * this.#length, LEAST_BYTES));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk.subarray(start, end), this.#length);
    this.#length = length;
  }

  /** Gives all bytes away, and begins anew in other memory. */
  take(): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#length);
    this.clear();
    return bytes;
  }

  /** Lets go of all bytes. */
  clear(): void {
    this.#buffer = none;
    this.#length = 0;
  }
}
