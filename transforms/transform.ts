/**
 * What a transform is, and the one place in this folder that knows stream classes.
 *
 * A transform is a WHATWG transformer whose methods finish before they return. From that one definition come
 * four uses: `new TransformStream(t)`, `body.pipeThrough(t)` (through the lazily made `readable` and `writable`),
 * `compose(t, u)` which fuses, and a direct call `t.transform(bytes, { enqueue, terminate })`.
 */

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
 * 1. A chunk is immutable once enqueued. Untouched bytes are passed on as subarrays of the input; what is held for a
 *    later call is copied, so that the caller may reuse its read buffer once the output of the call is consumed.
 * 2. It holds only what it can't decide yet, within a documented bound.
 * 3. Its work is linear in the bytes, however they are cut.
 * 4. The same output bytes for every way of cutting the input.
 * 5. It never enqueues an empty chunk, throws to fail, and calls `terminate()` to end early.
 * 6. It has `cancel` where it holds something; exactly one of `flush` and `cancel` reaches it, unless it ended or
 *    failed by itself.
 */
export interface Transformer {
  /** Takes one chunk of the body; output goes to the controller before the call returns. */
  transform(chunk: Uint8Array, controller: Controller): void;
  /** The body has ended: hand on what is still held. */
  flush?(controller: Controller): void;
  /** The body will not end (the reader left, or the source failed): let go of what is held. */
  cancel?(reason: unknown): void;
}

/** A transformer that is a `{ readable, writable }` pair as well, so that `body.pipeThrough(t)` works. One use each. */
export interface Transform extends Transformer {
  /** The output side; made, with `writable`, when first asked for. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The input side. */
  readonly writable: WritableStream<Uint8Array>;
  /**
   * Whether somebody may keep a chunk beyond the call it came with (a user's callback may). Where it is `false`, the
   * engine reuses its read buffers; where it is `true` or absent, every chunk gets memory of its own.
   */
  readonly retains?: boolean;
}
