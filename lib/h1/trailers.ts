/**
 * What may not be in a trailer section (RFC 9110 6.5.1): what frames a message, routes it, authenticates it, changes how
 * it is processed, or says how its content is read. A recipient that merged one of these would be deceived, so they are
 * dropped on the way in and on the way out.
 */
import { FieldNames, type HeaderList } from "../headers.ts";

const NOT_IN_TRAILERS = new FieldNames([
  // Framing, and what speaks of one connection only.
  ...["transfer-encoding", "content-length", "trailer", "te", "connection", "keep-alive", "upgrade"],
  ...["proxy-connection", "http2-settings"],
  // Routing, and modifiers of the request.
  ...["host", "max-forwards", "expect", "forwarded", "via", "x-forwarded-for", "x-forwarded-host"],
  ...["x-forwarded-proto", "range", "cache-control", "pragma"],
  ...["if-match", "if-none-match", "if-modified-since", "if-unmodified-since", "if-range"],
  // Authentication and state.
  ...["authorization", "www-authenticate", "proxy-authorization", "proxy-authenticate"],
  ...["authentication-info", "proxy-authentication-info", "cookie", "set-cookie"],
  // Control data of a response.
  ...["age", "date", "expires", "location", "retry-after", "vary", "warning"],
  // How content is read.
  ...["content-encoding", "content-type", "content-range"],
]);

/**
 * Drops what may not be in a trailer section.
 *
 * @param fields The fields.
 * @returns The others, or `null` if there are none.
 */
export function trailerFields(fields: HeaderList): HeaderList | null {
  const kept = fields.without(NOT_IN_TRAILERS);
  return kept.length === 0 ? null : kept;
}
