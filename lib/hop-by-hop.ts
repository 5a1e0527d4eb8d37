/**
 * What a message loses on its way through a proxy (RFC 9110 7.6.1): the fields that speak of one connection only, and
 * those that `Connection` names. What frames the body (`Content-Length`) and `Host` can't be named away: a sender that
 * tries is ignored, so that framing is always computed from what is forwarded.
 */
import { FieldNames, type HeaderList, listMembers } from "./headers.ts";

const hopByHop = new FieldNames([
  "connection",
  // No field at all but an option of `Connection`, whose name is reserved so that it can't be one (RFC 9110 16.3.1).
  "close",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "te",
  "upgrade",
  "http2-settings",
]);

const neverNominated = new Set([
  "content-length",
  "host",
  "transfer-encoding",
  "trailer",
  "content-encoding",
  "via",
]);

/** A copy of the fields without those of this hop; `Transfer-Encoding` is left to whoever decides the framing. */
export function withoutHopByHop(headers: HeaderList): HeaderList {
  const nominated = listMembers(headers.get("connection"));
  // Nearly always nothing is nominated that doesn't go anyway.
  const more = nominated.filter((name) => !hopByHop.has(name) && !neverNominated.has(name));
  return headers.without(more.length === 0 ? hopByHop : hopByHop.with(more));
}
