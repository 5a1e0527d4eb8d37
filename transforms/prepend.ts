/** Puts bytes before a body. */

import { toContent } from "./content.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

class Prepender implements Transformer {
  #content: Uint8Array | null;

  constructor(content: Uint8Array) {
    this.#content = content.length === 0 ? null : content;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    this.flush(controller);
    controller.enqueue(chunk);
  }

  flush(controller: Controller): void {
    const content = this.#content;
    this.#content = null;
    if (content !== null) controller.enqueue(content);
  }

  cancel(): void {
    this.#content = null;
  }
}

/**
 * Puts bytes before the body: with its first chunk, or at its end if it is empty.
 *
 * - **Bytes held**: none of the body.
 * - **Delay added**: none.
 * - **Memory**: the content, until the first chunk.
 *
 * @param content Text, which is encoded as UTF-8, or bytes, which are copied. A byte order mark that the body
 * begins with comes after it.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `content` is neither.
 *
 * @example Before a body
 * ```ts
 * import { prepend } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const body = new Response("world").body!.pipeThrough(prepend("hello "));
 * assert.equal(await new Response(body).text(), "hello world");
 * ```
 */
export function prepend(content: string | Uint8Array): Transform {
  const bytes = toContent(content, "Cannot prepend as the content");
  return makeTransform(new Prepender(bytes), { retains: false, fragments: true });
}
