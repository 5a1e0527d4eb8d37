/** Looks at a body without changing it. */

import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/**
 * How a body ended for a `tap`: it came whole, or it was cut short, because the reader left, the source
 * failed, or another step ended or failed.
 */
export type TapEnd = "complete" | "cancelled";

/** What `tap` calls. */
export interface TapObserver {
  /** Sees a chunk before it is passed on; must not change it. */
  chunk?(chunk: Uint8Array): void;
  /** Sees the end, once; `reason` says why a body was cut short. */
  end?(how: TapEnd, reason?: unknown): void;
}

class Tap implements Transformer {
  readonly #observer: TapObserver;

  constructor(observer: TapObserver) {
    this.#observer = observer;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    this.#observer.chunk?.(chunk);
    controller.enqueue(chunk);
  }

  flush(): void {
    this.#observer.end?.("complete");
  }

  cancel(reason: unknown): void {
    this.#observer.end?.("cancelled", reason);
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
 * @example Count the bytes
 * ```ts
 * import { tap } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let bytes = 0;
 * const body = new Response("hello").body!.pipeThrough(tap((chunk) => bytes += chunk.length));
 * assert.equal(await new Response(body).text(), "hello");
 * assert.equal(bytes, 5);
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
