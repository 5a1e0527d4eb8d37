/**
 * What the fields say about the connection itself (RFC 9110 7.6.1, RFC 9112 9.3).
 */
import { type HeaderList, listMembers } from "../headers.ts";
import type { RequestHead, ResponseHead } from "../message.ts";

/**
 * Whether a head leaves the connection open for another message (RFC 9112 9.3).
 *
 * @param head The head.
 * @returns `false` if it says close, or is HTTP/1.0 and does not say keep-alive.
 */
export function persists(head: RequestHead | ResponseHead): boolean {
  const options = head.headers.get("connection");
  if (options === null) return head.version === "1.1";
  const members = listMembers(options);
  return !members.includes("close") && (head.version === "1.1" || members.includes("keep-alive"));
}

/** Whether a message says that it would keep an HTTP/1.0 connection open. */
export function saysKeepAlive(headers: HeaderList): boolean {
  return listMembers(headers.get("connection")).includes("keep-alive");
}

/**
 * Whether a request asks for another protocol (RFC 9110 7.8): only then may a 101 answer it.
 *
 * @param head The request's head.
 * @returns `true` if it does, in HTTP/1.1, and `Connection` names `Upgrade`.
 */
export function asksForUpgrade(head: RequestHead): boolean {
  return head.version === "1.1" && head.headers.has("upgrade") &&
    listMembers(head.headers.get("connection")).includes("upgrade");
}
