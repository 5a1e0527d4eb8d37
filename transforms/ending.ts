/** How a body ended, for those that only watch it. */

/**
 * How a body ended: it came whole; nobody wanted the rest of it; or an error cut it short.
 *
 * A stream that is cut short hears of nothing but a reason, so the reason tells: an `Error` means that the
 * body failed, unless it is an `AbortError`, by which somebody gave it up on purpose. A reader that leaves with
 * another `Error` for its reason can't be told from a source that failed.
 */
export type TapEnd = "complete" | "cancelled" | "failed";

/**
 * Tells how a body ended that was cut short.
 *
 * @param reason What `cancel` was called with.
 * @returns `"failed"` for an error, else `"cancelled"`.
 */
export function endOf(reason: unknown): Exclude<TapEnd, "complete"> {
  return reason instanceof Error && reason.name !== "AbortError" ? "failed" : "cancelled";
}
