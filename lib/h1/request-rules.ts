/**
 * What a request's head must be beyond its syntax, whatever role its reader plays: a target in a form that the method has
 * (RFC 9112 3.2), and one valid Host (RFC 9112 3.2, RFC 9110 7.2).
 */
import { ProtocolError } from "../errors.ts";
import type { RequestHead } from "../message.ts";
import { ABSOLUTE_TEXT, AUTHORITY_TEXT } from "./grammar.ts";

/**
 * Checks a request.
 *
 * @param head The request's head.
 * @throws {ProtocolError} If its target or its Host breaks a rule.
 */
export function checkRequest(head: RequestHead): void {
  if (!isTargetOf(head.method, head.target)) {
    throw new ProtocolError(
      `Cannot read the request head as the target must have a form that ${head.method} allows: got ${
        JSON.stringify(head.target)
      }`,
    );
  }
  // Several Host fields are joined by a comma and a space, and no authority has a space.
  const host = head.headers.get("host");
  if (host === null ? head.version === "1.1" : !isAuthority(host)) {
    throw new ProtocolError(
      `Cannot read the request head as it must have one Host, host or host:port: got ${JSON.stringify(host)}`,
    );
  }
}

function isTargetOf(method: string, target: string): boolean {
  // Authority-form is for CONNECT alone, which has no other (3.2.3); the port must be there (RFC 9110 9.3.6).
  if (method === "CONNECT") return /:\d+$/.test(target) && isAuthority(target);
  // Origin-form (3.2.1).
  if (target.charCodeAt(0) === 0x2f) return true;
  // Asterisk-form (3.2.4).
  if (target === "*") return method === "OPTIONS";
  // Absolute-form (3.2.2).
  const authority = ABSOLUTE_TEXT.exec(target)?.[1];
  return authority !== undefined && isAuthority(authority);
}

function isAuthority(text: string): boolean {
  const match = AUTHORITY_TEXT.exec(text);
  return match !== null && Number(match[1] ?? "") <= 65535;
}
