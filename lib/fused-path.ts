/**
 * The path through transforms, fused into one and called directly: no stream, no promise.
 *
 * A chunked body reaches the transform one wire chunk at a time (in pieces, where a wire chunk is larger than a read), any
 * other body in pieces of at most `chunkSize`. Each piece that the transform hands on is one frame; what a transform says
 * are fragments of one piece (see `Transform.fragments`) leaves as one frame.
 */
import { claimTransform, type Controller, type Transformer } from "../transforms/transform.ts";
import type { DataEvent } from "./h1/events.ts";
import type { BodyPath, Outlet } from "./path.ts";

/** A transformer that may say how its chunks are to be treated; see `Transform`. */
export type FusedTransformer = Transformer & { readonly retains?: boolean; readonly fragments?: boolean };

/** Runs a body through one (fused) transformer. */
export class FusedPath implements BodyPath {
  over = false;
  #transformer: FusedTransformer;
  #controller: Controller;
  #chunkSize: number;
  #out: Outlet;
  #fragments: Uint8Array[] = [];

  /**
   * @param transformer The transforms, fused.
   * @param chunkSize The most bytes that it gets at once, or `Infinity` to leave the pieces as they come.
   * @param out Where the output goes.
   */
  constructor(transformer: FusedTransformer, chunkSize: number, out: Outlet) {
    claimTransform(transformer);
    this.#transformer = transformer;
    this.#chunkSize = chunkSize;
    this.#out = out;
    const join = transformer.fragments === true;
    this.#controller = {
      enqueue: (chunk) => {
        checkChunk(chunk);
        if (chunk.length === 0) return;
        if (join) this.#fragments.push(chunk);
        else out.sendData(chunk);
      },
      terminate: () => {
        this.over = true;
      },
    };
  }

  data(event: DataEvent): void {
    const bytes = this.#transformer.retains === false ? event.bytes : event.bytes.slice();
    const size = this.#chunkSize;
    if (bytes.length <= size) return this.#transform(bytes);
    for (let from = 0; from < bytes.length && !this.over; from += size) {
      this.#transform(bytes.subarray(from, from + size));
    }
  }

  ready(): null {
    return null;
  }

  end(): null {
    const transformer = this.#transformer;
    this.over = true;
    checkDone(transformer.flush?.(this.#controller));
    if (this.#fragments.length > 0) this.#sendFragments();
    return null;
  }

  cancel(reason: unknown): void {
    if (this.over) return;
    this.over = true;
    this.#transformer.cancel?.(reason);
  }

  #transform(piece: Uint8Array): void {
    try {
      checkDone(this.#transformer.transform(piece, this.#controller));
    } catch (error) {
      this.over = true;
      throw error;
    }
    if (this.#fragments.length > 0) this.#sendFragments();
  }

  #sendFragments(): void {
    const fragments = this.#fragments;
    this.#fragments = [];
    if (fragments.length === 1) return this.#out.sendData(fragments[0]!);
    let size = 0;
    for (const fragment of fragments) size += fragment.length;
    const last = fragments.length - 1;
    fragments.forEach((fragment, i) => this.#out.sendData(fragment, i === 0 ? size : 0, i === last));
  }
}

/** What a script's transform enqueues is not to be trusted. */
export function checkChunk(chunk: unknown): asserts chunk is Uint8Array {
  if (chunk instanceof Uint8Array) return;
  throw new TypeError(
    `Cannot send what the transform enqueued as it must be a Uint8Array: got ${typeof chunk}; ` +
      "encode text with new TextEncoder().encode(text)",
  );
}

function checkDone(result: unknown): void {
  if (result === undefined || result === null) return;
  if (typeof (result as { then?: unknown }).then !== "function") return;
  // The promise's own failure is not lost: it is the same mistake, told once.
  void Promise.resolve(result).catch(() => {});
  throw new TypeError(
    "Cannot run the transform as it must finish before it returns: got a promise; " +
      "wrap what has to wait in a TransformStream, or give stream an async function*",
  );
}
