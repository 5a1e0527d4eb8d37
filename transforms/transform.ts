/**
 * What a transform is; beside `transform-stream.ts`, the one place in this folder that knows stream classes.
 *
 * A transform is a WHATWG transformer whose methods finish before they return. From that one definition come
 * four uses: `new TransformStream(t)`, `body.pipeThrough(t)` (through the lazily made `readable` and
 * `writable`), `compose(t, u)` which fuses, and a direct call `t.transform(bytes, { enqueue, terminate })`.
 */

import { transformStreamClass } from "./transform-stream.ts";

/** Where a transform puts its output; a `TransformStreamDefaultController` is one. */
export interface Controller {
  /** Hands on a chunk, never an empty one; it must not be changed afterwards. */
  enqueue(chunk: Uint8Array): void;
  /** Ends the output early: what is below still flushes, what is above is cancelled. */
  terminate(): void;
}

/**
 * The synchronous core of a transform.
 *
 * The contract:
 * 1. A chunk is immutable once enqueued. Untouched bytes are passed on as subarrays of the input; what is
 *    held for a later call is copied, so that the caller may reuse its read buffer once the output of the
 *    call is consumed.
 * 2. It holds only what it can't decide yet, within a documented bound.
 * 3. Its work is linear in the bytes, however they are cut.
 * 4. The same output bytes for every way of cutting the input.
 * 5. It never enqueues an empty chunk, throws to fail, and calls `terminate()` to end early.
 * 6. It has `cancel` where it holds something; exactly one of `flush` and `cancel` reaches it, unless it
 *    ended or failed by itself.
 */
export interface Transformer {
  /** Takes one chunk of the body; output goes to the controller before the call returns. */
  transform(chunk: Uint8Array, controller: Controller): void;
  /** The body has ended: hand on what is still held. */
  flush?(controller: Controller): void;
  /** The body will not end (the reader left, or the source failed): let go of what is held. */
  cancel?(reason: unknown): void;
  /**
   * Whether somebody may keep a chunk beyond the call it came with (a user's callback may). Where it is
   * `false`, the engine reuses its read buffers; where it is `true` or absent, every chunk gets memory of its
   * own.
   */
  readonly retains?: boolean;
  /**
   * Whether all that it enqueues during one call is parts of one piece, as `replace` hands on the text before
   * a match, the replacement and the text behind it: the engine sends them as one frame. Where it is `false`
   * or absent, each chunk is a piece by itself.
   */
  readonly fragments?: boolean;
}

/**
 * A transformer that is a `{ readable, writable }` pair as well, so that `body.pipeThrough(t)` works. It is for
 * one body: streams, chains and pipelines refuse one that they, or others of them, have had.
 */
export interface Transform extends Transformer {
  /** The output side; made, with `writable`, when first asked for. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The input side. */
  readonly writable: WritableStream<Uint8Array>;
}

/** What `makeTransform` can be told about a transformer. */
export interface MakeTransformOptions {
  /**
   * Whether a chunk may be kept beyond the call it came with; default: what the transformer says, else
   * `true`.
   */
  readonly retains?: boolean;
  /**
   * Whether what one call enqueues is parts of one piece; default: what the transformer says, else `false`.
   */
  readonly fragments?: boolean;
}

/** The two sides of a transform stream. */
export interface TransformPair {
  /** The output side. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The input side. */
  readonly writable: WritableStream<Uint8Array>;
}

/** A class like `TransformStream`. */
export interface TransformStreamConstructor {
  /** Makes the stream of one transformer. */
  new (transformer: Transformer): TransformPair;
}

let chosen: TransformStreamConstructor | null = null;

/**
 * Says which class makes the `readable` and `writable` of transforms from now on: streams of a ponyfill and
 * native ones can't be piped into one another, so whoever uses a ponyfill hands its class over here.
 *
 * @param constructor The class; `null` for the runtime's own `TransformStream`, or one that
 * calls `cancel` where that does not, the default.
 *
 * @example Return to the runtime's own
 * ```ts
 * import { replace, useTransformStream } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * useTransformStream(null);
 * assert.ok(replace("a", "b").readable instanceof ReadableStream);
 * ```
 */
export function useTransformStream(constructor: TransformStreamConstructor | null): void {
  chosen = constructor;
}

/** A transformer with a pair of streams, made when first asked for. */
class LazyTransform implements Transform {
  readonly retains: boolean;
  readonly fragments: boolean;
  readonly #transformer: Transformer;
  #taken = false;
  #flushed = false;
  #pair: TransformPair | undefined;

  constructor(transformer: Transformer, options: MakeTransformOptions) {
    this.#transformer = transformer;
    this.retains = options.retains ?? transformer.retains ?? true;
    this.fragments = options.fragments ?? transformer.fragments ?? false;
  }

  static unwrap(transformer: Transformer): Transformer {
    return #transformer in transformer ? transformer.#transformer : transformer;
  }

  static claim(transformer: Transformer): void {
    if (#transformer in transformer) transformer.start();
  }

  /** Called by whoever gives it a body, as `TransformStream` calls it: what it holds of one is for no other. */
  start(): void {
    if (this.#taken) {
      throw new TypeError(
        "Cannot use the transform as it must be for one body: it has had another; make one for each body, " +
          "in the hook or where the body is",
      );
    }
    this.#taken = true;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    this.#transformer.transform(chunk, controller);
  }

  flush(controller: Controller): void {
    this.#flushed = true;
    this.#transformer.flush?.(controller);
  }

  // One end is enough: workerd's streams cancel what they have flushed if the reader leaves after that.
  cancel(reason: unknown): void {
    if (!this.#flushed) this.#transformer.cancel?.(reason);
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#streams().readable;
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#streams().writable;
  }

  // The default strategies are the right ones: one chunk waits to be written, none to be read, so that a hop
  // never works ahead of its reader.
  #streams(): TransformPair {
    // Not every runtime's constructor throws what `start` throws: workerd's gives streams that have failed.
    if (this.#pair === undefined && this.#taken) this.start();
    return this.#pair ??= new (chosen ??= transformStreamClass())(this);
  }
}

/**
 * Makes a transform of a transformer, so that it fits everywhere: into `pipeThrough`, `new TransformStream`,
 * `compose`, or a direct call.
 *
 * @param transformer What does the work; used for one body only.
 * @param options What is known about it.
 * @returns The transform.
 *
 * @example A transform of one's own
 * ```ts
 * import { makeTransform } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const shout = makeTransform({
 *   transform(chunk, controller) {
 *     controller.enqueue(chunk.map((byte) => byte >= 97 && byte <= 122 ? byte - 32 : byte));
 *   },
 * }, { retains: false });
 * const body = new Response("hello").body!.pipeThrough(shout);
 * assert.equal(await new Response(body).text(), "HELLO");
 * ```
 */
export function makeTransform(transformer: Transformer, options: MakeTransformOptions = {}): Transform {
  return new LazyTransform(transformer, options);
}

/**
 * Finds what does the work in a transform that `makeTransform` made, so that a fused chain calls it directly.
 *
 * @param transformer A transform, or any transformer.
 * @returns What the transform was made of, or the transformer itself.
 */
export function unwrapTransform(transformer: Transformer): Transformer {
  return LazyTransform.unwrap(transformer);
}

/**
 * Takes a transform for a body, or for a chain: from then on no other can have it.
 *
 * @param transformer A transform, or any transformer, of which nothing is known.
 * @throws {TypeError} If it is a transform of `makeTransform`, and has been taken.
 */
export function claimTransform(transformer: Transformer): void {
  LazyTransform.claim(transformer);
}
