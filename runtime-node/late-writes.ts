/**
 * Small writes, put off to the end of the turn: what many sockets are told in one turn of the event loop leaves together.
 *
 * A write wakes whoever waits at the other end. Written one by one, with the work on the next answer in between, each of
 * them finds the other end asleep again, and to wake a processor costs more than the write itself, by far on a virtual
 * machine. One behind the other they find it awake. What one socket is told twice becomes one write.
 *
 * Nothing waits for bytes that have not come: the turn ends when all is done that the kernel had told of. What is put off
 * leaves before that if there is much of it, or if it turns out to have waited when the next one is put off.
 *
 * Where writes are few, each is somebody who waits: an event of a model's answer, a single client's next request. They leave
 * at once, as the way through the end of the turn would be a third of what the proxy adds to their time.
 */
import { BufferPool } from "../lib/buffer-pool.ts";

/** What is put off for one socket at most; more is a write that is worth its price. In bytes. */
const LATE_BYTES = 8 * 1024;
/** How many sockets' bytes are put off at most: by far enough for one wake to serve them all. */
const LATE_COUNT = 64;
/** How long the first of them waits at most, in milliseconds: what that many small answers take. */
const LATE_MS = 1;

/** How many writes in a row have to be close together for the next to be put off; fewer are one exchange's own. */
const RUSH_COUNT = 4;
/** How close together: what a busy process writes in a quarter of that time. In milliseconds. */
const RUSH_MS = 0.25;

const pool = new BufferPool(LATE_BYTES, 2 * LATE_COUNT);

/** A copy of the bytes that one socket is still to be told. */
export class LateBytes {
  readonly #buffer: ArrayBuffer = pool.take();
  #length = 0;

  /** Whether so many bytes can be put off at all. */
  static fit(length: number): boolean {
    return length <= LATE_BYTES;
  }

  /** The bytes. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#buffer, 0, this.#length);
  }

  /**
   * Puts bytes behind those that are there.
   *
   * @param pieces The bytes.
   * @param length How many these are.
   * @returns Whether there was room; if not, nothing has changed.
   */
  add(pieces: readonly Uint8Array[], length: number): boolean {
    if (this.#length + length > LATE_BYTES) return false;
    const bytes = new Uint8Array(this.#buffer);
    for (const piece of pieces) {
      bytes.set(piece, this.#length);
      this.#length += piece.length;
    }
    return true;
  }

  /** Gives the memory back, once nobody reads it any more. */
  giveBack(): void {
    pool.give(this.#buffer);
  }
}

/** Whoever has put off a write. */
export interface LateWriter {
  /** Writes now; does nothing if that has been done. */
  flush(): void;
}

/** Those who have put off a write in this turn. */
export class LateWrites {
  readonly #atEndOfTurn: (run: () => void) => void;
  readonly #now: () => number;
  readonly #run = () => {
    this.#scheduled = false;
    this.#flush();
  };
  /** When the latest small writes were, in a ring. */
  readonly #times = new Float64Array(RUSH_COUNT).fill(-Infinity);
  #oldest = 0;
  #writers: LateWriter[] = [];
  #since = 0;
  #scheduled = false;

  /**
   * @param atEndOfTurn Calls what it is given when the event loop's turn ends.
   * @param now A clock, in milliseconds.
   */
  constructor(atEndOfTurn: (run: () => void) => void, now: () => number = () => performance.now()) {
    this.#atEndOfTurn = atEndOfTurn;
    this.#now = now;
  }

  /** Takes note of a small write; says whether there are so many that it had better be put off. */
  rush(): boolean {
    const now = this.#now();
    const times = this.#times;
    const before = times[this.#oldest]!;
    times[this.#oldest] = now;
    this.#oldest = (this.#oldest + 1) % RUSH_COUNT;
    return now - before < RUSH_MS;
  }

  /**
   * Has somebody write when the turn ends, at the latest.
   *
   * @param writer Who has something to write.
   */
  add(writer: LateWriter): void {
    const count = this.#writers.push(writer);
    if (count === 1) this.#since = this.#now();
    else if (count === LATE_COUNT || this.#now() - this.#since > LATE_MS) return this.#flush();
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#atEndOfTurn(this.#run);
  }

  #flush(): void {
    const writers = this.#writers;
    this.#writers = [];
    for (const writer of writers) writer.flush();
  }
}

/** How many bytes these are together. */
export function totalLength(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
