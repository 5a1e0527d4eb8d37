/**
 * Fitting the number of connections to the number of files that the system lets the process have open. A proxy that takes
 * more clients than it has descriptors for can serve none of them well: each needs one, and another for its origin.
 */
import type { Limits } from "./limits.ts";

/** What the runtime itself keeps open. */
const RUNTIME_FILES = 32;

/** How many clients there may be for each descriptor: two connections each, idle ones, and some who are told 503. */
const CLIENTS_PER_FILE = 0.4;

/**
 * Lowers limits on connections to what descriptors allow.
 *
 * @param limits The limits.
 * @param openFiles How many files may be open, or `null` if nobody knows.
 * @returns The limits, lowered where they must be.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const limits = { connectionCount: 10_000, originIdleCount: 256, refusalCount: 128 };
 * assert.equal(limitsWithin(limits, 1024).connectionCount, 396);
 * assert.deepEqual(limitsWithin(limits, null), limits);
 * ```
 */
export function limitsWithin(
  limits: Pick<Limits, "connectionCount" | "originIdleCount" | "refusalCount">,
  openFiles: number | null,
): Pick<Limits, "connectionCount" | "originIdleCount" | "refusalCount"> {
  if (openFiles === null) return limits;
  const most = Math.max(1, Math.floor((openFiles - RUNTIME_FILES) * CLIENTS_PER_FILE));
  return {
    connectionCount: Math.min(limits.connectionCount, most),
    originIdleCount: Math.min(limits.originIdleCount, Math.ceil(most / 4)),
    refusalCount: Math.min(limits.refusalCount, most),
  };
}
