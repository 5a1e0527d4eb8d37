/** The check of what a stream brings, whose types nobody has checked: text, or a buffer that holds the bytes. */
import {
  claimTransform,
  type Controller,
  type Transformer,
  unwrapTransform,
} from "../transforms/transform.ts";

/**
 * Checks a chunk of a body.
 *
 * @param chunk The chunk.
 * @throws {TypeError} If it is not bytes.
 */
export function checkBodyChunk(chunk: unknown): asserts chunk is Uint8Array {
  if (chunk instanceof Uint8Array) return;
  const name = typeof chunk === "object" && chunk !== null
    ? chunk.constructor?.name ?? "object"
    : String(chunk === null ? null : typeof chunk);
  throw new TypeError(
    `Cannot stream the body as its chunks must be of Uint8Array: got ${name}; ` +
      "encode text with new TextEncoder().encode(text), and wrap a buffer: new Uint8Array(buffer)",
  );
}

/** A transformer that is given nothing but bytes, for a stream whose source may be anybody's. */
export class Checked implements Transformer {
  readonly #step: Transformer;

  /**
   * @param step What does the work.
   * @throws {TypeError} If it is a transform that has had a body; workerd's streams would not throw that.
   */
  constructor(step: Transformer) {
    claimTransform(step);
    this.#step = step;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    try {
      checkBodyChunk(chunk);
    } catch (error) {
      this.#step.cancel?.(error);
      throw error;
    }
    // A step that stands alone may be one of the platform's, whose promise the stream waits for.
    return this.#step.transform(chunk, controller);
  }

  start(controller: Controller): unknown {
    if (unwrapTransform(this.#step) !== this.#step) return undefined; // it has been claimed
    return (this.#step as { start?(controller: Controller): unknown }).start?.(controller);
  }

  flush(controller: Controller): void {
    return this.#step.flush?.(controller);
  }

  cancel(reason: unknown): void {
    return this.#step.cancel?.(reason);
  }
}
