/**
 * Encoding as a synchronous transform that holds nothing back: after every chunk it flushes, so that whoever decodes has
 * all of the chunk. A flush costs 4 to 6 bytes and the engine's rhythm, so a chain that enqueues several chunks in one call
 * corks the encoder meanwhile, and it flushes once.
 */
import type { Controller, Transformer } from "../transforms/transform.ts";
import { ZlibEngine } from "./zlib-engine.ts";
import type { ZlibStream } from "./zlib-module.ts";

/** How a format is encoded. */
export interface EncoderFormat {
  /** Makes the engine. */
  readonly open: () => ZlibStream;
  /** The operation that gives out all that has come in. */
  readonly flush: number;
  /** The operation that ends the body. */
  readonly finish: number;
}

/** The operation that takes input and gives out what happens to be ready: 0 in all three libraries. */
const PROCESS = 0;
/** The memory that output is written into; it is given out, so it is made anew when it is full. */
const SLAB_BYTES = 16 * 1024;

/** Encodes one body. */
export class Encoder implements Transformer {
  readonly retains = false;
  readonly fragments = true;
  #format: EncoderFormat;
  #opened: ZlibEngine | null = null;
  #controller: Controller | null = null;
  #corked = false;
  #over = false;

  /**
   * @param format How to encode.
   */
  constructor(format: EncoderFormat) {
    this.#format = format;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    this.#controller = controller;
    this.#run(this.#corked ? PROCESS : this.#format.flush, chunk, controller);
  }

  /** Puts off the flush until `uncork`. */
  cork(): void {
    this.#corked = true;
    this.#controller = null;
  }

  /** Flushes what has come since `cork`, if anything has. */
  uncork(): void {
    this.#corked = false;
    if (this.#controller !== null && !this.#over) this.#run(this.#format.flush, nothing, this.#controller);
  }

  flush(controller: Controller): void {
    this.#run(this.#format.finish, nothing, controller);
    this.cancel();
  }

  cancel(): void {
    this.#over = true;
    this.#opened?.close();
  }

  #run(operation: number, chunk: Uint8Array, controller: Controller): void {
    try {
      this.#engine().run(operation, chunk, (output) => controller.enqueue(output));
    } catch (error) {
      this.cancel();
      throw error;
    }
  }

  #engine(): ZlibEngine {
    return this.#opened ??= new ZlibEngine(this.#format.open(), {
      slabBytes: SLAB_BYTES,
      reuses: false,
      reliability: "told",
    });
  }
}

const nothing = new Uint8Array(0);
