/**
 * Whether time grows as it should, on a machine that does other things as well: each side counts with its least time, and
 * both are measured again, in turn, until the bound holds. Work that grows faster than it may never gets there, since the
 * least of its times is still its own.
 */
import assert from "node:assert/strict";
import type { Transformer } from "../../transforms/transform.ts";

const ROUNDS = 30;
/** What the clock and the collector may add, in milliseconds: far less than work that grows too fast takes here. */
const SLACK_MS = 8;

/** Milliseconds that a transform takes for a body in chunks. */
export function duration(transform: Transformer, chunks: readonly Uint8Array[]): number {
  const controller = { enqueue() {}, terminate() {} };
  const started = performance.now();
  for (const chunk of chunks) transform.transform(chunk, controller);
  transform.flush?.(controller);
  return performance.now() - started;
}

/**
 * Asserts that some work takes at most so many times as long as other work.
 *
 * @param most How many times.
 * @param measure Milliseconds of the long work, and of the short one, each time anew.
 */
export function assertAtMost(
  most: number,
  measure: { readonly long: () => number; readonly short: () => number },
): void {
  let long = Infinity;
  let short = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    short = Math.min(short, measure.short());
    long = Math.min(long, measure.long());
    // The first round is cold, and the code of the short side gets warm later than that of the long one.
    if (round > 0 && long <= most * short + SLACK_MS) return;
  }
  assert.fail(`${long.toFixed(2)} ms, which is more than ${most} times ${short.toFixed(3)} ms`);
}
