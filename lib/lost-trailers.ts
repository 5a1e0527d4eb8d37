/** Trailers that can't be sent, as the client gets no chunked body: whoever set them should know. */
import type { Exchange } from "./exchange.ts";
import type { HeaderList } from "./headers.ts";

/**
 * Warns of trailers that a script has set in vain. Those that came from the origin may be dropped silently (RFC 9110 6.5.1).
 *
 * @param x The flow.
 * @param received The trailers that came from the origin, or `null`.
 */
export function warnOfLost(x: Exchange, received: HeaderList | null): void {
  const { trailers } = x.response;
  if (trailers === null || trailers === received) return;
  x.messages.warn(
    "Trailers were set where the client gets no chunked body: that has no effect; a body that is buffered or changed " +
      "is chunked for an HTTP/1.1 client",
  );
}
