/**
 * Says whether what was seen of a case is one of the outcomes that it accepts.
 */
import type { Claim, Octets } from "./cases.ts";
import { clientClaims } from "./claims-client.ts";
import { originClaims } from "./claims-origin.ts";
import { octetsOf } from "./octets.ts";
import type { Seen } from "./play.ts";
import type { Verdict } from "./verdict.ts";

const claims = { ...originClaims, ...clientClaims };

/**
 * Judges what was seen.
 *
 * @param seen What was seen.
 * @returns Why it is none of the outcomes, or `null` if it is one.
 * @throws {RangeError} If the case makes a claim that nobody knows.
 */
export function judge(seen: Seen): Verdict {
  const reasons = seen.play.accept.map(({ name, all }) => {
    const broken = all.map((claim) => ({ claim, verdict: examine(claim, seen) }))
      .find(({ verdict }) => verdict !== null);
    return broken === undefined ? null : `${name}: not ${nameOf(broken.claim)}, as ${broken.verdict}`;
  });
  return reasons.includes(null) ? null : reasons.join("; ");
}

function nameOf(claim: Claim): string {
  return typeof claim === "string" ? claim : claim[0];
}

function examine(claim: Claim, seen: Seen): Verdict {
  const [name, ...args] = typeof claim === "string" ? [claim] : claim;
  const test = claims[name];
  if (test === undefined) throw new RangeError(`Cannot judge ${seen.play.id} as no claim is named ${name}`);
  const filled = args.map((arg) => isOctets(arg) ? octetsOf(arg, seen.places) : arg);
  return (test as (seen: Seen, ...args: readonly unknown[]) => Verdict)(seen, ...filled);
}

/** Numbers and lists of statuses are no octets; all else in a claim is. */
function isOctets(arg: unknown): arg is Octets {
  return typeof arg === "string" || (typeof arg === "object" && !Array.isArray(arg));
}
