/**
 * What the proxy says when it can't serve a request.
 */
import { BodyLimitError, ProtocolError, RefusedError, SocketError } from "./errors.ts";
import { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";
import { defaultReason } from "./status.ts";

/** When to come back after a 503, in seconds: idle connections make room within that time. */
const RETRY_AFTER_S = 5;

const speaksOfWire = [ProtocolError, SocketError, BodyLimitError, RefusedError] as const;

/**
 * Answers a request that can't be served, in one plain line.
 *
 * @param client Whom to tell.
 * @param method The request's method; `HEAD` gets no body.
 * @param status The status code.
 * @param error What went wrong. Only errors that speak of the connection or the message are told; what a script threw is
 * nobody's business.
 * @param last Whether the connection ends with this answer.
 */
export async function sendError(
  client: Peer,
  method: string,
  status: number,
  error: Error,
  last: boolean,
): Promise<void> {
  const told = status !== 500 && speaksOfWire.some((kind) => error instanceof kind);
  const reason = defaultReason(status);
  const text = `${status} ${reason}\n${told ? `${printable(error.message)}\n` : ""}`;
  const body = new TextEncoder().encode(text);
  const headers = new HeaderList([
    ["Content-Type", "text/plain; charset=utf-8"],
    ["Content-Length", String(body.length)],
  ]);
  if (status === 503) headers.append("Retry-After", String(RETRY_AFTER_S));
  if (error instanceof RefusedError) {
    for (const [name, value] of error.fields) {
      headers.append(name, value);
    }
  }
  if (last) headers.append("Connection", "close");
  const bodyless = method === "HEAD";
  client.h1.sendResponse(
    { status, reason, version: "1.1", headers },
    bodyless ? { kind: "none" } : { kind: "content-length", length: body.length },
  );
  if (!bodyless) client.h1.sendData(body);
  client.h1.sendEnd();
  const pressure = client.flush();
  if (pressure !== null) await pressure;
}

/** What came from the network is not to be trusted in a text that a browser may show. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, "?").replace(/[<>&]/g, "?").slice(0, 400);
}
