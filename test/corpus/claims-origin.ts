/**
 * Claims about what came to the origin. A claim gives `null` if it holds, else what was seen instead.
 */
import { REFUSALS, showClient } from "./claims-client.ts";
import type { OriginView, Seen } from "./play.ts";
import { type Problem, valuesOf, type WireRequest } from "./strict-reader.ts";
import { allOf, type ClaimTable, unless, type Verdict } from "./verdict.ts";

/** What doesn't make octets ambiguous, but only shows that they stop early. */
const cutOff: readonly Problem[] = ["start-line-unfinished"];

function requestsIn({ origins }: Seen): WireRequest[] {
  return origins.flatMap(({ requests }) => requests);
}

function valuesIn(seen: Seen, name: string): string[] {
  return valuesOf(requestsIn(seen)[0]?.fields ?? [], name);
}

/** What came to the origin, in short. */
export function showOrigin({ origins }: Seen): string {
  const show = ({ method, target, complete, problems }: WireRequest) =>
    [method, target.slice(0, 60), complete ? "" : "incomplete", ...problems].filter((word) => word !== "")
      .join(" ");
  const shown = origins.map(({ requests }) => requests.map(show).join(" + ") || "no request");
  return `the origin got ${shown.join(" / ") || "nothing"}`;
}

function sawNothing(seen: Seen): Verdict {
  return unless(seen.origins.length === 0, showOrigin(seen));
}

function keepsConnections({ play }: Seen): boolean {
  return play.keep === true || Object.values(play.origin ?? {}).some(({ keep }) => keep === true);
}

/** Every connection carries one message and nothing behind it, in a form that all readers divide in the same way. */
function canonical(seen: Seen): Verdict {
  const most = keepsConnections(seen) ? Infinity : 1;
  const isClean = ({ requests }: OriginView) =>
    requests.length <= most && requests.every(({ problems }) => problems.length === 0);
  return unless(seen.origins.every(isClean), showOrigin(seen));
}

function noSmuggledRequest(seen: Seen): Verdict {
  const smuggled = requestsIn(seen).some(({ target }) => target.includes("smuggled"));
  return allOf(canonical(seen), unless(!smuggled, showOrigin(seen)));
}

function refused(seen: Seen, statuses: readonly number[]): Verdict {
  const [first] = seen.client.finals;
  const shown = showClient(seen);
  if (first === undefined || first.junk) return unless(seen.client.ending !== "open", shown);
  return unless(
    statuses.includes(first.status) && seen.client.finals.every(({ status }) => status >= 400),
    shown,
  );
}

function aborted(seen: Seen): Verdict {
  const isAborted = ({ ending, requests }: OriginView) =>
    ending !== "open" &&
    requests.every(({ complete, problems }) =>
      !complete && problems.every((problem) => cutOff.includes(problem))
    );
  return allOf(
    unless(seen.origins.length > 0 && seen.origins.every(isAborted), showOrigin(seen)),
    unless(seen.client.finals.every(({ status }) => status >= 400), showClient(seen)),
  );
}

function forwarded(seen: Seen): Verdict {
  const requests = requestsIn(seen);
  const [first] = seen.client.finals;
  return allOf(
    unless(
      requests.length === (seen.play.expect ?? 1) && requests.every(({ complete }) => complete),
      showOrigin(seen),
    ),
    canonical(seen),
    unless(first?.complete === true && first.status < 400, showClient(seen)),
  );
}

/** The claims, by name. */
export const originClaims: ClaimTable = {
  "origin-saw-nothing": sawNothing,
  "rejected-and-origin-saw-nothing": (seen) => allOf(sawNothing(seen), refused(seen, REFUSALS)),
  "rejected-400-and-origin-saw-nothing": (seen) =>
    allOf(sawNothing(seen), unless(seen.client.finals[0]?.status === 400, showClient(seen))),
  "rejected-with": (seen, statuses: readonly number[]) => allOf(sawNothing(seen), refused(seen, statuses)),
  "request-aborted-upstream": aborted,
  "forwarded-normalised": forwarded,
  "origin-canonical": canonical,
  "origin-canonical-or-cut": (seen) =>
    allOf(
      unless(seen.origins.every(({ requests }) => requests.length < 2), showOrigin(seen)),
      noSmuggledRequest(seen),
    ),
  "no-smuggled-request": noSmuggledRequest,
  "origin-requests": (seen, count: number) =>
    unless(requestsIn(seen).filter(({ complete }) => complete).length === count, showOrigin(seen)),
  "origin-requests-at-most": (seen, count: number) =>
    unless(requestsIn(seen).length <= count, showOrigin(seen)),
  "origin-body-equals": (seen, body: string) => {
    const got = requestsIn(seen)[0]?.body;
    return unless(got === body, `a request's body of ${got?.length} octets, wanted ${body.length}`);
  },
  "origin-method-is": (seen, method: string) =>
    unless(requestsIn(seen)[0]?.method === method, showOrigin(seen)),
  "origin-target-is": (seen, target: string) =>
    unless(requestsIn(seen)[0]?.target === target, showOrigin(seen)),
  "origin-header-is": (seen, name: string, ...wanted: readonly string[]) => {
    const got = valuesIn(seen, name).join(" | ");
    return unless(wanted.includes(got), `${name}: ${got}`);
  },
  "origin-header-present": (seen, name: string) => unless(valuesIn(seen, name).length > 0, `no ${name}`),
  "origin-header-absent": (seen, name: string) =>
    unless(valuesIn(seen, name).length === 0, `${name}: ${valuesIn(seen, name).join(" | ")}`),
  "origin-header-contains": (seen, name: string, part: string) => {
    const got = valuesIn(seen, name).join(", ");
    return unless(got.toLowerCase().includes(part.toLowerCase()), `${name}: ${got}`);
  },
  "origin-header-lacks": (seen, name: string, part: string) => {
    const got = valuesIn(seen, name).join(", ");
    return unless(!got.toLowerCase().includes(part.toLowerCase()), `${name}: ${got}`);
  },
  "origin-connection-closed": ({ origins }) =>
    unless(
      origins.length > 0 && origins.every(({ ending }) => ending !== "open"),
      "an origin's connection is open",
    ),
  "origin-bytes-lack": ({ origins }, text: string) =>
    unless(!origins.some(({ octets }) => octets.includes(text)), `the origin got ${text}`),
  "origin-first-connection-lacks": ({ origins }, text: string) =>
    unless(origins[0]?.octets.includes(text) !== true, `the origin's first connection got ${text}`),
};
