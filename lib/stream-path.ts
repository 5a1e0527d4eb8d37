/**
 * The path through streams: for a function over the body, or a pair of streams among the stages.
 *
 * The source is held back until the stream wants more (`ready`); what comes out is put to the sink, and written, by a loop
 * of its own. Streams keep what they are given for as long as they like, so every chunk gets memory of its own.
 *
 * What a script builds may hang. It has bounded time while it owes something: it neither asks for more nor gives anything,
 * and nobody holds it back.
 */
import { deadlineIn, enter, leave, type Waiter } from "./clock.ts";
import { checkChunk } from "./fused-path.ts";
import type { DataEvent } from "./h1/events.ts";
import type { BodyPath, Outlet } from "./path.ts";
import { streams } from "./streams.ts";

/** Runs a body through streams. */
export class StreamPath implements BodyPath {
  over = false;
  #source!: ReadableStreamDefaultController<Uint8Array>;
  #reader: ReadableStreamDefaultReader<Uint8Array>;
  #chunkSize: number;
  #out: Outlet;
  #flush: () => Promise<void> | null;
  #wake: (() => void) | null = null;
  #done: Promise<void>;
  #closed = false;
  // The stream asks once for each piece; what a read brings may be less than a piece.
  #asked = false;
  #owing = false;
  #stallMs: number;
  #stall: Waiter;

  /**
   * @param build Makes the output of the input.
   * @param chunkSize The most bytes of one chunk, or `Infinity` to leave the pieces as they come.
   * @param out Where the output goes.
   * @param flush Writes what was put out.
   * @param onSettled Called when the output has ended or failed, so that whoever waits for the source stops.
   * @param stallMs How long the stream may neither take nor give anything, in milliseconds.
   */
  constructor(
    build: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>,
    chunkSize: number,
    out: Outlet,
    flush: () => Promise<void> | null,
    onSettled: (error: unknown) => void,
    stallMs: number,
  ) {
    this.#chunkSize = chunkSize;
    this.#out = out;
    this.#flush = flush;
    const body = new streams.ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#source = controller;
      },
      pull: () => this.#wanted(),
      cancel: () => {
        this.#closed = true;
        this.#wanted();
      },
    }, { highWaterMark: 0 });
    this.#reader = build(body).getReader();
    this.#stallMs = stallMs;
    this.#stall = { deadline: Infinity, expire: () => onSettled(stalled(stallMs)) };
    enter(this.#stall);
    this.#done = this.#drain();
    this.#done.then(() => onSettled(null), onSettled);
  }

  data(event: DataEvent): void {
    if (this.#closed) return;
    this.#asked = false;
    const bytes = event.bytes.slice();
    for (let from = 0; from < bytes.length; from += this.#chunkSize) {
      this.#source.enqueue(bytes.subarray(from, from + this.#chunkSize));
    }
  }

  ready(): Promise<void> | null {
    if (this.#closed || this.over || this.#asked) return null;
    this.#owe(true);
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  end(): Promise<void> {
    if (!this.#closed) this.#source.close();
    this.#closed = true;
    this.#owe(true);
    return this.#done;
  }

  cancel(reason: unknown): void {
    this.over = true;
    this.#wanted();
    if (!this.#closed) this.#source.error(reason);
    this.#closed = true;
    // The reader may be in an error state for this very reason; there is nobody left to tell.
    void this.#reader.cancel(reason).catch(() => {});
  }

  #owe(owing: boolean): void {
    this.#owing = owing;
    this.#stall.deadline = owing ? deadlineIn(this.#stallMs) : Infinity;
  }

  #wanted(): void {
    if (!this.#closed) this.#owe(false);
    this.#asked = true;
    this.#wake?.();
    this.#wake = null;
  }

  async #drain(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read();
        if (done || this.over) break;
        checkChunk(value);
        if (value.length > 0) this.#out.sendData(value);
        const pressure = this.#flush();
        if (pressure !== null) {
          this.#stall.deadline = Infinity;
          await pressure;
        }
        this.#owe(this.#owing);
      }
    } catch (error) {
      this.#closed = true;
      void this.#reader.cancel(error).catch(() => {});
      throw error;
    } finally {
      this.over = true;
      leave(this.#stall);
      this.#wanted();
    }
  }
}

function stalled(ms: number): Error {
  return new Error(
    `Cannot go on with the body as what streams it must give something within ${ms} ms: got nothing`,
  );
}
