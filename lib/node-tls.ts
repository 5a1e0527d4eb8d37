/**
 * TLS by the tls module that Node, Deno and Bun have in common: a stream over a stream. How a socket becomes a stream is
 * the runtime's own affair.
 *
 * A server's errors before the end of its handshake are told by an event of the module's own, `_tlsError`; by `error` in
 * some versions.
 */
import { checkedChain, checkedIdentity } from "./checked-identity.ts";
import { distrustOf, type VagueReasons } from "./distrust.ts";
import { DuplexSocket } from "./duplex-socket.ts";
import { SocketError } from "./errors.ts";
import { parseIp } from "./ip-address.ts";
import type { Address, Socket } from "./socket.ts";
import { isSystemError, socketError } from "./system-errors.ts";
import { authorityOf } from "./target.ts";
import type {
  KeyModule,
  Lower,
  NodeAcceptOptions,
  NodeConnectOptions,
  NodeContextOptions,
  NodeSecureContext,
  NodeTlsStream,
  TlsModule,
} from "./tls-module.ts";
import {
  SERVED,
  type Tls,
  type TlsClient,
  type TlsClientOptions,
  type TlsIdentity,
  type TlsServer,
} from "./tls.ts";

/** What origins are spoken with; one that wants something else only is refused. */
const ASKED = ["http/1.1"];

/** How much a stream decrypts while it hands out nothing; Node 20 would stop after each record. In bytes. */
const HELD_BYTES = 64 * 1024;

/**
 * Turns a socket into a stream, which owns it from then on.
 *
 * @param socket The socket; nobody waits for a read.
 * @param first What has been read from it already.
 */
export type LowerOf = (socket: Socket, first: Uint8Array) => Lower;

const NOTHING = new Uint8Array(0);

/**
 * Makes TLS of the module.
 *
 * @param tls The tls module.
 * @param keys The crypto module.
 * @param lowerOf Turns a socket into a stream.
 * @param vague What the module holds against certificates without saying which it is; default nothing.
 * @returns The engine's TLS.
 */
export function nodeTls(tls: TlsModule, keys: KeyModule, lowerOf: LowerOf, vague: VagueReasons = {}): Tls {
  return {
    client: ({ ca, identity, ...options }) =>
      clientOf(tls, lowerOf, {
        ...options,
        ca: ca === undefined ? undefined : checkedChain(keys, ca),
        identity: identity === undefined ? undefined : checkedIdentity(keys, identity),
      }, vague),
    server: (identity) => serverOf(tls, lowerOf, checkedIdentity(keys, identity)),
  };
}

function clientOf(
  tls: TlsModule,
  lowerOf: LowerOf,
  options: TlsClientOptions,
  vague: VagueReasons,
): TlsClient {
  const { verify = true, ca, identity } = options;
  const context: NodeContextOptions = { ...identity, ...(ca !== undefined && { ca }) };
  // Reading the runtime's own authorities takes its time, so that is done when it is needed.
  let secureContext: NodeSecureContext | null = null;
  return (below, { host, signal }) => {
    secureContext ??= tls.createSecureContext(context as never);
    const name = parseIp(host) === null ? host.replace(/\.$/, "") : "";
    const lower = lowerOf(below, NOTHING);
    const connect: NodeConnectOptions = {
      socket: lower.stream as never,
      secureContext,
      host,
      servername: name,
      rejectUnauthorized: verify,
      ALPNProtocols: ASKED,
      allowHalfOpen: true,
      highWaterMark: HELD_BYTES,
    };
    return handshake(below, lower, tls.connect(connect as never), "secureConnect", signal, (error) => {
      const place = `${host}, at ${authorityOf(below.remote)}`;
      const distrust = distrustOf(error, vague);
      return distrust !== null
        ? new SocketError("untrusted", `Cannot trust ${place}: ${distrust}`, { cause: error })
        : failed(error, below.remote);
    });
  };
}

function serverOf(tls: TlsModule, lowerOf: LowerOf, identity: TlsIdentity): TlsServer {
  const secureContext = tls.createSecureContext(identity as never);
  return (below, { first, signal }) => {
    const options: NodeAcceptOptions = {
      isServer: true,
      secureContext,
      ALPNProtocols: [...SERVED],
      allowHalfOpen: true,
      highWaterMark: HELD_BYTES,
    };
    const lower = lowerOf(below, first);
    const secure = new tls.TLSSocket(lower.stream as never, options as never);
    return handshake(below, lower, secure, "secure", signal, (error) => {
      const place = authorityOf(below.remote);
      return isDistrusted(error)
        ? new SocketError("untrusted", `Cannot be trusted by ${place}: ${wordsOf(error)}`, { cause: error })
        : failed(error, below.remote);
    });
  };
}

function handshake(
  below: Socket,
  lower: Lower,
  duplex: NodeTlsStream,
  success: "secure" | "secureConnect",
  signal: AbortSignal,
  told: (error: unknown) => SocketError,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    let over = false;
    const fail = (reason: unknown) => {
      if (over) return;
      over = true;
      signal.removeEventListener("abort", onAbort);
      below.abort();
      reject(reason);
    };
    const onAbort = () => fail(signal.reason);
    // Never the other way round: to take the descriptor from under the stream, and then end that, crashes Node.
    void below.closed.then(() => duplex.destroy());
    duplex.on("error", (error: Error) => fail(told(error)));
    duplex.on("_tlsError", (error: Error) => {
      fail(told(error));
      // Behind the handshake that is a broken record.
      duplex.destroy(error);
    });
    for (const event of ["end", "close"]) {
      duplex.on(event, () => fail(told(new Error("the other side has closed the connection"))));
    }
    duplex.on(success, () => {
      if (over) return;
      over = true;
      signal.removeEventListener("abort", onAbort);
      resolve(new DuplexSocket(duplex, below, lower));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** The alerts of a client that takes exception to a certificate (RFC 8446 6.2). */
const DISTRUSTED = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN|UNSUPPORTED_CERTIFICATE)$/;

function isDistrusted(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && DISTRUSTED.test(code);
}

function failed(error: unknown, remote: Address): SocketError {
  const attempt = `speak TLS with ${authorityOf(remote)}`;
  if (error instanceof SocketError) {
    // What the socket below says of the connection doesn't tell what that was for.
    return new SocketError(error.code, `Cannot ${attempt}: ${reasonOf(error)}`, { cause: error });
  }
  if (isSystemError(error)) return socketError(error, attempt);
  return new SocketError("handshake", `Cannot ${attempt}: ${wordsOf(error)}`, { cause: error });
}

/** What comes behind the attempt in an error's message. */
function reasonOf({ message }: Error): string {
  return message.replace(/^Cannot [^:]*: /, "");
}

/** OpenSSL's messages begin and end with where in its sources they come from. */
function wordsOf(error: unknown): string {
  const { reason, message } = error as { reason?: unknown; message?: unknown };
  if (typeof reason === "string" && reason !== "") return reason;
  const text = typeof message === "string" ? message : String(error);
  return /error:[0-9A-F]+:[^:]*:[^:]*:([^:\n]+)/.exec(text)?.[1] ?? text;
}
