/**
 * The engine's socket over a stream of Node's kind that lies over another socket: TLS.
 *
 * Records come one by one. The one that is waited for is lent; those that come while nobody asks are put together, up to a
 * bound. Where the stream lies, how it is reset and when its descriptor is free is for the socket below.
 */
import { SocketError } from "./errors.ts";
import { CopiedRecords, type KeptRecords, OwnRecords } from "./kept-records.ts";
import type { Address, Socket } from "./socket.ts";
import { readableOf, writableOf } from "./socket-streams.ts";
import { socketError } from "./system-errors.ts";
import type { Lower, NodeTlsStream } from "./tls-module.ts";

interface Reader {
  readonly promise: Promise<Uint8Array | null>;
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: SocketError) => void;
}

/** A stream over a socket, as a socket. */
export class DuplexSocket implements Socket {
  readonly #duplex: NodeTlsStream;
  readonly #below: Socket;
  readonly #lower: Lower;
  /** Whether the stream lies on a descriptor, of a runtime that has resets. */
  readonly #knowsResets: boolean;
  readonly #kept: KeptRecords;
  #reader: Reader | null = null;
  /** Whether the stream hands out no more for now. */
  #stopped = false;
  #writers: Set<(error: SocketError) => void> = new Set();
  #ended = false;
  #cut = false;
  #failure: SocketError | null = null;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /**
   * @param duplex The stream, which nobody else uses.
   * @param below The socket that it lies over.
   * @param lower That socket as a stream.
   */
  constructor(duplex: NodeTlsStream, below: Socket, lower: Lower) {
    this.#duplex = duplex;
    this.#below = below;
    this.#lower = lower;
    this.#knowsResets = below.resets && !(below instanceof DuplexSocket);
    lower.stream.want?.(false);
    this.#watchEnd();
    const shared = lower.share?.(duplex, (record) => this.#arrive(record)) ?? false;
    this.#kept = shared ? new CopiedRecords() : new OwnRecords();
    // In any case, as a stream that nobody listens to never tells its end.
    duplex.on("data", (chunk: Uint8Array) => void (this.#arrive(chunk) || duplex.pause()));
    duplex.on("end", () => this.#onEnd());
    duplex.on("error", (error: Error) => this.#fail(socketError(error, "go on with the connection")));
    duplex.on("close", () => {
      this.#fail(new SocketError("closed", "Cannot go on as the connection is closed"));
      below.close();
    });
  }

  get local(): Address {
    return this.#below.local;
  }

  get remote(): Address {
    return this.#below.remote;
  }

  get resets(): boolean {
    return this.#below.resets;
  }

  get cut(): boolean {
    return this.#cut;
  }

  get closed(): Promise<void> {
    return this.#below.closed;
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= readableOf(this);
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableOf(this);
  }

  read(): Promise<Uint8Array | null> {
    if (this.#reader !== null) {
      return Promise.reject(new TypeError("Cannot read as the read before must be settled: it still waits"));
    }
    this.#kept.giveBack();
    if (this.#kept.bytes > 0) return Promise.resolve(this.#take());
    if (this.#ended) return Promise.resolve(null);
    if (this.#failure !== null) return Promise.reject(this.#failure);
    let settle!: Omit<Reader, "promise">;
    const promise = new Promise<Uint8Array | null>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#reader = { promise, ...settle };
    this.#lower.stream.want?.(true);
    return promise;
  }

  /** The read that waits, whose bytes are for whoever takes the socket over; `null` if none does. */
  get waiting(): Promise<Uint8Array | null> | null {
    return this.#reader?.promise ?? null;
  }

  /** Gives the stream away, to whoever reads and writes it from now on. */
  release(): NodeTlsStream {
    const duplex = this.#duplex;
    this.#reader = null;
    for (const event of ["data", "end"]) duplex.removeAllListeners(event);
    duplex.pause();
    for (const chunk of this.#kept.drain().reverse()) duplex.unshift(chunk);
    return duplex;
  }

  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    const duplex = this.#duplex;
    const full = pieces.filter((piece) => piece.length > 0);
    const failure = this.#failure ??
      (duplex.writableEnded ? new SocketError("closed", "Cannot write as the writing side is closed") : null);
    if (failure === null && full.length === 0) return null;
    const written = new Promise<void>((resolve, reject) => {
      if (failure !== null) return reject(failure);
      this.#writers.add(reject);
      const done = (error?: Error | null) => {
        // What failed is settled by `#fail`, which knows why.
        if (error !== undefined && error !== null) return;
        this.#writers.delete(reject);
        resolve();
      };
      duplex.cork();
      for (const [at, piece] of full.entries()) {
        if (at === full.length - 1) duplex.write(piece, done);
        else duplex.write(piece);
      }
      duplex.uncork();
    });
    // The promise may be left alone: the failure shows at the next call and in `closed` as well.
    written.catch(() => {});
    return written;
  }

  end(): void {
    this.#duplex.end();
  }

  close(): void {
    this.#ended = false;
    this.#kept.drain();
    this.#failRead(new SocketError("closed", "Cannot read as the connection was closed from this side"));
    this.#duplex.destroySoon();
  }

  abort(): void {
    this.#kept.drain();
    this.#fail(new SocketError("closed", "Cannot go on as the connection was aborted from this side"));
    // Once the end is on its way nothing can be cut any more, and a reset behind it would fail in some runtimes.
    const { writableEnded, writableLength } = this.#duplex;
    if (!writableEnded || writableLength > 0) this.#below.abort();
    else this.#duplex.destroy();
  }

  /**
   * An end that comes by close_notify comes while the stream below still goes on; one without it, as that has ended. The
   * modules tell of both alike, so they are told apart at the moment when the stream takes the end in: FIN may be right
   * behind the goodbye.
   */
  #watchEnd(): void {
    const duplex = this.#duplex;
    const push = duplex.push;
    duplex.push = (chunk) => {
      if (chunk === null) this.#cut = this.#lower.ended(duplex);
      return push.call(duplex, chunk);
    };
  }

  /**
   * Takes a record.
   *
   * @returns Whether more should come.
   */
  #arrive(record: Uint8Array): boolean {
    const reader = this.#reader;
    if (reader === null) {
      this.#kept.keep(record);
      this.#stopped = this.#kept.enough;
      return !this.#stopped;
    }
    this.#lower.stream.want?.(false);
    this.#reader = null;
    reader.resolve(this.#kept.lend(record));
    return true;
  }

  #take(): Uint8Array {
    const bytes = this.#kept.take();
    if (this.#stopped && !this.#kept.enough) {
      this.#stopped = false;
      this.#duplex.resume();
    }
    return bytes;
  }

  /**
   * An end may be the end of the bytes, or a reset right behind them that some runtimes take for one. The kernel knows better:
   * what was reset has no other end any more.
   */
  #onEnd(): void {
    const duplex = this.#duplex;
    if (!this.#knowsResets || duplex.writableEnded || duplex.remoteAddress !== undefined) return this.#end();
    this.#fail(new SocketError("reset", "Cannot go on with the connection: it was reset"));
  }

  #end(): void {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = null;
  }

  #fail(failure: SocketError): void {
    this.#failRead(failure);
    for (const reject of this.#writers) reject(this.#failure ?? failure);
    this.#writers.clear();
  }

  #failRead(failure: SocketError): void {
    this.#failure ??= failure;
    const reader = this.#reader;
    this.#reader = null;
    // A read that nobody waits for any more may be left alone.
    reader?.promise.catch(() => {});
    reader?.reject(this.#failure);
  }
}
