/**
 * A client that comes by SOCKS5: the handshake, the connection to where it wants to go, and what it speaks there.
 *
 * The connection is made before the consent, so that the answer tells the truth; then either side may begin. A server that
 * does speaks no HTTP.
 */
import type { ProxyContext } from "./context.ts";
import { RefusedError, SocketError, type SocketErrorCode } from "./errors.ts";
import { type FirstBytes, firstBytes } from "./first-bytes.ts";
import { isReserved } from "./onboarding.ts";
import type { Peer } from "./peer.ts";
import type { Address } from "./socket.ts";
import { Socks5, type SocksReply, socksReply } from "./socks5.ts";

/** What a client has asked for, and what is spoken on its connection. */
export interface SocksEntry {
  /** Where it goes. */
  readonly place: Address;
  /** A connection to there; `null` where the proxy itself answers. */
  readonly origin: Peer | null;
  /** What it speaks there. */
  readonly first: FirstBytes;
}

/** What a failed connection is answered with. */
const FAILURES: Partial<Record<SocketErrorCode, SocksReply>> = {
  refused: "refused",
  dns: "hostUnreachable",
  unreachable: "networkUnreachable",
  timeout: "hostUnreachable",
};

/**
 * Lets a client in.
 *
 * @param client The client, of whom nothing was read yet.
 * @param context What all connections share.
 * @returns What it wants, or `null` if it got no further: then it has been told why, if it could be.
 */
export async function letIn(client: Peer, context: ProxyContext): Promise<SocksEntry | null> {
  const abandoned = new AbortController();
  let origin: Peer | null = null;
  try {
    const { place, rest } = await handshake(client, context);
    client.watch((error) => abandoned.abort(error));
    const own = context.interception !== null && isReserved(place);
    origin = own ? null : await connect(place, context, abandoned.signal);
    const pressure = client.send([socksReply("succeeded")]);
    if (pressure !== null) await pressure;
    abandoned.signal.throwIfAborted();
    return { place, origin, first: await firstBytes(client, origin, rest, context) };
  } catch (error) {
    origin?.fail(error);
    await refuse(client, error, context);
    return null;
  }
}

/** A handshake that came to nothing, and the last word on it. */
class SocksRefusal extends Error {
  readonly bytes: Uint8Array;

  constructor(message: string, bytes: Uint8Array, options?: ErrorOptions) {
    super(message, options);
    this.bytes = bytes;
  }
}

async function handshake(
  client: Peer,
  context: ProxyContext,
): Promise<{ readonly place: Address; readonly rest: Uint8Array }> {
  const socks = new Socks5(context.proxyAuth);
  client.wait(context.timeouts.handshakeMs, "the SOCKS handshake");
  for (;;) {
    const step = socks.next();
    if (step.kind === "connect") {
      client.arrived();
      return { place: step.place, rest: socks.rest };
    }
    if (step.kind === "refuse") throw new SocksRefusal(step.reason, step.bytes);
    if (step.kind === "send") {
      const pressure = client.send([step.bytes]);
      if (pressure !== null) await pressure;
      continue;
    }
    const bytes = await client.read();
    if (bytes === null) throw new SocketError("closed", "The client ended within the SOCKS handshake");
    socks.receive(bytes);
  }
}

async function connect(place: Address, { pool, reach }: ProxyContext, signal: AbortSignal): Promise<Peer> {
  try {
    reach.checkEither(place);
    return await pool.connect({ ...place, signal });
  } catch (error) {
    if (signal.aborted || !(error instanceof Error)) throw error;
    throw new SocksRefusal(error.message, socksReply(replyTo(error)), { cause: error });
  }
}

function replyTo(error: Error): SocksReply {
  if (error instanceof RefusedError) return "notAllowed";
  return (error instanceof SocketError ? FAILURES[error.code] : undefined) ?? "failure";
}

async function refuse(client: Peer, error: unknown, { log }: ProxyContext): Promise<void> {
  const { host, port } = client.socket.remote;
  log.info(`${host}:${port}: ${error instanceof Error ? error.message : String(error)}`);
  if (!(error instanceof SocksRefusal) || client.gone) return;
  // If this can't be written, the read that follows fails too.
  await client.send([error.bytes])?.catch(() => {});
}
