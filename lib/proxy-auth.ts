/**
 * Proxy authentication with the Basic scheme (RFC 9110 11.7, RFC 7617).
 *
 * It comes before all else: without the credentials there is no flow, no name is resolved and no script runs. What was
 * given is taken off the request, so that neither scripts nor the log nor the origin ever see it.
 */
import { RefusedError } from "./errors.ts";
import type { RequestHead } from "./message.ts";
import { sameOctets, utf8Octets } from "./octet-text.ts";

const FIELD = "proxy-authorization";
const CHALLENGE = [["Proxy-Authenticate", 'Basic realm="sluice", charset="UTF-8"']] as const;

/**
 * Checks a request's credentials, and takes them off it.
 *
 * @param head The request.
 * @param wanted The user name and the password, with a colon between.
 * @throws {RefusedError} With 407, if the request has none, or others.
 */
export function checkProxyAuth(head: RequestHead, wanted: string): void {
  const given = decode(head.headers.get(FIELD) ?? "");
  head.headers.delete(FIELD);
  if (given !== null && sameOctets(given, utf8Octets(wanted))) return;
  throw new RefusedError(
    407,
    "Cannot serve the request as this proxy wants a user name and a password",
    CHALLENGE,
  );
}

function decode(credentials: string): string | null {
  const [, token] = /^basic +([a-z0-9+/]+=*)$/i.exec(credentials) ?? [];
  try {
    return token === undefined ? null : atob(token);
  } catch {
    // Not base64: no credentials at all.
    return null;
  }
}
