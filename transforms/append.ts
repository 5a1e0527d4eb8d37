/** Puts bytes after a body. */

import { toContent } from "./content.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

class Appender implements Transformer {
  readonly #content: () => Uint8Array;

  constructor(content: () => Uint8Array) {
    this.#content = content;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length > 0) controller.enqueue(chunk);
  }

  flush(controller: Controller): void {
    const content = this.#content();
    if (content.length > 0) controller.enqueue(content);
  }
}

/**
 * Puts bytes after the body, if it comes whole. A function is asked for them then: it can tell what other
 * steps have found by that time.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none.
 * - **Memory**: the content.
 *
 * @param content Text, which is encoded as UTF-8, bytes, which are copied, or a function that returns either.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `content` is none of these; what the function returns is looked at when it does, and
 * fails the body.
 *
 * @example After a body
 * ```ts
 * import { append, meter } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const measured = meter();
 * const body = new Response("hello").body!
 *   .pipeThrough(measured)
 *   .pipeThrough(append(() => ` (${measured.bytes} bytes)`));
 * assert.equal(await new Response(body).text(), "hello (5 bytes)");
 * ```
 */
export function append(content: string | Uint8Array | (() => string | Uint8Array)): Transform {
  const wanted = "Cannot append as the content";
  const make = typeof content === "function"
    ? () => toContent(content(), wanted)
    : always(toContent(content, wanted));
  return makeTransform(new Appender(make), { retains: false, fragments: true });
}

function always(bytes: Uint8Array): () => Uint8Array {
  return () => bytes;
}
