/**
 * Copies a body to a sink while it passes, and never waits for the sink.
 *
 * A sink is slow if its `write` returns a promise: until that settles, the chunk counts as waiting. What the
 * sink has no room for is decided by `onFull`. The body itself is hurt by nothing but `"error"`.
 */

import { checkByteCount, kind } from "./bytes.ts";
import { endOf, type TapEnd } from "./ending.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** Where a copy goes; the writer of a `WritableStream` is one. */
export interface RecordSink {
  /** Takes a chunk, which it must not change. If it returns a promise, the chunk waits until that settles. */
  write(chunk: Uint8Array): unknown;
  /** The copy is whole; a promise is waited for before `onEnd` is called. */
  close?(): unknown;
  /** The copy is broken off, and why. */
  abort?(reason: unknown): unknown;
}

/** How a copy ended: as the body did, because the sink was full, or because the sink failed. */
export type RecordOutcome = TapEnd | "full" | "sink-failed";

/** What became of a copy. */
export interface RecordEnd {
  /** How it ended. */
  readonly how: RecordOutcome;
  /** How many bytes the sink was given. */
  readonly bytes: number;
  /** How many bytes were left out, with `onFull: "drop"`. */
  readonly dropped: number;
  /** Why, unless it is complete. */
  readonly reason?: unknown;
}

/** How `record` copies. */
export interface RecordOptions {
  /** The most bytes that are copied, at least 0; default no limit. */
  readonly maxBytes?: number;
  /** The most bytes that wait for a slow sink, at least 1; default 1,048,576. */
  readonly maxWaitingBytes?: number;
  /**
   * What happens when there is no room: `"stop"` breaks the copy off, `"drop"` leaves out what has no room,
   * `"error"` fails the body too; default `"stop"`. With `"error"`, a sink that fails also fails the body, as
   * soon as that is known.
   */
  readonly onFull?: "stop" | "drop" | "error";
  /**
   * Is told once what became of the copy, when the sink has closed or the copy was broken off. What it throws fails the
   * body, if there is more of it to come.
   */
  readonly onEnd?: (end: RecordEnd) => void;
}

/** Whether the copy takes chunks, has all of them and waits for the sink, or is through. */
type RecordState = "copying" | "closing" | "over";

class Recorder implements Transformer {
  readonly #sink: RecordSink;
  readonly #maxBytes: number;
  readonly #maxWaiting: number;
  readonly #onFull: string;
  readonly #onEnd: ((end: RecordEnd) => void) | undefined;
  #state: RecordState = "copying";
  #bytes = 0;
  /** How many promises of the sink are open, and how many bytes wait for them. */
  #pending = 0;
  #waiting = 0;
  #dropped = 0;
  /** What the body is to fail with. */
  #failure: { readonly error: unknown } | null = null;

  constructor(
    sink: RecordSink,
    options: Required<Omit<RecordOptions, "onEnd">>,
    onEnd: RecordOptions["onEnd"],
  ) {
    this.#sink = sink;
    this.#maxBytes = options.maxBytes;
    this.#maxWaiting = options.maxWaitingBytes;
    this.#onFull = options.onFull;
    this.#onEnd = onEnd;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    if (this.#state === "copying") this.#copy(chunk);
    this.#throwFailure();
    controller.enqueue(chunk);
  }

  flush(): void {
    if (this.#state === "copying") this.#close();
    this.#throwFailure();
  }

  cancel(reason: unknown): void {
    if (this.#state !== "copying") return;
    this.#breakOff(endOf(reason), reason);
    this.#throwFailure();
  }

  #copy(chunk: Uint8Array): void {
    const room = Math.min(this.#maxBytes - this.#bytes, this.#maxWaiting - this.#waiting);
    if (chunk.length <= room) return this.#write(chunk);
    if (this.#onFull === "drop") {
      this.#dropped += chunk.length - room;
      if (room > 0) this.#write(chunk.subarray(0, room));
      return;
    }
    const error = this.#full(chunk.length);
    if (this.#onFull === "error") this.#failure = { error };
    this.#breakOff("full", error);
  }

  #full(more: number): RangeError {
    const [bound, count] = this.#bytes + more > this.#maxBytes
      ? [`${this.#maxBytes} bytes long`, this.#bytes + more]
      : [`${this.#maxWaiting} bytes ahead of its sink`, this.#waiting + more];
    return new RangeError(
      `Cannot record the body as the copy must be at most ${bound}: got ${count}; ` +
        'raise the limit, or leave out what has no room with { onFull: "drop" }',
    );
  }

  #write(chunk: Uint8Array): void {
    this.#ask(() => this.#sink.write(chunk), chunk.length);
    this.#bytes += chunk.length;
  }

  #close(): void {
    this.#ask(() => this.#sink.close?.(), 0);
    if (this.#state !== "copying") return;
    this.#state = "closing";
    this.#settle();
  }

  /** Has the sink do something that may take a while, or fail. */
  #ask(work: () => unknown, length: number): void {
    let result: unknown;
    try {
      result = work();
    } catch (error) {
      return this.#fail(error);
    }
    if (!isPromise(result)) return;
    this.#pending++;
    this.#waiting += length;
    result.then(() => {
      this.#pending--;
      this.#waiting -= length;
      this.#settle();
    }, (error) => this.#fail(error));
  }

  #breakOff(how: RecordOutcome, reason: unknown): void {
    const end = () => this.#end(how, reason);
    let result: unknown;
    try {
      result = this.#sink.abort?.(reason);
    } catch {
      // A sink that can't even be broken off has no news: the copy is lost as it is.
    }
    this.#state = "over";
    if (isPromise(result)) result.then(end, end);
    else end();
  }

  #fail(error: unknown): void {
    if (this.#state === "over") return;
    if (this.#onFull === "error") this.#failure = { error };
    this.#end("sink-failed", error);
  }

  /** The copy is complete once the sink is through with everything. */
  #settle(): void {
    if (this.#state === "closing" && this.#pending === 0) this.#end("complete");
  }

  #end(how: RecordOutcome, reason?: unknown): void {
    this.#state = "over";
    const [bytes, dropped] = [this.#bytes, this.#dropped];
    try {
      this.#onEnd?.(reason === undefined ? { how, bytes, dropped } : { how, bytes, dropped, reason });
    } catch (error) {
      // The sink may have ended in a promise of its own, where nobody would catch this: the body's next call throws it.
      this.#failure ??= { error };
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

const policies = ["stop", "drop", "error"];

/**
 * Copies the body to a sink while it passes. The body never waits for the sink: a slow one has `maxWaitingBytes`
 * of room, and `onFull` says what happens when that is not enough. (`tee` of `sluice` lets the body wait.)
 *
 * A sink that fails ends the copy, not the body, unless `onFull` is `"error"`. The sink is closed when the
 * body has ended well, and aborted when it is cut short, so that a copy of half a body does not look whole.
 *
 * - **Bytes held**: none of the body; what waits for a slow sink, at most `maxWaitingBytes`.
 * - **Delay added**: none but the sink's own time.
 * - **Memory**: what the sink keeps. It is given the chunks themselves, so the transform `retains`.
 *
 * @param sink A function that takes each chunk, or an object with `write`.
 * @param options Bounds, and what happens beyond them.
 * @returns The transform.
 * @throws {TypeError} If `sink` is neither, a bound no number, or `onFull` none of its values.
 * @throws {RangeError} If a bound is not a whole number, or too small.
 *
 * @example The first bytes of a body
 * ```ts
 * import { record } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const decoder = new TextDecoder();
 * let beginning = "";
 * const body = new Response("hello world").body!.pipeThrough(
 *   record((chunk) => beginning += decoder.decode(chunk), { maxBytes: 5, onFull: "drop" }),
 * );
 * assert.equal(await new Response(body).text(), "hello world");
 * assert.equal(beginning, "hello");
 * ```
 */
export function record(
  sink: RecordSink | ((chunk: Uint8Array) => unknown),
  options: RecordOptions = {},
): Transform {
  const target = typeof sink === "function" ? { write: sink } : sink;
  if (typeof target?.write !== "function") {
    throw new TypeError(
      `Cannot record the body as the sink must be a function, or an object with write: got ${kind(sink)}`,
    );
  }
  const { maxBytes, maxWaitingBytes = 1024 ** 2, onFull = "stop", onEnd } = options;
  if (maxBytes !== undefined) checkByteCount(maxBytes, 0, "Cannot record the body as maxBytes");
  checkByteCount(maxWaitingBytes, 1, "Cannot record the body as maxWaitingBytes");
  if (!policies.includes(onFull)) {
    throw new TypeError(
      `Cannot record the body as onFull must be "stop", "drop" or "error": got ${String(onFull)}`,
    );
  }
  const bounds = { maxBytes: maxBytes ?? Infinity, maxWaitingBytes, onFull };
  return makeTransform(new Recorder(target, bounds, onEnd), { retains: true, fragments: true });
}
