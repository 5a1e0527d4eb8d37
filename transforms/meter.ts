/** Measures a body while it passes. */

import { endOf, type TapEnd } from "./ending.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** A transform that can be read at any time, also long after the body has ended. */
export interface Meter extends Transform {
  /** How many bytes have passed. */
  readonly bytes: number;
  /** In how many chunks. */
  readonly chunks: number;
  /** When the first chunk passed, in milliseconds by the meter's clock; `null` before. */
  readonly firstAt: number | null;
  /** When the last chunk passed, likewise. */
  readonly lastAt: number | null;
  /** When the body ended, likewise; `null` while it has not. */
  readonly endedAt: number | null;
  /** How the body ended; `null` while it has not. */
  readonly end: TapEnd | null;
  /** How fast the bytes behind the first chunk came, up to the last chunk; `null` while no time has passed. */
  readonly bytesPerSecond: number | null;
}

/** How `meter` measures. */
export interface MeterOptions {
  /** Tells the time in milliseconds, and never goes back; default `performance.now`. */
  readonly now?: () => number;
}

class BodyMeter implements Meter {
  readonly retains = false;
  readonly fragments = true;
  bytes = 0;
  chunks = 0;
  firstAt: number | null = null;
  lastAt: number | null = null;
  endedAt: number | null = null;
  end: TapEnd | null = null;
  readonly #now: () => number;
  readonly #streams: Transform = makeTransform(this as Transformer);
  #firstBytes = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  get bytesPerSecond(): number | null {
    const { firstAt, lastAt } = this;
    if (firstAt === null || lastAt === null || lastAt <= firstAt) return null;
    return (this.bytes - this.#firstBytes) * 1000 / (lastAt - firstAt);
  }

  get readable(): Transform["readable"] {
    return this.#streams.readable;
  }

  get writable(): Transform["writable"] {
    return this.#streams.writable;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    const now = this.#now();
    if (this.firstAt === null) {
      this.firstAt = now;
      this.#firstBytes = chunk.length;
    }
    this.lastAt = now;
    this.chunks++;
    this.bytes += chunk.length;
    controller.enqueue(chunk);
  }

  flush(): void {
    this.#finish("complete");
  }

  cancel(reason: unknown): void {
    this.#finish(endOf(reason));
  }

  #finish(end: TapEnd): void {
    this.end = end;
    this.endedAt = this.#now();
  }
}

/**
 * Counts bytes and chunks, and notes when they came. The transform itself is what is read.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none; the clock is read once for each chunk.
 * - **Memory**: none.
 *
 * @param options How it measures.
 * @returns The transform, with its readings; it does not retain the chunks that it is given.
 *
 * @example Measure a body
 * ```ts
 * import { meter } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const measured = meter();
 * const body = new Response("hello").body!.pipeThrough(measured);
 * assert.equal(await new Response(body).text(), "hello");
 * assert.equal(measured.bytes, 5);
 * assert.equal(measured.end, "complete");
 * ```
 */
export function meter(options: MeterOptions = {}): Meter {
  return new BodyMeter(options.now ?? (() => performance.now()));
}
