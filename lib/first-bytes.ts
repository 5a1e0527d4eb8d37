/**
 * Who speaks first on a connection that may carry anything, and what: the client, whose first bytes tell, or the other side,
 * which speaks no HTTP then.
 */
import { concat } from "../transforms/concat.ts";
import { type ClientHello, readClientHello } from "./client-hello.ts";
import type { ProxyContext } from "./context.ts";
import type { Peer } from "./peer.ts";
import { sniff, type Speech } from "./sniff.ts";

/** What has come from the client. */
export interface FirstBytes {
  /** What it speaks. */
  readonly speech: Speech;
  /** What it says, if that is TLS, could be read, and matters. */
  readonly hello: ClientHello | null;
  /** All that it has sent so far. */
  readonly bytes: Uint8Array;
}

/** The other side has begun to speak, or has ended, before the client. */
const OTHER_FIRST = Symbol("OTHER_FIRST");

/**
 * Waits until it is known what is spoken.
 *
 * @param client The client.
 * @param other The other side; `null` if there is none yet.
 * @param rest What has been read from the client already.
 * @param context How long it may take, and whether it matters what a ClientHello says.
 * @returns What has come.
 * @throws {SocketError} If one of them breaks the connection, or the client says nothing in time.
 */
export async function firstBytes(
  client: Peer,
  other: Peer | null,
  rest: Uint8Array,
  { timeouts, limits, interception }: Pick<ProxyContext, "timeouts" | "limits" | "interception">,
): Promise<FirstBytes> {
  let bytes = rest;
  let late = false;
  other?.watch((error) => client.interrupt(error), () => {
    late = true;
    client.interrupt(OTHER_FIRST);
  });
  client.wait(timeouts.idleMs, "the first bytes on a connection");
  for (let begun = false;;) {
    const known = late
      ? { speech: "other" as const, hello: null }
      : tell(bytes, interception === null ? 0 : limits.helloBytes);
    if (known !== null) {
      client.arrived();
      return { ...known, bytes };
    }
    if (!begun && sniff(bytes) === "tls") {
      begun = true;
      client.wait(timeouts.handshakeMs, "a ClientHello");
    }
    try {
      const more = await client.read();
      if (more === null) return { speech: "other", hello: null, bytes };
      bytes = concat([bytes, more]);
    } catch (error) {
      if (error !== OTHER_FIRST) throw error;
    }
  }
}

function tell(bytes: Uint8Array, helloBytes: number): Omit<FirstBytes, "bytes"> | null {
  const speech = sniff(bytes);
  if (speech !== "tls" || helloBytes === 0) return speech === null ? null : { speech, hello: null };
  try {
    const hello = readClientHello(bytes, helloBytes);
    return hello === null ? null : { speech, hello };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Whoever it is for may know what to make of it.
    return { speech: "other", hello: null };
  }
}
