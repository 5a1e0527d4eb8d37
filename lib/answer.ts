/**
 * Answers that don't come from an origin: what a script has answered with, and what the proxy says when it can't serve a
 * request.
 */
import { BodyLimitError, ProtocolError, RefusedError, SocketError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { isBodyless, mustBeEmpty } from "./framing.ts";
import { checkChunk } from "./fused-path.ts";
import { HeaderList } from "./headers.ts";
import { putHead } from "./head.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import type { Peer } from "./peer.ts";
import { reframe, reframeBodyless } from "./reframe.ts";
import { defaultReason } from "./status.ts";

/** Sends what a script has answered with. */
export async function deliverAnswer(x: Exchange): Promise<void> {
  // A client that is told the outcome instead of 100 may send its body or not: nobody could tell it from a request.
  if (x.expecting) x.last = true;
  if (x.flow.answer!.stream === null) await x.hook("response");
  // That hook may have answered differently.
  const { response, stream } = x.flow.answer!;
  const headers = withoutHopByHop(response.headers);
  const bodyless = isBodyless(response.status, x.head.method);
  const empty = mustBeEmpty(response.status);
  const body = (empty ? null : response.rawBody) ?? new Uint8Array(0);
  x.log.responded(stream !== null);
  if (stream === null && bodyless) {
    if (x.head.method === "HEAD") headers.set("Content-Length", String(body.length));
    putHead(x, headers, reframeBodyless(headers, response.status, false));
  } else if (bodyless) {
    putHead(x, headers, reframeBodyless(headers, response.status, true));
    await stream!.cancel();
  } else if (stream === null || empty) {
    const whole = { kind: "whole", length: body.length, changed: false } as const;
    putHead(x, headers, reframe(headers, { kind: "none" }, whole, x.head.version));
    if (body.length > 0) x.client.h1.sendData(body);
    await stream?.cancel();
  } else {
    putHead(x, headers, reframe(headers, { kind: "chunked" }, { kind: "kept" }, x.head.version));
    await sendStream(x, stream);
    await x.hook("response");
  }
  x.check();
  x.client.h1.sendEnd(response.trailers);
  const pressure = x.client.flush();
  if (pressure !== null) await pressure;
}

async function sendStream(x: Exchange, stream: ReadableStream<Uint8Array>): Promise<void> {
  const reader = stream.getReader();
  // If the flow fails there is nobody left to tell that the source could not be cancelled.
  const source = { cancel: (reason: unknown) => void reader.cancel(reason).catch(() => {}) };
  x.paths.add(source);
  x.watch();
  for (;;) {
    // The head doesn't wait for the first chunk either.
    const pressure = x.client.flush();
    if (pressure !== null) await pressure;
    const { done, value } = await reader.read();
    x.check();
    if (done) break;
    checkChunk(value);
    if (value.length > 0) x.client.h1.sendData(value);
  }
  x.paths.delete(source);
}

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
