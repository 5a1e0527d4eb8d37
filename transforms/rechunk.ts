/** Cuts a body into pieces of a size, without waiting for bytes unless it is told to. */

import { checkByteCount, pass } from "./bytes.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** The most bytes that a piece may have which is put together in memory: 1 GiB. */
const MAX_EXACT_BYTES = 2 ** 30;

/** How `rechunk` cuts. */
export interface RechunkOptions {
  /**
   * Whether to hold bytes back until a piece is full, so that all but the last have the same size; default
   * `false`.
   */
  readonly exact?: boolean;
}

/** Pieces of at most so many bytes, each passed on at once. */
class Cutter implements Transformer {
  readonly #size: number;

  constructor(size: number) {
    this.#size = size;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    for (let start = 0; start < chunk.length; start += this.#size) {
      pass(controller, chunk, start, Math.min(start + this.#size, chunk.length));
    }
  }
}

/**
 * Pieces of exactly so many bytes. One that is put together has its buffer from the start, so no byte moves
 * twice.
 */
class ExactCutter implements Transformer {
  readonly #size: number;
  #piece: Uint8Array | null = null;
  #filled = 0;

  constructor(size: number) {
    this.#size = size;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    let start = this.#piece === null ? 0 : this.#fill(this.#piece, chunk, 0);
    if (this.#piece !== null && this.#filled === this.#size) this.flush(controller);
    for (; chunk.length - start >= this.#size; start += this.#size) {
      pass(controller, chunk, start, start + this.#size);
    }
    if (start < chunk.length) this.#fill(this.#piece = new Uint8Array(this.#size), chunk, start);
  }

  flush(controller: Controller): void {
    const piece = this.#piece;
    const filled = this.#filled;
    this.cancel();
    if (piece !== null) pass(controller, piece, 0, filled);
  }

  cancel(): void {
    this.#piece = null;
    this.#filled = 0;
  }

  /** Copies what fits from the chunk, from an index on; returns the index behind it. */
  #fill(piece: Uint8Array, chunk: Uint8Array, start: number): number {
    const end = Math.min(chunk.length, start + this.#size - this.#filled);
    piece.set(chunk.subarray(start, end), this.#filled);
    this.#filled += end - start;
    return end;
  }
}

/**
 * Cuts the body into pieces of at most `size` bytes, as they come; with `exact`, into pieces of exactly
 * `size` bytes.
 *
 * - **Bytes held**: none; with `exact`, at most `size - 1`.
 * - **Delay added**: none; with `exact`, until a piece is full or the body ends: not for a live stream.
 * - **Memory**: none, pieces are subarrays; with `exact`, one buffer of `size` bytes for each piece that
 *   spans chunks. No byte is copied more than once.
 *
 * @param size The size of a piece in bytes, at least 1; default 4096.
 * @param options How to cut.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `size` is no number.
 * @throws {RangeError} If `size` is not a whole number, or less than 1, or, with `exact`, more than 1 GiB.
 *
 * @example Pieces of two bytes
 * ```ts
 * import { rechunk } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const lengths: number[] = [];
 * const body = new Response("abcde").body!.pipeThrough(rechunk(2, { exact: true }));
 * for await (const piece of body) lengths.push(piece.length);
 * assert.deepEqual(lengths, [2, 2, 1]);
 * ```
 */
export function rechunk(size: number = 4096, options: RechunkOptions = {}): Transform {
  checkByteCount(size, 1, "Cannot rechunk as the size");
  if (options.exact && size > MAX_EXACT_BYTES) {
    throw new RangeError(
      `Cannot rechunk as an exact size must be at most ${MAX_EXACT_BYTES} bytes, since a piece is put ` +
        `together in memory: got ${size}`,
    );
  }
  return makeTransform(options.exact ? new ExactCutter(size) : new Cutter(size), { retains: false });
}
