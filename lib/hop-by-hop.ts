/**
 * What a message loses on its way through a proxy (RFC 9110 7.6.1): the fields that speak of one connection only, and
 * those that `Connection` names. What frames the body (`Content-Length`) and `Host` can't be named away: a sender that
 * tries is ignored, so that framing is always computed from what is forwarded.
 */
import { type HeaderList, listMembers } from "./headers.ts";

const hopByHop = new Set([
  "connection",
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
  const connection = headers.get("connection");
  if (connection === null) return headers.without((key) => hopByHop.has(key));
  const nominated = new Set(listMembers(connection).filter((name) => !neverNominated.has(name)));
  return headers.without((key) => hopByHop.has(key) || nominated.has(key));
}
