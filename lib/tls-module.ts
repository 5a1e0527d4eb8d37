/**
 * The tls module of Node, Deno and Bun, and its streams, as far as TLS needs them. A runtime hands its own over; nothing
 * here imports one.
 */

/** A stream both ways. */
export interface NodeDuplex {
  /** Whether `end` was called. */
  readonly writableEnded: boolean;
  /** How much is written and not handed on yet. */
  readonly writableLength: number;
  /** Hands out no data for now. */
  pause(): unknown;
  /** Hands out data. */
  resume(): unknown;
  /** Takes data back, to be handed out again. */
  unshift(chunk: Uint8Array): void;
  /** Says whether bytes are wanted; absent where whoever lies above is to be trusted not to take more than it can use. */
  want?(on: boolean): void;
  /** Writes; calls back when the bytes have been handed on. */
  write(bytes: Uint8Array, done?: (error?: Error | null) => void): boolean;
  /** Holds writes back, so that they become one. */
  cork(): void;
  /** Lets them go. */
  uncork(): void;
  /** Ends the writing side. */
  end(): unknown;
  /** Breaks off. */
  destroy(error?: Error): unknown;
  /** Listens. */
  on(event: string, listener: (...args: never[]) => void): unknown;
  /** Takes in what will be handed out next; `null` is the end. */
  push(chunk: Uint8Array | null): boolean;
  /** Lets nobody listen any more. */
  removeAllListeners(event: string): unknown;
}

/** A stream that speaks TLS. */
export interface NodeTlsStream extends NodeDuplex {
  /** The other end's address, asked of the kernel when it is read first. */
  readonly remoteAddress?: string | undefined;
  /** Ends the writing side, and closes when all is written. */
  destroySoon(): void;
}

/** A socket as a stream, for TLS to lie over. */
export interface Lower {
  /** The stream. */
  readonly stream: NodeDuplex;
  /**
   * Whether its end has come.
   *
   * @param above The stream that speaks TLS over it, which is about to take in its own end.
   */
  ended(above: NodeTlsStream): boolean;
  /**
   * Has TLS decrypt each record into memory that all share, instead of handing them out one by one in memory of their own;
   * absent where that can't be.
   *
   * @param above The stream that speaks TLS over it, which has had its handshake, and nothing else yet.
   * @param onRecord Called with each record, which is gone when it returns; answers whether more should come. `resume` of
   * the stream goes on after a no.
   * @returns Whether it could be done.
   */
  share?(above: NodeTlsStream, onRecord: (record: Uint8Array) => boolean): boolean;
}

/** Certificates, keys and settings, read once for many connections. */
export type NodeSecureContext = object;

/** What a context is made of; all of it PEM. */
export interface NodeContextOptions {
  /** The certificate with its chain. */
  readonly cert?: string;
  /** The private key. */
  readonly key?: string;
  /** The authorities that are trusted, instead of the runtime's own. */
  readonly ca?: string;
}

interface NodeTlsOptions {
  readonly secureContext: NodeSecureContext;
  readonly ALPNProtocols: string[];
  readonly allowHalfOpen: true;
  readonly highWaterMark: number;
}

/** The options of a client. */
export interface NodeConnectOptions extends NodeTlsOptions {
  /** What lies below. */
  readonly socket: never;
  /** The server's name or address, which is verified. */
  readonly host: string;
  /** The name that is told (SNI); empty for none. */
  readonly servername: string;
  /** Whether a server that can't prove who it is is refused. */
  readonly rejectUnauthorized: boolean;
}

/** The options of a server. */
export interface NodeAcceptOptions extends NodeTlsOptions {
  readonly isServer: true;
}

/** The crypto module, as far as it reads certificates and keys. */
export interface KeyModule {
  /** Reads a certificate in PEM. */
  readonly X509Certificate: new (pem: string) => { checkPrivateKey(key: never): boolean };
  /** Reads a private key in PEM. */
  createPrivateKey(pem: string): object;
}

/** The module. */
export interface TlsModule {
  /** Reads certificates and keys. */
  createSecureContext(options: never): NodeSecureContext;
  /** Begins a handshake as the client. */
  connect(options: never): NodeTlsStream;
  /** Begins a handshake as the server. */
  readonly TLSSocket: new (below: never, options: never) => NodeTlsStream;
}
