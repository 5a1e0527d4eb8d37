/** Looks at a body without changing it. */

import { endOf, type TapEnd } from "./ending.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

export type { TapEnd } from "./ending.ts";

/** What `tap` calls. */
export interface TapObserver {
  /** Sees a chunk before it is passed on; must not change it. */
  chunk?(chunk: Uint8Array): void;
  /**
   * Sees the end, once: how many bytes have passed, and, where the body was cut short, why. A body that ends
   * because a later step wants no more of it is `"cancelled"`.
   */
  end?(how: TapEnd, bytes: number, reason?: unknown): void;
}

/** Passes a body on while an observer watches. */
export class Tap implements Transformer {
  readonly #observer: TapObserver;
  #bytes = 0;

  constructor(observer: TapObserver) {
    this.#observer = observer;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    try {
      this.#observer.chunk?.(chunk);
    } catch (error) {
      // Whoever fails by itself gets neither flush nor cancel.
      this.#observer.end?.("failed", this.#bytes, error);
      throw error;
    }
    this.#bytes += chunk.length;
    controller.enqueue(chunk);
  }

  flush(): void {
    this.#observer.end?.("complete", this.#bytes);
  }

  cancel(reason: unknown): void {
    this.#observer.end?.(endOf(reason), this.#bytes, reason);
  }
}

/**
 * Shows each chunk to a function, and passes it on unchanged. What the function throws fails the body; what
 * it returns is ignored, and not waited for.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none but the function's own time.
 * - **Memory**: none. The function may keep the chunks, so the transform `retains`.
 *
 * @param observer A function that is called with each chunk, or an object with `chunk` and `end`.
 * @returns The transform.
 * @throws {TypeError} If `observer` is neither.
 *
 * @example What has passed, and how it ended
 * ```ts
 * import { tap } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const log: string[] = [];
 * const body = new Response("hello").body!.pipeThrough(tap({
 *   chunk: (chunk) => void log.push(`${chunk.length} bytes`),
 *   end: (how, bytes) => void log.push(`${how} after ${bytes}`),
 * }));
 * assert.equal(await new Response(body).text(), "hello");
 * assert.deepEqual(log, ["5 bytes", "complete after 5"]);
 * ```
 */
export function tap(observer: ((chunk: Uint8Array) => void) | TapObserver): Transform {
  if (typeof observer === "function") {
    return makeTransform(new Tap({ chunk: observer }), { retains: true, fragments: true });
  }
  if (typeof observer === "object" && observer !== null) {
    return makeTransform(new Tap(observer), { retains: true, fragments: true });
  }
  throw new TypeError(
    `Cannot tap as the observer must be a function, or an object with chunk or end: got ${typeof observer}`,
  );
}
