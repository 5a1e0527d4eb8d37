/** Tells how far a body has come. */

import { checkByteCount } from "./bytes.ts";
import { checkFunction } from "./content.ts";
import type { TapEnd } from "./ending.ts";
import { Tap } from "./tap.ts";
import { makeTransform, type Transform } from "./transform.ts";

/** How far a body has come. */
export interface Progress {
  /** How many bytes have passed. */
  readonly bytes: number;
  /** How it ended; `null` while it has not. */
  readonly end: TapEnd | null;
}

/** How often `progress` tells. */
export interface ProgressOptions {
  /** After how many bytes, at least 1; default 65,536. */
  readonly every?: number;
}

/**
 * Tells how many bytes have passed: with the chunk that completes each `every` bytes, and once at the end,
 * however the body ends. It has no timer: a body that stands still tells nothing. What the function throws
 * fails the body.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none but the function's own time.
 * - **Memory**: none.
 *
 * @param report Is told; at most once for a chunk.
 * @param options How often.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `report` is no function, or `every` no number.
 * @throws {RangeError} If `every` is not a whole number, or less than 1.
 *
 * @example Every four bytes
 * ```ts
 * import { progress, rechunk } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const told: [bytes: number, end: string | null][] = [];
 * const body = new Response("foobarbaz").body!
 *   .pipeThrough(rechunk(3))
 *   .pipeThrough(progress(({ bytes, end }) => void told.push([bytes, end]), { every: 4 }));
 * assert.equal(await new Response(body).text(), "foobarbaz");
 * assert.deepEqual(told, [[6, null], [9, null], [9, "complete"]]);
 * ```
 */
export function progress(report: (progress: Progress) => void, options: ProgressOptions = {}): Transform {
  checkFunction(report, "Cannot tell of the progress as what is told");
  const every = checkByteCount(options.every ?? 65_536, 1, "Cannot tell of the progress as every");
  let bytes = 0;
  let next = every;
  const watching = new Tap({
    chunk: (chunk) => {
      bytes += chunk.length;
      if (bytes < next) return;
      next = bytes - bytes % every + every;
      report({ bytes, end: null });
    },
    end: (end, passed) => report({ bytes: passed, end }),
  });
  return makeTransform(watching, { retains: false, fragments: true });
}
