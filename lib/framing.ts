/**
 * How a body ends: RFC 9112 6.3, rule by rule. Stricter than the RFC where it leaves a choice, since a proxy that guesses
 * what its peer meant is how requests are smuggled:
 *
 * - `Transfer-Encoding` must be exactly `chunked`, on one line, in HTTP/1.1, without `Content-Length`.
 * - `Content-Length` must be one number. Equal repeats, which RFC 9110 8.6 lets a recipient collapse, are refused too.
 */
import { ProtocolError } from "./errors.ts";
import type { HeaderList } from "./headers.ts";
import type { Framing, RequestHead, ResponseHead } from "./message.ts";

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE_DELIMITED: Framing = { kind: "close-delimited" };

const DIGITS = /^[0-9]+$/;
const CODINGS = /^[!#$%&'*+\-.^_`|~0-9a-z]+(?:[\t ]*,[\t ]*[!#$%&'*+\-.^_`|~0-9a-z]+)*$/;

/**
 * How a request's body ends (RFC 9112 6.3).
 *
 * @param head The request's head.
 * @returns The framing; never `close-delimited`.
 * @throws {ProtocolError} If the fields contradict one another, or are not understood: 400, or 501 for a transfer coding
 * that isn't implemented.
 *
 * @example
 * ```ts
 * import { HeaderList } from "./headers.ts";
 * import assert from "node:assert/strict";
 *
 * const headers = new HeaderList({ host: "a", "content-length": "5" });
 * const framing = requestFraming({ method: "POST", target: "/", version: "1.1", headers });
 * assert.deepEqual(framing, { kind: "content-length", length: 5 });
 * ```
 */
export function requestFraming(head: RequestHead): Framing {
  // Rules 1 and 2 are about responses.
  const codings = head.headers.get("transfer-encoding");
  const length = contentLength(head.headers);
  // A CONNECT has no content (RFC 9110 9.3.6), and what follows it is another protocol's.
  if (head.method === "CONNECT" && (codings !== null || (length !== null && length !== 0))) {
    throw new ProtocolError(
      "Cannot frame the request as a CONNECT must have no content: got a framing field",
    );
  }
  // Rules 3 and 4: Transfer-Encoding is there.
  if (codings !== null) return chunkedFraming(head, codings, length, "request");
  // Rules 5 and 6: Content-Length is there, and valid.
  if (length !== null) return { kind: "content-length", length };
  // Rule 7: a request without either has no body, in HTTP/1.0 too.
  return NONE;
}

/**
 * How a response's body ends (RFC 9112 6.3).
 *
 * @param head The response's head.
 * @param requestMethod The method of the request that it answers.
 * @returns The framing.
 * @throws {ProtocolError} If the fields contradict one another, or are not understood.
 *
 * @example
 * ```ts
 * import { HeaderList } from "./headers.ts";
 * import assert from "node:assert/strict";
 *
 * const headers = new HeaderList({ "content-length": "5" });
 * const head = { status: 200, reason: "OK", version: "1.1", headers } as const;
 * assert.deepEqual(responseFraming(head, "GET"), { kind: "content-length", length: 5 });
 * assert.deepEqual(responseFraming(head, "HEAD"), { kind: "none" });
 * ```
 */
export function responseFraming(head: ResponseHead, requestMethod: string): Framing {
  // Checked first, since the field is passed on where there is no body too.
  const length = contentLength(head.headers);
  // Rules 1 and 2: these have no body, whatever the fields say.
  if (isBodyless(head.status, requestMethod)) return NONE;
  // Rules 3 and 4: Transfer-Encoding is there.
  const codings = head.headers.get("transfer-encoding");
  if (codings !== null) return chunkedFraming(head, codings, length, "response");
  // Rules 5 and 6: Content-Length is there, and valid.
  if (length !== null) return { kind: "content-length", length };
  // Rule 8: all that comes until the connection ends.
  return CLOSE_DELIMITED;
}

/**
 * Whether a response has no body, whatever its fields say (RFC 9112 6.3, rules 1 and 2).
 *
 * @param status The response's status.
 * @param requestMethod The method of the request that it answers.
 * @returns `true` for an answer to HEAD, 1xx, 204, 304, and a 2xx to CONNECT.
 */
export function isBodyless(status: number, requestMethod: string): boolean {
  return status < 200 || status === 204 || status === 304 || requestMethod === "HEAD" ||
    (requestMethod === "CONNECT" && status < 300);
}

/**
 * Whether a response's body must be empty, though it is framed as any other (RFC 9110 15.3.6).
 *
 * @param status The response's status.
 * @returns `true` for 205.
 */
export function mustBeEmpty(status: number): boolean {
  return status === 205;
}

/**
 * The length that the fields announce (RFC 9110 8.6).
 *
 * @param headers The fields.
 * @returns The length in bytes, or `null` if there is no `Content-Length`.
 * @throws {ProtocolError} If it is not one decimal number of at most 2^53-1.
 */
export function contentLength(headers: HeaderList): number | null {
  const text = headers.get("content-length");
  if (text === null) return null;
  // Repeats are joined by a comma, which is no digit.
  const length = DIGITS.test(text) ? Number(text) : NaN;
  if (Number.isSafeInteger(length)) return length;
  throw new ProtocolError(
    `Cannot frame the message as its Content-Length must be one number up to 2^53-1: got ${
      JSON.stringify(text)
    }`,
  );
}

function chunkedFraming(
  head: RequestHead | ResponseHead,
  codings: string,
  length: number | null,
  what: string,
): Framing {
  // RFC 9112 6.1: a Transfer-Encoding in HTTP/1.0 is faulty framing.
  if (head.version === "1.0") {
    throw new ProtocolError(
      `Cannot frame the ${what} as HTTP/1.0 must have no Transfer-Encoding: got ${quoted(codings)}`,
    );
  }
  // Rule 3 lets Transfer-Encoding win, and says that such a message ought to be handled as an error.
  if (length !== null) {
    throw new ProtocolError(`Cannot frame the ${what} as it must have one framing field: got both`);
  }
  const list = codings.toLowerCase();
  if (list === "chunked") return CHUNKED;
  throw new ProtocolError(
    `Cannot frame the ${what} as its Transfer-Encoding must be chunked: got ${quoted(codings)}`,
    isUnknownCoding(list) ? 501 : 400,
  );
}

/** Whether a list of codings is well-formed and merely has one that isn't implemented (RFC 9112 6.1); `chunked` comes last. */
function isUnknownCoding(list: string): boolean {
  if (!CODINGS.test(list)) return false;
  const at = list.split(/[\t ]*,[\t ]*/).indexOf("chunked");
  return at < 0 || at === list.split(",").length - 1;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}
