/**
 * Buffers of one size that are lent and given back.
 *
 * What is given back is kept up to a bound, newest on top (it is the one that the processor still has in its cache);
 * the rest is left to the garbage collector. Whoever gives a buffer back must be done with it, and so must everybody
 * that holds a view of it.
 */
export class BufferPool {
  readonly #size: number;
  readonly #most: number;
  readonly #free: ArrayBuffer[] = [];

  /**
   * @param size The size of each buffer, in bytes.
   * @param most How many free buffers are kept.
   */
  constructor(size: number, most: number) {
    this.#size = size;
    this.#most = most;
  }

  /** A buffer, with whatever was last in it. */
  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(this.#size);
  }

  /** Gives a buffer back. */
  give(buffer: ArrayBuffer): void {
    if (this.#free.length < this.#most) this.#free.push(buffer);
  }
}
