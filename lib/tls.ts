/**
 * TLS, as a runtime hands it to the engine: a layer over a connected socket, on either side, that is a socket again. What
 * lies below belongs to the layer from then on: nobody else may read or write it.
 */
import type { Socket } from "./socket.ts";

/** What clients may speak inside (RFC 7301), what is preferred first; one that wants something else only is refused. */
export const SERVED: readonly string[] = ["http/1.1", "http/1.0"];

/** A certificate with its key, both as PEM. */
export interface TlsIdentity {
  /** The certificate, and those between it and the authority. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
}

/** How servers are met. */
export interface TlsClientOptions {
  /** Whether a server must prove who it is: by chain, name and dates; default `true`. */
  readonly verify?: boolean | undefined;
  /** Certificates of authorities, as PEM, that are trusted instead of those of the runtime; default these. */
  readonly ca?: string | undefined;
  /** What a server is shown that asks for a certificate; default nothing. */
  readonly identity?: TlsIdentity | undefined;
}

/** A handshake as the client. */
export interface TlsClientHandshake {
  /** The server's name or numeric address: told (SNI), unless it is an address, and verified. */
  readonly host: string;
  /** Breaks the connection off when it aborts: the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** A handshake as the server. */
export interface TlsServerHandshake {
  /** What has been read from the socket already. */
  readonly first: Uint8Array;
  /** Breaks the connection off when it aborts: the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
}

/** Speaks TLS as the client. The promise rejects with a `SocketError`, and the connection is gone, if that fails. */
export type TlsClient = (socket: Socket, handshake: TlsClientHandshake) => Promise<Socket>;

/** Speaks TLS as the server. The promise rejects with a `SocketError`, and the connection is gone, if that fails. */
export type TlsServer = (socket: Socket, handshake: TlsServerHandshake) => Promise<Socket>;

/** A runtime's TLS. */
export interface Tls {
  /**
   * Prepares to be a client.
   *
   * @param options How servers are met.
   * @returns What makes the handshakes.
   * @throws {TypeError} If a certificate or a key can't be read, or they don't belong together.
   */
  client(options: TlsClientOptions): TlsClient;
  /**
   * Prepares to be a server.
   *
   * @param identity Who it is.
   * @returns What makes the handshakes.
   * @throws {TypeError} If the certificate or the key can't be read, or they don't belong together.
   */
  server(identity: TlsIdentity): TlsServer;
}
