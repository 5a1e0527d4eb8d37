/**
 * How far a TRACE or an OPTIONS may go (RFC 9110 7.6.2): each hop counts `Max-Forwards` down, and where it is 0 the request
 * is answered as if this were the origin.
 */
import { FieldNames } from "./headers.ts";
import type { FlowRequest } from "./flow-messages.ts";
import type { Answer } from "./local-answer.ts";
import type { RequestHead } from "./message.ts";

/** What a TRACE does not tell: a page's script must not learn the user's secrets from it (RFC 9110 9.3.8). */
const secrets = new FieldNames(["authorization", "proxy-authorization", "cookie"]);

/**
 * Counts `Max-Forwards` down.
 *
 * @param head The request's head as it came.
 * @param request The request, whose field is changed.
 * @returns The answer if the request goes no further, else `null`.
 */
export function limitForwards(head: RequestHead, request: FlowRequest): Answer | null {
  if (request.method !== "TRACE" && request.method !== "OPTIONS") return null;
  const left = request.headers.get("max-forwards");
  // What is no number is for others to judge.
  if (left === null || !/^[0-9]{1,15}$/.test(left)) return null;
  if (Number(left) > 0) {
    request.headers.set("Max-Forwards", String(Number(left) - 1));
    return null;
  }
  if (request.method === "OPTIONS") return { status: 200 };
  const fields = request.headers.without(secrets).serialise();
  return {
    headers: { "Content-Type": "message/http" },
    body: `${head.method} ${head.target} HTTP/${head.version}\r\n${fields}\r\n`,
  };
}
