/**
 * The shape of a connected TCP socket, as a runtime hands it to the engine.
 *
 * Pull to read, one vectored write per turn, and memory that is lent, not given: the chunk that `read` resolves with is
 * valid until the next call of `read`, so a socket can read for ever into one buffer. Backpressure is the absence of a
 * `read` call: a socket that nobody reads leaves its bytes with the kernel.
 */

/** One end of a connection. */
export interface Address {
  /** The numeric address, without brackets. */
  readonly host: string;
  /** The port. */
  readonly port: number;
}

/** A connected TCP socket. */
export interface Socket {
  /** This end. */
  readonly local: Address;
  /** The other end. */
  readonly remote: Address;
  /** Whether `abort` reaches the other end as a reset. */
  readonly resets: boolean;
  /**
   * Whether the end that `read` has told may be one that somebody on the way has made, as the other side's own goodbye is
   * missing (TLS's close_notify); absent where ends have none.
   */
  readonly cut?: boolean;
  /** Settles, never rejects, when both directions are closed and the descriptor is free. */
  readonly closed: Promise<void>;

  /**
   * Waits for the next bytes; one call at a time. The chunk is valid until the next call.
   *
   * @returns The bytes as they came (never empty), or `null` when the other end has finished sending (FIN).
   * @throws {SocketError} If the connection broke, or was closed from this side.
   */
  read(): Promise<Uint8Array | null>;

  /**
   * Writes the pieces, in order, as one vectored write. They must not change until the kernel has them.
   *
   * @returns `null` if the kernel took everything at once, or the socket has a copy that leaves when the event loop's turn
   * ends (`onHeld`), else a promise for when the kernel has it; a further call may come before it settles. The promise
   * rejects with a {@linkcode SocketError} if the connection broke. It never throws.
   */
  write(pieces: readonly Uint8Array[]): Promise<void> | null;

  /**
   * Called if the kernel doesn't take at once what left late, as the other end is slow: with a promise for when it has, and
   * how many bytes these are. Set by whoever bounds that time; never called by sockets that put nothing off.
   */
  onHeld?: ((written: Promise<void>, bytes: number) => void) | null;

  /** Sends FIN after what was written; the reading side stays open. Never throws. */
  end(): void;

  /**
   * Closes both directions: what was written is still handed to the kernel, what is unread is dropped. Never throws.
   *
   * A kernel that holds bytes nobody read answers a close with a reset, which may overtake what was written; whoever
   * wants the last bytes to arrive sends FIN first (`end`) and reads until `null`.
   */
  close(): void;

  /**
   * Closes at once and drops what is unwritten, with a reset where the runtime has one (Node; not Deno), so that the
   * other end can't take it for an end. Never throws.
   */
  abort(): void;

  /** The bytes that come, as a stream; made when first asked for, instead of `read`. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The bytes that go, as a stream; made when first asked for, instead of `write`. */
  readonly writable: WritableStream<Uint8Array>;
}

/** Where to connect to. */
export interface ConnectOptions {
  /** A name or a numeric address, without brackets. */
  readonly host: string;
  /** The port, 1 to 65535. */
  readonly port: number;
  /** Gives up when it aborts: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /**
   * Called with each numeric address that the name resolves to, before anything is sent there. It throws to refuse one;
   * the others are tried, and if none is left the promise rejects with what it threw.
   */
  readonly check?: (address: Address) => void;
}

/** Where to listen, and what to do with each connection. */
export interface ListenOptions {
  /** The numeric address or name to bind. */
  readonly host: string;
  /** The port; 0 takes a free one. */
  readonly port: number;
  /** How many connections may wait to be accepted, which the kernel may cap; without it, what the runtime takes. */
  readonly backlog?: number;
  /** Called with each accepted connection; must not throw. */
  readonly onSocket: (socket: Socket) => void;
  /** Called when accepting fails for a moment (descriptors exhausted); the listener goes on by itself. */
  readonly onError?: (error: unknown) => void;
}

/** A bound port that accepts connections until it is closed. */
export interface Listener {
  /** The address that was bound, with the real port. */
  readonly address: Address;
  /** Stops accepting and frees the port; accepted connections go on. */
  close(): Promise<void>;
  /**
   * Stops accepting for a while, or goes on: who comes in the meantime waits with the kernel, but for one connection that
   * may be on its way already. A runtime that can't has no such method.
   */
  setAccepting?(accepting: boolean): void;
}

/** What the engine needs of a runtime. */
export interface Network {
  /**
   * Opens a TCP connection with `TCP_NODELAY`.
   *
   * @throws {SocketError} If the name does not resolve (`code: "dns"`), or the connection is refused or fails.
   */
  connect(options: ConnectOptions): Promise<Socket>;
  /**
   * Binds a port.
   *
   * @throws {SocketError} If the port can't be bound (`code: "in-use"`, `"denied"`).
   */
  listen(options: ListenOptions): Promise<Listener>;
  /**
   * Waits until everything that the kernel has by now (bytes, ends, resets) has reached the sockets that are being read.
   * Absent, where that can't be told apart from what comes later.
   */
  catchUp?(): Promise<void>;
}
