/**
 * Slows a body down to a rate, a delay, or both, as a slow network would.
 *
 * What is written waits in a line until its delay is over; what is read leaves the line at the rate, in small
 * pieces. One timer is enough for both, as only the first piece of the line can be due next. The line is
 * bounded, and the timer is gone as soon as either side is.
 */
import { checkBodyChunk } from "./check-chunk.ts";
import { checkNumber } from "./check-number.ts";
import { streams } from "./streams.ts";
import type { TransformPair } from "../transforms/transform.ts";

/** Tells the time and wakes up, so that a test needs not wait. */
export interface ThrottleClock {
  /** The time in milliseconds; it never goes back. */
  now(): number;
  /** Calls a function after so many milliseconds, unless the function that is returned is called before. */
  after(ms: number, call: () => void): () => void;
}

/** How slow a body is to be. */
export interface ThrottleOptions {
  /** The most bytes in a second, more than 0; default no limit. */
  readonly bytesPerSecond?: number;
  /** How long each byte is under way, in milliseconds; default 0. */
  readonly latencyMs?: number;
  /** Default the runtime's own. */
  readonly clock?: ThrottleClock;
}

/** A piece lasts so long at the rate: so the bytes flow evenly, and timers are few. In milliseconds. */
const PIECE_MS = 50;

/** How much of a timer's lateness is made up for, or of a pause used for a burst, in milliseconds. */
const CATCH_UP_MS = 50;

/** The least that may be under way, in bytes. */
const LEAST_LINE_BYTES = 65_536;

const runtimeClock: ThrottleClock = {
  now: () => performance.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.ceil(ms));
    return () => clearTimeout(timer);
  },
};

/** A chunk, or what is left of it, and when its delay is over. */
interface Waiting {
  chunk: Uint8Array;
  readonly readyAt: number;
}

class Throttle {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  readonly #rate: number;
  readonly #latency: number;
  readonly #clock: ThrottleClock;
  readonly #pieceBytes: number;
  readonly #lineBytes: number;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #sink!: WritableStreamDefaultController;
  #line: Waiting[] = [];
  /** The place of the first chunk in the line that waits: what is before it has left. */
  #first = 0;
  #waitingBytes = 0;
  /** When the rate allows the next piece. */
  #nextAt: number;
  #stopTimer: (() => void) | null = null;
  #letWriterGo: (() => void) | null = null;
  #wanted = false;
  #closed = false;
  #over = false;

  constructor(rate: number, latency: number, clock: ThrottleClock) {
    this.#rate = rate;
    this.#latency = latency;
    this.#clock = clock;
    this.#pieceBytes = Math.max(1, Math.floor(rate * PIECE_MS / 1000));
    this.#lineBytes = Math.max(LEAST_LINE_BYTES, rate === Infinity ? 0 : rate * latency / 1000);
    this.#nextAt = clock.now();
    this.readable = new streams.ReadableStream<Uint8Array>({
      start: (controller) => void (this.#source = controller),
      pull: () => {
        this.#wanted = true;
        this.#serve();
      },
      cancel: (reason) => {
        this.#stop();
        this.#sink.error(reason);
      },
    }, { highWaterMark: 0 });
    this.writable = new streams.WritableStream<Uint8Array>({
      start: (controller) => {
        this.#sink = controller;
        // A write that waits for room would hold an abort back.
        controller.signal.addEventListener("abort", () => this.#fail(controller.signal.reason));
      },
      write: (chunk) => this.#take(chunk),
      close: () => {
        this.#closed = true;
        this.#serve();
      },
      abort: (reason) => this.#fail(reason),
    });
  }

  #take(chunk: Uint8Array): Promise<void> | undefined {
    try {
      checkBodyChunk(chunk);
    } catch (error) {
      this.#fail(error);
      throw error;
    }
    if (chunk.length === 0) return undefined;
    this.#line.push({ chunk, readyAt: this.#clock.now() + this.#latency });
    this.#waitingBytes += chunk.length;
    this.#serve();
    if (this.#over || this.#waitingBytes <= this.#lineBytes) return undefined;
    return new Promise((resolve) => void (this.#letWriterGo = resolve));
  }

  /** Hands on what is due, or waits until it is. */
  #serve(): void {
    if (this.#over || !this.#wanted || this.#stopTimer !== null) return;
    const next = this.#line[this.#first];
    if (next === undefined) {
      if (this.#closed) this.#finish();
      return;
    }
    const now = this.#clock.now();
    const dueAt = Math.max(next.readyAt, this.#nextAt);
    if (dueAt > now) {
      this.#stopTimer = this.#clock.after(dueAt - now, () => {
        this.#stopTimer = null;
        this.#serve();
      });
      return;
    }
    const piece = this.#leave(next);
    this.#nextAt = Math.max(dueAt, now - CATCH_UP_MS) + piece.length * 1000 / this.#rate;
    this.#wanted = false;
    this.#source.enqueue(piece);
  }

  #leave(next: Waiting): Uint8Array {
    const piece = next.chunk.subarray(0, this.#pieceBytes);
    next.chunk = next.chunk.subarray(piece.length);
    if (next.chunk.length === 0) this.#advance();
    this.#waitingBytes -= piece.length;
    if (this.#waitingBytes <= this.#lineBytes) this.#release();
    return piece;
  }

  // What has left is dropped when it is half of the line: so no chunk moves more than twice.
  #advance(): void {
    this.#first++;
    if (this.#first * 2 < this.#line.length) return;
    this.#line = this.#line.slice(this.#first);
    this.#first = 0;
  }

  #release(): void {
    this.#letWriterGo?.();
    this.#letWriterGo = null;
  }

  #finish(): void {
    this.#stop();
    this.#source.close();
  }

  #fail(reason: unknown): void {
    if (this.#over) return;
    this.#stop();
    this.#source.error(reason);
  }

  #stop(): void {
    this.#over = true;
    this.#stopTimer?.();
    this.#stopTimer = null;
    this.#line = [];
    this.#release();
  }
}

/**
 * Slows a body down: to so many bytes in a second, by so many milliseconds, or both. As it has to wait it is
 * no transform but a pair of streams, a stage like any other.
 *
 * - **Bytes held**: at most 64 KiB and one chunk, or what the rate brings within the latency if that is more;
 * the source is held back then.
 * - **Delay added**: `latencyMs`, and what the rate asks for. Without a rate, at most 64 KiB pass in each
 * `latencyMs`.
 * - **Memory**: the chunks that it holds. One timer, which ends with either side.
 *
 * @param options How slow; without any, the body passes as it is.
 * @returns The pair.
 * @throws {TypeError} If `options` is no object, or an option no number.
 * @throws {RangeError} If the rate is not above 0, or the latency below 0.
 *
 * @example A body on a slow line
 * ```ts
 * import { throttle } from "sluice";
 * import assert from "node:assert/strict";
 *
 * const begin = performance.now();
 * const body = new Blob(["hello"]).stream().pipeThrough(throttle({ latencyMs: 20 }));
 * assert.equal(await new Response(body).text(), "hello");
 * assert.ok(performance.now() - begin >= 19);
 * ```
 */
export function throttle(options: ThrottleOptions = {}): TransformPair {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      "Cannot throttle the body as the options must be an object, such as " +
        `{ bytesPerSecond: 2000, latencyMs: 20 }: got ${options === null ? "null" : typeof options}`,
    );
  }
  const { bytesPerSecond = Infinity, latencyMs = 0, clock = runtimeClock } = options;
  checkNumber(bytesPerSecond, "Cannot throttle the body as bytesPerSecond must be above 0", (n) => n > 0);
  checkNumber(
    latencyMs,
    "Cannot throttle the body as latencyMs must be finite, 0 or more",
    (n) => n >= 0 && n < Infinity,
  );
  return new Throttle(bytesPerSecond, latencyMs, clock);
}
