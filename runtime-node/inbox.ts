/**
 * Between what Node pushes and what a reader pulls: at most one reader that waits, at most one chunk that nobody has
 * asked for yet. `receive` and `arrive` answer whether to go on reading; where the answer was no, the next `read` that
 * takes the chunk resumes.
 *
 * Every outgoing socket reads into one scratch buffer of the process, so an idle connection has no buffer at all. The
 * bytes leave the scratch before the callback returns, into a pooled buffer, which goes back with the next `read`. The copy costs less than a tenth of what the same bytes cost to read and write; a buffer for
 * each socket would have to be pinned while it waits, as Node can't exchange it then.
 */
import { BufferPool } from "../lib/buffer-pool.ts";
import { SocketError } from "../lib/errors.ts";

/** The most bytes of one read. A read of 256 KiB costs two thirds of four of 64 KiB; beyond, a slow client holds too much. */
const SCRATCH_BYTES = 256 * 1024;
/** Heads and small bodies: an array of their own would cost as much as its weight in garbage. */
const SMALL_BYTES = 8 * 1024;
/** What most reads fit in when the other end is slower than this one. */
const MEDIUM_BYTES = 64 * 1024;

const small = new BufferPool(SMALL_BYTES, 256);
const medium = new BufferPool(MEDIUM_BYTES, 64);
const large = new BufferPool(SCRATCH_BYTES, 32);

/** The pool of the buffers that so many bytes fit in. */
function poolFor(count: number): BufferPool {
  if (count <= SMALL_BYTES) return small;
  return count <= MEDIUM_BYTES ? medium : large;
}

/** The buffer that every outgoing socket reads into. */
export const scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES);

interface Reader {
  readonly promise: Promise<Uint8Array | null>;
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: SocketError) => void;
}

/** The reading side of a socket. */
export class Inbox {
  readonly #resume: () => void;
  #reader: Reader | null = null;
  #kept: Uint8Array | null = null;
  #keptIsPooled = false;
  /** The chunk that is lent, if its memory goes back to a pool. */
  #lent: Uint8Array | null = null;
  #stopped = false;
  #ended = false;
  #failure: SocketError | null = null;

  /**
   * @param resume Starts reading again after an answer of `false`.
   */
  constructor(resume: () => void) {
    this.#resume = resume;
  }

  /**
   * Takes the first `count` bytes of the scratch buffer.
   *
   * @returns Whether to go on reading.
   */
  receive(count: number): boolean {
    if (this.#failure !== null) return true;
    const chunk = new Uint8Array(poolFor(count).take(), 0, count);
    chunk.set(scratch.subarray(0, count));
    if (this.#reader !== null) this.#lent = chunk;
    const on = this.arrive(chunk);
    this.#keptIsPooled = this.#kept === chunk;
    // In bulk it goes step by step, so that a socket has one large buffer at most.
    return this.#go(on && count <= SMALL_BYTES);
  }

  /**
   * Takes a chunk with memory of its own.
   *
   * @returns Whether to go on reading.
   */
  arrive(chunk: Uint8Array): boolean {
    if (this.#failure !== null) return true;
    const reader = this.#reader;
    this.#reader = null;
    if (reader === null) this.#kept = chunk;
    else reader.resolve(chunk);
    return this.#go(reader !== null);
  }

  /** The other end has sent FIN. */
  end(): void {
    this.#ended = true;
    this.#reader?.resolve(null);
    this.#reader = null;
  }

  /** The connection broke. A chunk that came before is still read. */
  fail(failure: SocketError): void {
    this.#failure ??= failure;
    const reader = this.#reader;
    this.#reader = null;
    // A read that nobody waits for any more may be left alone.
    reader?.promise.catch(() => {});
    reader?.reject(this.#failure);
  }

  /** The connection is closed from this side: what is unread is dropped. */
  drop(failure: SocketError): void {
    this.#kept = null;
    this.fail(failure);
  }

  /** What has come and was not asked for, which is not delivered here any more; `null` if there is nothing. */
  release(): Uint8Array | null {
    const kept = this.#kept?.slice() ?? null;
    this.drop(new SocketError("closed", "Cannot read as the connection was given away"));
    this.#giveBack();
    return kept;
  }

  /** The next chunk; see `Socket.read`. */
  read(): Promise<Uint8Array | null> {
    if (this.#reader !== null) {
      return Promise.reject(new TypeError("Cannot read as the read before must be settled: it still waits"));
    }
    this.#giveBack();
    const chunk = this.#kept;
    if (chunk !== null) {
      this.#kept = null;
      if (this.#keptIsPooled) this.#lent = chunk;
      if (chunk.length <= SMALL_BYTES || !this.#keptIsPooled) this.#start();
      this.#keptIsPooled = false;
      return Promise.resolve(chunk);
    }
    if (this.#failure !== null) return Promise.reject(this.#failure);
    if (this.#ended) return Promise.resolve(null);
    let settle!: Omit<Reader, "promise">;
    const promise = new Promise<Uint8Array | null>((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.#reader = { promise, resolve: settle.resolve, reject: settle.reject };
    this.#start();
    return promise;
  }

  #go(on: boolean): boolean {
    this.#stopped = !on;
    return on;
  }

  #start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#resume();
  }

  #giveBack(): void {
    const lent = this.#lent;
    if (lent === null) return;
    this.#lent = null;
    poolFor(lent.buffer.byteLength).give(lent.buffer as ArrayBuffer);
  }
}
