/**
 * Writes heads. Nothing is added: the fields are the caller's, the framing fields too. What is checked is what would let a
 * message be read as another one: the first line's parts, and whether the fields announce the framing that is used. The
 * fields themselves have been checked when they were set.
 */
import { LocalProtocolError } from "../errors.ts";
import type { Framing, RequestHead, ResponseHead } from "../message.ts";
import { REASON_TEXT, TARGET_TEXT, TOKEN_TEXT } from "./grammar.ts";

/**
 * A request's head as it goes on the wire.
 *
 * @param head The head.
 * @param framing How the body ends.
 * @returns The line, the fields, and the empty line.
 * @throws {LocalProtocolError} If the line would be malformed, or the fields announce another framing.
 */
export function requestText(head: RequestHead, framing: Framing): string {
  const { method, target, version, headers } = head;
  if (!TOKEN_TEXT.test(method)) {
    throw new LocalProtocolError(
      `Cannot send the request as its method must be a token: got ${JSON.stringify(method)}`,
    );
  }
  if (!TARGET_TEXT.test(target)) {
    throw new LocalProtocolError(
      `Cannot send the request as its target must be visible characters: got ${JSON.stringify(target)}`,
    );
  }
  if (framing.kind === "close-delimited") {
    throw new LocalProtocolError(
      "Cannot send the request as its body must have a framing: got close-delimited",
    );
  }
  checkFraming(head, framing, "request");
  return `${method} ${target} HTTP/${version}\r\n${headers.serialise()}\r\n`;
}

/**
 * A response's head as it goes on the wire.
 *
 * @param head The head.
 * @param framing How the body ends; `null` for a response that never has one, whose framing fields may speak of the one
 * that it would have.
 * @returns The line, the fields, and the empty line.
 * @throws {LocalProtocolError} If the line would be malformed, or the fields announce another framing.
 */
export function responseText(head: ResponseHead, framing: Framing | null): string {
  const { status, reason, version, headers } = head;
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new LocalProtocolError(`Cannot send the response as its status must be 100 to 999: got ${status}`);
  }
  if (!REASON_TEXT.test(reason)) {
    throw new LocalProtocolError(
      `Cannot send the response as its reason must be text without controls: got ${JSON.stringify(reason)}`,
    );
  }
  if (framing === null) checkUnused(head);
  else checkFraming(head, framing, "response");
  return `HTTP/${version} ${status} ${reason}\r\n${headers.serialise()}\r\n`;
}

/** The fields that a framing needs: a length, or the transfer coding, which HTTP/1.0 has not (RFC 9112 6.1). */
function checkFraming(head: RequestHead | ResponseHead, framing: Framing, what: string): void {
  const length = head.headers.get("content-length");
  const codings = head.headers.get("transfer-encoding");
  if (agrees(framing, length, codings) && (codings === null || head.version === "1.1")) return;
  throw new LocalProtocolError(
    `Cannot send the ${what} as its fields must announce the framing ${framing.kind}: got Content-Length ${length}, ` +
      `Transfer-Encoding ${codings} in HTTP/${head.version}`,
  );
}

function agrees(framing: Framing, length: string | null, codings: string | null): boolean {
  switch (framing.kind) {
    case "none":
      return codings === null && (length === null || length === "0");
    case "content-length":
      return codings === null && length === String(framing.length);
    case "chunked":
      return length === null && codings?.toLowerCase() === "chunked";
    case "close-delimited":
      return length === null && codings === null;
  }
}

/**
 * The fields of a response without a body: 1xx and 204 have none (RFC 9110 8.6, RFC 9112 6.1); others may have those of a
 * body, and a reader that looks at them must not find them faulty.
 */
function checkUnused({ status, version, headers }: ResponseHead): void {
  const length = headers.get("content-length");
  const codings = headers.get("transfer-encoding");
  if (length === null && codings === null) return;
  const mayAnnounce = status >= 200 && status !== 204;
  if (mayAnnounce && codings === null && isLength(length!)) return;
  if (mayAnnounce && length === null && codings!.toLowerCase() === "chunked" && version === "1.1") return;
  throw new LocalProtocolError(
    `Cannot send the response as a ${status} without a body must announce ${
      mayAnnounce ? "the framing of one" : "none"
    }: got Content-Length ${length}, Transfer-Encoding ${codings}`,
  );
}

function isLength(text: string): boolean {
  return /^(?:0|[1-9][0-9]*)$/.test(text) && Number.isSafeInteger(Number(text));
}
