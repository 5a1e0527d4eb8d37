/**
 * Between what Node pushes and what a reader pulls: at most one reader that waits, at most one chunk that nobody has
 * asked for yet. `receive` and `arrive` answer whether to go on reading; where the answer was no, the next `read` that
 * takes the chunk resumes.
 *
 * Sockets read into one scratch buffer of the process, so that an idle connection has no buffer at all. The bytes leave the
 * scratch before the callback returns, into a pooled buffer, which goes back with the next `read`. The copy is a twentieth
 * of what the same bytes cost in bulk; so a few sockets, whose last read was a large one, read into a buffer that is lent as
 * it is. Only a few, as it can't be exchanged while the socket waits, which may be for long.
 */
import type { OnReadOpts } from "node:net";
import { BufferPool } from "../lib/buffer-pool.ts";
import { SocketError } from "../lib/errors.ts";
import { turn } from "./turn.ts";

/** The most bytes of one read. A read of 256 KiB costs two thirds of four of 64 KiB; beyond, a slow client holds too much. */
const SCRATCH_BYTES = 256 * 1024;
/** Heads and small bodies: an array of their own would cost as much as its weight in garbage. */
const SMALL_BYTES = 8 * 1024;
/** What most reads fit in when the other end is slower than this one. */
const MEDIUM_BYTES = 64 * 1024;

const small = new BufferPool(SMALL_BYTES, 256);
const medium = new BufferPool(MEDIUM_BYTES, 64);
const large = new BufferPool(SCRATCH_BYTES, 32);

/** How many sockets may wait with a large buffer of their own: 4 MiB in all. */
const OWN_COUNT = 16;
let owned = 0;

/** The pool of the buffers that so many bytes fit in. */
function poolFor(count: number): BufferPool {
  if (count <= SMALL_BYTES) return small;
  return count <= MEDIUM_BYTES ? medium : large;
}

const scratch: Uint8Array = new Uint8Array(SCRATCH_BYTES);

interface Reader {
  readonly promise: Promise<Uint8Array | null>;
  readonly resolve: (chunk: Uint8Array | null) => void;
  readonly reject: (error: SocketError) => void;
}

/** A chunk of pooled memory, with the first bytes of a buffer. */
function copied(count: number, buffer: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(poolFor(count).take(), 0, count);
  chunk.set(buffer.subarray(0, count));
  return chunk;
}

/** The reading side of a socket. */
export class Inbox {
  readonly #resume: () => void;
  #reader: Reader | null = null;
  #kept: Uint8Array | null = null;
  #keptIsPooled = false;
  /** The chunk that is lent, if its memory goes back to a pool. */
  #lent: Uint8Array | null = null;
  /** The large buffer that the socket reads into, if it isn't the scratch. */
  #own: Uint8Array | null = null;
  #isBulk = false;
  #stopped = false;
  #ended = false;
  #failure: SocketError | null = null;

  /**
   * @param resume Starts reading again after an answer of `false`.
   */
  constructor(resume: () => void) {
    this.#resume = resume;
  }

  /** The buffer that the socket is to read into next. */
  next(): Uint8Array {
    if (this.#own !== null) return this.#own;
    if (!this.#isBulk || owned === OWN_COUNT || this.#failure !== null) return scratch;
    owned++;
    return this.#own = new Uint8Array(large.take());
  }

  /**
   * Takes the first `count` bytes of the buffer that the socket has read into.
   *
   * @returns Whether to go on reading.
   */
  receive(count: number, buffer: Uint8Array): boolean {
    if (this.#failure !== null) return true;
    this.#isBulk = count > MEDIUM_BYTES;
    if (count > SMALL_BYTES) turn.begin();
    const chunk = buffer === this.#own ? this.#takeOwn(count, buffer) : copied(count, buffer);
    if (this.#reader !== null) this.#lent = chunk;
    const on = this.arrive(chunk);
    this.#keptIsPooled = this.#kept === chunk;
    // In bulk it goes step by step, so that a socket has one large buffer at most.
    return this.#go(on && count <= SMALL_BYTES);
  }

  #takeOwn(count: number, buffer: Uint8Array): Uint8Array {
    this.#disown();
    if (this.#isBulk) return buffer.subarray(0, count);
    const chunk = copied(count, buffer);
    large.give(buffer.buffer as ArrayBuffer);
    return chunk;
  }

  #disown(): void {
    if (this.#own !== null) owned--;
    this.#own = null;
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
    this.#disown();
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
    // Who waits for a read gets nothing any more: whoever has the socket now gets all that comes.
    this.#reader = null;
    this.#giveBack();
    this.drop(new SocketError("closed", "Cannot read as the connection was given away"));
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
    turn.take(this.#resume);
  }

  #giveBack(): void {
    const lent = this.#lent;
    if (lent === null) return;
    this.#lent = null;
    poolFor(lent.buffer.byteLength).give(lent.buffer as ArrayBuffer);
  }
}

/** What a socket of Node's is told of the inbox that it reads into. */
export function onread(inbox: Inbox): OnReadOpts {
  return {
    // Asked for the first buffer, and for the next one behind each read.
    buffer: () => inbox.next(),
    callback: (count, buffer) => inbox.receive(count, buffer as Uint8Array),
  };
}
