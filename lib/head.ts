/**
 * The head of the response as the client gets it: the connection's own fields are put here, and nowhere else.
 */
import type { Exchange } from "./exchange.ts";
import type { HeaderList } from "./headers.ts";
import type { Framing } from "./message.ts";
import { isLive } from "./plan.ts";

/** The name under which the proxy signs messages (RFC 9110 7.6.3). */
export const PSEUDONYM = "sluice";

/** A name that no other proxy signs messages with, so that one knows what it has sent before. */
export function uniquePseudonym(): string {
  const [number = 0] = crypto.getRandomValues(new Uint32Array(1));
  return `${PSEUDONYM}-${number.toString(16).padStart(8, "0")}`;
}

/** How much of a body that could be cut unseen is held back, in bytes: what the codec copies, so that no buffer is lent. */
const HELD_BYTES = 16 * 1024;

/** Signs a forwarded message with the version that it came in, and the proxy's name. */
export function addVia(headers: HeaderList, version: string, signature: string): void {
  headers.push("Via", `${version} ${signature}`);
}

/**
 * Puts the response's head out, with what it says of the connection (RFC 9112 9.3, 9.6).
 *
 * @param x The flow; its response gives the status and reason.
 * @param headers The fields, without those of the connection.
 * @param framing How the body ends.
 */
export function putHead(x: Exchange, headers: HeaderList, framing: Framing): void {
  const { h1 } = x.client;
  const keeps = h1.theirKeepAlive && !x.last && !x.context.closing() && framing.kind !== "close-delimited";
  if (!keeps) headers.append("Connection", "close");
  else if (x.head.version === "1.0") headers.append("Connection", "keep-alive");
  const { status, reason } = x.response;
  h1.sendResponse({ status, reason, version: "1.1", headers }, framing);
  x.log.meter = h1;
  // Where nothing but a reset could show that a body was cut short, and there is none, what fails early at least fails
  // before anything was sent. A feed has no end that anybody could miss.
  const unseen = framing.kind === "close-delimited" && !x.client.socket.resets && !isLive({ headers });
  x.client.holdBytes = unseen ? HELD_BYTES : 0;
}
