/** The last words of the command line. */
import { formatDuration } from "./duration.ts";
import type { Work } from "./proxy.ts";

/**
 * What the command line says when a signal stops it: what is waited for, and how long.
 *
 * @param work What is under way.
 * @param cutStreams Whether answers that may have no end are not waited for.
 * @param graceMs How long the wait may take, in milliseconds.
 * @returns The line.
 */
export function stopping({ requests, streams }: Work, cutStreams: boolean, graceMs: number): string {
  const counts: string[] = [];
  if (requests > 0) counts.push(counted(requests, "request"));
  if (streams > 0 && !cutStreams) counts.push(counted(streams, "stream"));
  const cut = streams > 0 && cutStreams ? [`${counted(streams, "stream")} without an end cut off`] : [];
  if (counts.length === 0) return ["Stopping", ...cut].join(": ");
  const wait = `Stopping: ${formatDuration(graceMs)} for ${counts.join(" and ")}`;
  return [wait, ...cut.map((text) => `then ${text}`)].join(", ") + "; another signal ends it now";
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`;
}
