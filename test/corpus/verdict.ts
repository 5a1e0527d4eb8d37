/**
 * How claims are worded: each gives what was seen instead, or `null` if it holds.
 */
import type { Seen } from "./play.ts";

/** What was seen instead; `null` if the claim holds. */
export type Verdict = string | null;

/** Claims by name. */
export type ClaimTable = Readonly<Record<string, (seen: Seen, ...args: never[]) => Verdict>>;

/** The claim holds, or this was seen. */
export function unless(holds: boolean, seenInstead: string): Verdict {
  return holds ? null : seenInstead;
}

/** The first verdict that isn't `null`. */
export function allOf(...verdicts: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => verdict !== null) ?? null;
}
