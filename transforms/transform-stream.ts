/**
 * A `TransformStream` for runtimes whose own one never calls a transformer's `cancel`, as Chromium's: there, nobody who
 * watches a body would hear that its reader has left.
 *
 * It is a readable and a writable stream with one wish between them: a chunk is worked on when the reader has asked for
 * one, and the wish stands until something has come of it. The sides end together, whichever ends first.
 */
import type { TransformStreamConstructor } from "./transform.ts";

/** What `TransformStream` takes, as far as it is used here. */
interface AnyTransformer {
  start?(controller: AnyController): unknown;
  transform?(chunk: Uint8Array, controller: AnyController): unknown;
  flush?(controller: AnyController): unknown;
  cancel?(reason: unknown): unknown;
}

/** What a transformer is given: a `TransformStreamDefaultController` is one. */
interface AnyController {
  enqueue(chunk: Uint8Array): void;
  error(reason: unknown): void;
  terminate(): void;
}

/** Both sides of a transformer, which hears of every end. */
export class CancellingTransformStream {
  /** The output side. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The input side. */
  readonly writable: WritableStream<Uint8Array>;
  #transformer: AnyTransformer;
  #output!: ReadableStreamDefaultController<Uint8Array>;
  #input!: WritableStreamDefaultController;
  #wanted = false;
  #over = false;
  #flushes = false;
  /** Lets a chunk go on that waits for the reader. */
  #wake: () => void = () => {};
  readonly #controller: AnyController = {
    enqueue: (chunk) => {
      this.#wanted = false;
      this.#output.enqueue(chunk);
    },
    error: (reason) => this.#fail(reason),
    terminate: () => {
      if (!this.#over) this.#output.close();
      this.#stop(new TypeError("Cannot write as the body must not have ended: a transform has ended it"));
    },
  };

  /**
   * @param transformer What does the work.
   */
  constructor(transformer: AnyTransformer) {
    this.#transformer = transformer;
    this.readable = new ReadableStream<Uint8Array>({
      start: (controller) => void (this.#output = controller),
      pull: () => {
        this.#wanted = true;
        this.#wake();
      },
      cancel: (reason) => this.#cancel(reason),
    }, { highWaterMark: 0 });
    this.writable = new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#input = controller;
        // A writer that gives up does not wait for a reader.
        controller.signal.addEventListener("abort", () => this.#wake(), { once: true });
        return transformer.start?.(this.#controller) as void | Promise<void>;
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason) => this.#cancel(reason),
    });
  }

  async #write(chunk: Uint8Array): Promise<void> {
    while (!this.#wanted && !this.#over && !this.#input.signal.aborted) {
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
    if (this.#over || this.#input.signal.aborted) return;
    await this.#attempt(() => this.#transformer.transform!(chunk, this.#controller));
  }

  async #close(): Promise<void> {
    if (this.#over) return;
    this.#flushes = true;
    await this.#attempt(() => this.#transformer.flush?.(this.#controller));
    if (this.#over) return;
    this.#over = true;
    this.#output.close();
  }

  async #attempt(work: () => unknown): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(error);
      throw error;
    }
  }

  async #cancel(reason: unknown): Promise<void> {
    if (this.#over) return;
    this.#fail(reason);
    // Whoever flushes is not cancelled as well.
    if (!this.#flushes) await this.#transformer.cancel?.(reason);
  }

  #fail(reason: unknown): void {
    if (!this.#over) this.#output.error(reason);
    this.#stop(reason);
  }

  /** No chunk is taken any more. */
  #stop(reason: unknown): void {
    if (this.#over) return;
    this.#over = true;
    this.#input.error(reason);
    this.#wake();
  }
}

/**
 * The class for the streams of transforms: the runtime's own, if it calls `cancel`.
 *
 * A class that calls it looks for it when it makes a stream.
 */
export function transformStreamClass(): TransformStreamConstructor {
  let looked = false;
  const probe = {
    transform() {},
    get cancel(): undefined {
      looked = true;
      return undefined;
    },
  };
  new globalThis.TransformStream(probe as unknown as globalThis.Transformer);
  return looked ? globalThis.TransformStream : CancellingTransformStream;
}
