/**
 * A client that is to speak TLS: who comes by it, or whose tunnel is opened.
 */
import type { ProxyContext } from "./context.ts";
import { SocketError } from "./errors.ts";
import { distrusted } from "./onboarding.ts";
import { Peer } from "./peer.ts";
import { authorityOf } from "./target.ts";
import type { TlsServer } from "./tls.ts";
import { withDeadline } from "./with-deadline.ts";

/** What the handshake takes. */
export interface SecureClientOptions {
  /** Makes it. */
  readonly server: TlsServer | Promise<TlsServer>;
  /** What has been read from the client already; default nothing. */
  readonly first?: Uint8Array;
  /** The server in whose name it is made; `null` if that is the proxy itself. */
  readonly name: string | null;
}

/**
 * Speaks TLS with a client from here on.
 *
 * @param peer The client as it is, who is of no use any more but through what is returned.
 * @param options What it takes.
 * @param context What all connections share.
 * @returns The client inside; `null` if it could not be agreed with: then it is gone, and the log says why.
 */
export async function secureClient(
  peer: Peer,
  { server, first = new Uint8Array(0), name }: SecureClientOptions,
  { timeouts, limits, log }: ProxyContext,
): Promise<Peer | null> {
  const socket = peer.release();
  const attempt = `speak TLS with ${authorityOf(socket.remote)}`;
  try {
    const tls = await server;
    const secured = await withDeadline(
      timeouts.handshakeMs,
      attempt,
      undefined,
      (signal) => tls(socket, { first, signal }),
    );
    return new Peer("server", secured, limits, timeouts.writeMs);
  } catch (error) {
    socket.abort();
    log.info(explained(error, name));
    return null;
  }
}

function explained(error: unknown, name: string | null): string {
  const reason = error instanceof Error ? error.message : String(error);
  if (name === null) return reason;
  const untrusted = error instanceof SocketError && error.code === "untrusted";
  return untrusted ? `${reason}; ${distrusted(name)}` : `${name}: ${reason}`;
}
