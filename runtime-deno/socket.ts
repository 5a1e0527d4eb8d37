/**
 * The engine's socket over a `Deno.Conn`.
 *
 * Deno frees nothing by itself, so the connection is closed here, once, by whatever comes first: both directions have
 * ended, an error, `close` when everything is written, or `abort`. Deno can't send a reset: after `abort` the other end
 * sees FIN, unless it had sent bytes that nobody read (`resets` tells the engine).
 */
import { SocketError } from "../lib/errors.ts";
import type { Address, Socket } from "../lib/socket.ts";
import { readableOf, writableOf } from "../lib/socket-streams.ts";
import { denoSocketError } from "./errors.ts";
import { Outbox } from "./outbox.ts";
import { ReadBuffer } from "./read-buffer.ts";
import { turn } from "./turn.ts";

interface Reader {
  readonly promise: Promise<Uint8Array | null>;
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: SocketError) => void;
}

/** What is left to do on the writing side: nothing yet, FIN or close once all is written, or it is done. */
type Ending = "open" | "end" | "close" | "ended";

/** A connected TCP socket under Deno. */
export class DenoSocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  readonly resets = false;
  readonly closed: Promise<void>;
  readonly #conn: Deno.TcpConn;
  readonly #outbox: Outbox;
  readonly #buffer = new ReadBuffer();
  #settle!: () => void;
  #reader: Reader | null = null;
  #ending: Ending = "open";
  #finSeen = false;
  #failure: SocketError | null = null;
  #freed = false;
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /**
   * @param conn A connection that nobody else uses.
   */
  constructor(conn: Deno.TcpConn) {
    conn.setNoDelay(true);
    conn.setKeepAlive(true);
    this.#conn = conn;
    this.local = { host: conn.localAddr.hostname, port: conn.localAddr.port };
    this.remote = { host: conn.remoteAddr.hostname, port: conn.remoteAddr.port };
    this.#outbox = new Outbox(conn, () => void this.#onIdle(), (error) => this.#break(error));
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
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
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#finSeen) return Promise.resolve(null);
    let settle!: Omit<Reader, "promise">;
    const promise = new Promise<Uint8Array | null>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#reader = { promise, resolve: settle.resolve, reject: settle.reject };
    if (turn.overdue()) turn.next(() => this.#receive());
    else this.#receive();
    return promise;
  }

  /** The read that waits, whose bytes are for whoever takes the socket over; `null` if none does. */
  get waiting(): Promise<Uint8Array | null> | null {
    return this.#reader?.promise ?? null;
  }

  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    if (this.#ending === "open") return this.#outbox.write(pieces);
    const late = Promise.reject(new SocketError("closed", "Cannot write as the writing side is closed"));
    late.catch(() => {});
    return late;
  }

  end(): void {
    if (this.#ending !== "open") return;
    this.#ending = "end";
    if (!this.#outbox.busy) void this.#onIdle();
  }

  close(): void {
    this.#failRead(new SocketError("closed", "Cannot read as the connection was closed from this side"));
    this.#ending = "close";
    if (!this.#outbox.busy) void this.#onIdle();
  }

  abort(): void {
    this.#fail(new SocketError("closed", "Cannot go on as the connection was aborted from this side"));
  }

  #receive(): void {
    if (this.#freed) return;
    const buffer = this.#buffer.next();
    this.#conn.read(buffer).then(
      (count) => {
        if (count === 0) this.#receive();
        else this.#deliver(count === null ? null : this.#buffer.took(buffer, count));
      },
      (error: unknown) => this.#break(error),
    );
  }

  #deliver(chunk: Uint8Array | null): void {
    turn.begin();
    this.#finSeen = chunk === null;
    const reader = this.#reader;
    this.#reader = null;
    reader?.resolve(chunk);
    this.#freeIfDone();
  }

  /** Everything is written: what was to come after that comes now. */
  async #onIdle(): Promise<void> {
    if (this.#freed) return;
    if (this.#ending === "close") return this.#free();
    if (this.#ending !== "end") return;
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      return this.#break(error);
    }
    // `close` may have come in between.
    if (this.#ending === "end") this.#ending = "ended";
    this.#freeIfDone();
  }

  #freeIfDone(): void {
    if (this.#finSeen && this.#ending === "ended") this.#free();
  }

  #break(error: unknown): void {
    if (!this.#freed) this.#fail(denoSocketError(error, "go on with the connection"));
  }

  #fail(failure: SocketError): void {
    this.#failRead(failure);
    this.#outbox.fail(failure);
    this.#free();
  }

  #failRead(failure: SocketError): void {
    this.#failure ??= failure;
    const reader = this.#reader;
    this.#reader = null;
    // A read that nobody waits for any more may be left alone.
    reader?.promise.catch(() => {});
    reader?.reject(this.#failure);
  }

  #free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#conn.close();
    this.#settle();
  }
}
