/** Bounds the length of a body. */

import { checkByteCount, pass } from "./bytes.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** What `limit` does with a body that is too long. */
export interface LimitOptions {
  /** Fail with a `RangeError`, or end the body there as if it had come whole; default `"error"`. */
  readonly onExcess?: "error" | "terminate";
}

class Limiter implements Transformer {
  readonly #maxBytes: number;
  readonly #terminates: boolean;
  #left: number;

  constructor(maxBytes: number, terminates: boolean) {
    this.#maxBytes = maxBytes;
    this.#terminates = terminates;
    this.#left = maxBytes;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    const end = Math.min(chunk.length, this.#left);
    this.#left -= end;
    pass(controller, chunk, 0, end);
    if (end === chunk.length) return;
    if (this.#terminates) return controller.terminate();
    throw new RangeError(
      `Cannot pass the body on as it must be at most ${this.#maxBytes} bytes long: it is longer; ` +
        'raise the limit, or cut the body there with { onExcess: "terminate" }',
    );
  }
}

/**
 * Passes on at most so many bytes. With the first byte too many the body fails, or ends; the bytes up to the
 * limit are passed on first. A body of just `maxBytes` is not too long.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none.
 * - **Memory**: none; chunks are passed on as they are, the last one as a subarray.
 *
 * @param maxBytes The most that a body may have, in bytes, at least 0; no default.
 * @param options What to do with a longer one.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `maxBytes` is no number, or `onExcess` is none of its values.
 * @throws {RangeError} If `maxBytes` is not a whole number, or negative.
 *
 * @example The first five bytes
 * ```ts
 * import { limit } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const body = new Response("hello world").body!.pipeThrough(limit(5, { onExcess: "terminate" }));
 * assert.equal(await new Response(body).text(), "hello");
 * ```
 */
export function limit(maxBytes: number, options: LimitOptions = {}): Transform {
  checkByteCount(maxBytes, 0, "Cannot limit the body as the most it may have");
  const onExcess: string = options.onExcess ?? "error";
  if (onExcess !== "error" && onExcess !== "terminate") {
    throw new TypeError(`Cannot limit the body as onExcess must be "error" or "terminate": got ${onExcess}`);
  }
  return makeTransform(new Limiter(maxBytes, onExcess === "terminate"), { retains: false, fragments: true });
}
