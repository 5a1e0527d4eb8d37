/**
 * Claims about what came to the clients. A claim gives `null` if it holds, else what was seen instead.
 */
import type { ClientView, Seen } from "./play.ts";
import { valuesOf, type WireResponse } from "./strict-reader.ts";
import { allOf, type ClaimTable, unless, type Verdict } from "./verdict.ts";

/** The statuses that refuse a request as the client's fault. */
export const REFUSALS: readonly number[] = [...Array.from({ length: 100 }, (_, i) => 400 + i), 501, 505];

function show({ octets, ending, finals }: ClientView): string {
  const shown = finals.map(({ status, complete, body, problems }) =>
    [status, complete ? "" : "incomplete", `${body.length} octets`, ...problems].filter((word) => word !== "")
      .join(" ")
  );
  return `${shown.join(" + ") || `${octets.length} octets`}, ${ending}`;
}

/** What came to the client, in short. */
export function showClient({ client }: Seen): string {
  return `the client got ${show(client)}`;
}

function valuesIn({ client }: Seen, name: string): string[] {
  return valuesOf(client.finals[0]?.fields ?? [], name);
}

function statusIn(seen: Seen, statuses: readonly number[]): Verdict {
  const [first] = seen.client.finals;
  return unless(first?.complete === true && statuses.includes(first.status), showClient(seen));
}

function isNormalised(seen: Seen): Verdict {
  const { responses, finals } = seen.client;
  return unless(
    responses.every(({ problems }) => problems.length === 0) &&
      finals.length === (seen.play.expect ?? 1) && finals.every(({ complete }) => complete),
    showClient(seen),
  );
}

/** A response is clean, or all that can be said against it is that it never came whole. */
function isCanonical(seen: Seen, mayHave: (problem: string) => boolean = () => false): Verdict {
  const { responses, ending } = seen.client;
  const isCut = (response: WireResponse) =>
    response === responses.at(-1) && !response.headComplete && !response.junk && ending !== "open";
  return unless(
    responses.every((response) => isCut(response) || response.problems.every(mayHave)),
    showClient(seen),
  );
}

function seesTruncation(seen: Seen): Verdict {
  const last = seen.client.finals.at(-1);
  const isCut = last !== undefined && !last.complete && !last.junk && seen.client.ending !== "open";
  return unless(isCut, showClient(seen));
}

function isUnharmed({ victim }: Seen): Verdict {
  const [first, ...more] = victim!.finals;
  const isOk = first?.complete === true && first.status === 200 && first.body === "ok:victim";
  return unless(isOk && more.length === 0, `the victim got ${show(victim!)}`);
}

function hasBody(seen: Seen, index: number, body: string): Verdict {
  const response = seen.client.finals[index];
  return unless(
    response?.complete === true && response.body === body,
    `${showClient(seen)}; wanted ${body.length} octets`,
  );
}

/** The claims, by name. */
export const clientClaims: ClaimTable = {
  "waiting-for-more": (seen) =>
    allOf(
      unless(seen.client.finals.length === 0 && seen.client.ending === "open", showClient(seen)),
      unless(
        seen.origins.every(({ requests }) => requests.every(({ complete }) => !complete)),
        "the origin got a complete request",
      ),
    ),
  "status-is": (seen, status: number) => statusIn(seen, [status]),
  "status-in": statusIn,
  "statuses-are": (seen, statuses: readonly number[]) => {
    const got = seen.client.finals.filter(({ complete }) => complete).map(({ status }) => status);
    return unless(got.join() === statuses.join(), showClient(seen));
  },
  "client-sees-truncation": seesTruncation,
  "closed-without-response": (seen) =>
    unless(seen.client.finals.length === 0 && seen.client.ending !== "open", showClient(seen)),
  "client-not-fooled": (seen) =>
    unless(!seen.client.finals.some(({ complete, status }) => complete && status < 400), showClient(seen)),
  "response-normalised": isNormalised,
  "client-canonical": (seen) => isCanonical(seen),
  "client-canonical-or-te": (seen) => isCanonical(seen, (problem) => problem.startsWith("te-")),
  "no-unsolicited-bytes": (seen) => {
    const { finals } = seen.client;
    return unless(
      finals.length <= (seen.play.expect ?? 1) && !finals.some(({ junk }) => junk),
      showClient(seen),
    );
  },
  "bytes-equal-after-decoding": (seen, body: string) => hasBody(seen, 0, body),
  "bytes-k-equal-after-decoding": hasBody,
  "client-body-lacks": ({ client }, text: string) =>
    unless(!client.octets.includes(text), `the client got ${text}`),
  "client-bytes-contain": (seen, text: string) => unless(seen.client.octets.includes(text), showClient(seen)),
  "client-header-present": (seen, name: string) => unless(valuesIn(seen, name).length > 0, `no ${name}`),
  "client-header-absent": (seen, name: string) =>
    unless(
      seen.client.finals.length > 0 && valuesIn(seen, name).length === 0,
      `${name}: ${valuesIn(seen, name).join(" | ")}`,
    ),
  "interim-seen": (seen, wanted: number) =>
    unless(
      seen.client.responses.some(({ interim, status }) => interim && status === wanted),
      `no ${wanted}; ${showClient(seen)}`,
    ),
  "interim-not-seen": (seen) => unless(!seen.client.responses.some(({ interim }) => interim), "a 1xx came"),
  "connection-closed": (seen) => unless(seen.client.ending !== "open", showClient(seen)),
  "victim-unharmed": isUnharmed,
  "mark": ({ marks }, name: string) => unless(marks.get(name) === true, `${name} is ${marks.get(name)}`),
  "mark-at-most": ({ marks }, name: string, most: number) => {
    const mark = marks.get(name);
    return unless(typeof mark === "number" && mark <= most, `${name} is ${mark}`);
  },
};
