/**
 * The engine's socket over a stream of Node's kind that lies over another socket: TLS.
 *
 * Records come one by one, 16 KiB at most. The one that is waited for is lent as it is; those that come while nobody asks are
 * put together, up to a bound, in memory that is used again. Where the stream lies, how it is reset and when its descriptor
 * is free is for the socket below.
 */
import { BufferPool } from "./buffer-pool.ts";
import { SocketError } from "./errors.ts";
import type { Address, Socket } from "./socket.ts";
import { readableOf, writableOf } from "./socket-streams.ts";
import { socketError } from "./system-errors.ts";
import type { Lower, NodeTlsStream } from "./tls-module.ts";

/** What is kept while nobody asks: a turn for each record would cost a third more. In bytes. */
const KEPT_BYTES = 128 * 1024;
/** What is put together at most: that, and the record that was one too many. In bytes. */
const JOINED_BYTES = KEPT_BYTES + 16 * 1024;

const pool = new BufferPool(JOINED_BYTES, 32);

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
  #reader: Reader | null = null;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  /** Whether the stream hands out no more for now. */
  #stopped = false;
  /** The memory that is lent, if it is the pool's. */
  #lent: ArrayBuffer | null = null;
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
    duplex.on("data", (chunk: Uint8Array) => this.#arrive(chunk));
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
    this.#giveBack();
    if (this.#kept.length > 0) return Promise.resolve(this.#take());
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
    for (const chunk of this.#kept.splice(0).reverse()) duplex.unshift(chunk);
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
    this.#kept = [];
    this.#failRead(new SocketError("closed", "Cannot read as the connection was closed from this side"));
    this.#duplex.destroySoon();
  }

  abort(): void {
    this.#kept = [];
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

  /** Streams of Node's kind give buffers, whose `slice` is no copy. */
  #arrive({ buffer, byteOffset, byteLength }: Uint8Array): void {
    const chunk = new Uint8Array(buffer, byteOffset, byteLength);
    const reader = this.#reader;
    if (reader === null) {
      this.#kept.push(chunk);
      this.#keptBytes += byteLength;
      if (this.#keptBytes < KEPT_BYTES) return;
      this.#stopped = true;
      this.#duplex.pause();
      return;
    }
    this.#lower.stream.want?.(false);
    this.#reader = null;
    reader.resolve(chunk);
  }

  /** The next bytes among those that are kept: as many as fit together. */
  #take(): Uint8Array {
    const kept = this.#kept;
    let count = 1;
    let length = kept[0]!.length;
    while (count < kept.length && length + kept[count]!.length <= JOINED_BYTES) {
      length += kept[count++]!.length;
    }
    const chunks = kept.splice(0, count);
    this.#keptBytes -= length;
    if (this.#stopped && this.#keptBytes < KEPT_BYTES) {
      this.#stopped = false;
      this.#duplex.resume();
    }
    return count === 1 ? chunks[0]! : this.#join(chunks, length);
  }

  #join(chunks: readonly Uint8Array[], length: number): Uint8Array {
    this.#lent = pool.take();
    const bytes = new Uint8Array(this.#lent, 0, length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  #giveBack(): void {
    if (this.#lent !== null) pool.give(this.#lent);
    this.#lent = null;
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
