/**
 * Fuses transformers into one, which costs one stream hop however long the chain is.
 *
 * Each step gets a controller of its own, a link, made once: `enqueue` calls the next step, the last one's
 * calls the controller of the stream. So a chunk runs down the whole chain inside one call, and what a link
 * costs is that call.
 *
 * The chain ends as piped streams would end, but at one defined moment. When a step terminates or throws, the
 * steps above take no more input and nothing below it hears of it, until the call that came from outside has
 * come back up through all the steps. Then the chain settles: what is below a step that terminated flushes,
 * what is above it is cancelled, and after a failure everything is cancelled and the error is thrown on. Each
 * step gets exactly one of `flush` and `cancel`, but the one that ended or failed by itself gets neither.
 */

import {
  claimTransform,
  type Controller,
  makeTransform,
  type Transform,
  type Transformer,
  unwrapTransform,
} from "./transform.ts";

/**
 * Where a step stands: it takes input; it flushes and gives output only; it waits to be cancelled, and what
 * it still enqueues goes nowhere; or it is through, and must not enqueue.
 */
type LinkState = "live" | "flushing" | "doomed" | "done";

/** A step's place in the chain, and the controller that the step gets. */
class Link implements Controller {
  readonly step: Transformer;
  state: LinkState = "live";
  readonly #chain: Chain;
  readonly #below: Link | null;

  constructor(step: Transformer, chain: Chain, below: Link | null) {
    this.step = step;
    this.#chain = chain;
    this.#below = below;
  }

  enqueue(chunk: Uint8Array): void {
    const state = this.state;
    if (state === "done") {
      throw new TypeError("Cannot enqueue as the step must still be running: it has ended its output");
    }
    if (state === "doomed") return;
    const below = this.#below;
    if (below === null) this.#chain.outlet?.enqueue(chunk);
    else below.take(chunk);
  }

  terminate(): void {
    if (this.state === "done") return;
    this.state = "done";
    this.#chain.end(this);
  }

  /** Gives the step a chunk. What it throws is its own failure, not that of the step above, which called. */
  take(chunk: Uint8Array): void {
    if (this.state !== "live") return;
    try {
      const result: unknown = this.step.transform(chunk, this);
      if (result !== undefined) requireSynchronous(result);
    } catch (error) {
      this.state = "done";
      this.#chain.fail(error);
    }
  }

  /** Tells the step that its input has ended. */
  flush(): void {
    this.state = "flushing";
    try {
      const result: unknown = this.step.flush?.(this);
      if (result !== undefined) requireSynchronous(result);
    } catch (error) {
      this.#chain.fail(error);
    }
    this.state = "done";
  }
}

/** Refuses a promise: nobody would wait for it. Other results are none of a caller's business. */
function requireSynchronous(result: unknown): void {
  if (typeof result !== "object" || result === null || !("then" in result)) return;
  // What the promise fails with later is not lost: it comes of the same mistake, which is told now.
  void Promise.resolve(result).catch(() => {});
  throw new TypeError(
    "Cannot run the step in a chain as its methods must finish before they return: got a promise; " +
      "put it into a TransformStream, and pipe the body through that",
  );
}

/** The steps of a chain as one transformer. */
class Chain implements Transformer {
  readonly steps: readonly Transformer[];
  /** Where the output goes: the controller of the last call from outside. */
  outlet: Controller | null = null;
  readonly #links: readonly Link[];
  readonly #first: Link;
  /** How many calls are under way; only the outermost one settles what has come to an end. */
  #depth = 0;
  #ended = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(steps: readonly Transformer[]) {
    this.steps = steps;
    const links: Link[] = [];
    for (const step of steps.toReversed()) links.unshift(new Link(step, this, links[0] ?? null));
    this.#links = links;
    this.#first = links[0] as Link;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    this.outlet = controller;
    this.#depth++;
    this.#first.take(chunk);
    this.#depth--;
    if (this.#ended && this.#depth === 0) this.#finish();
  }

  flush(controller: Controller): void {
    this.outlet = controller;
    this.#settle();
  }

  cancel(reason: unknown): void {
    if (this.#failure !== null) return;
    this.#cancelRest(reason);
    this.#throwFailure();
  }

  /** A step has ended its output. */
  end(link: Link): void {
    this.#doom(this.#links.indexOf(link));
    this.#ended = true;
    if (this.#depth === 0) this.#finish();
  }

  /** A step has failed. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#doom(this.#links.length);
    this.#ended = true;
    if (this.#depth === 0) this.#finish();
  }

  /** The steps above a place take no more input, and are to be cancelled. */
  #doom(place: number): void {
    for (const link of this.#links.slice(0, place)) if (link.state === "live") link.state = "doomed";
  }

  #finish(): void {
    this.#settle();
    this.outlet?.terminate();
  }

  #settle(): void {
    this.#ended = false;
    this.#depth++;
    for (const link of this.#links) if (link.state === "live") link.flush();
    if (this.#links.some((link) => link.state !== "done")) {
      this.#cancelRest(this.#failure === null ? endReason() : this.#failure.error);
    }
    this.#depth--;
    this.#ended = false;
    this.#throwFailure();
  }

  // Every step is told, even if one of them throws: the first error counts.
  #cancelRest(reason: unknown): void {
    for (const link of this.#links.toReversed()) {
      if (link.state === "done") continue;
      link.state = "done";
      try {
        link.step.cancel?.(reason);
      } catch (error) {
        this.#failure ??= { error };
      }
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}

/** What the steps above one that terminated are cancelled with. */
function endReason(): DOMException {
  return new DOMException(
    "Cannot take the rest of the body as every step must want it: a later one has ended it",
    "AbortError",
  );
}

/** What no steps at all do. */
const identity: Transformer = {
  transform(chunk, controller) {
    if (chunk.length > 0) controller.enqueue(chunk);
  },
};

/**
 * Fuses transformers into one transform, with the semantics of piping the body through one after the other,
 * at the cost of one stream hop.
 *
 * When a step terminates, those below it flush and those above it are cancelled; when one throws, all others
 * are cancelled and the error is thrown on. Each step gets either `flush` or `cancel`, unless it ended or
 * failed by itself. A step must finish before it returns: what is asynchronous belongs into a
 * `TransformStream`.
 *
 * - **Bytes held**: what the steps hold.
 * - **Delay added**: none beyond that of the steps.
 * - **Memory**: a small object for each step, nothing for each chunk.
 *
 * @param transformers The steps, from the body's source to its reader; each for one use. None leaves the body
 * as it is.
 * @returns The fused transform. It `retains` what it is given if any of the steps does, or does not say; what
 * it enqueues is `fragments` of one piece if every step says so.
 * @throws {TypeError} If a step has no `transform` method, or has had a body or a chain already.
 *
 * @example Two steps, one hop
 * ```ts
 * import { compose, rechunk, replace } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const body = new Response("foobar").body!.pipeThrough(compose(replace("foo", "ba"), rechunk(2)));
 * assert.equal(await new Response(body).text(), "babar");
 * ```
 */
export function compose(...transformers: readonly Transformer[]): Transform {
  const steps = transformers.flatMap((transformer, index) => {
    if (typeof transformer?.transform !== "function") {
      throw new TypeError(
        `Cannot compose as step ${
          index + 1
        } must be an object with a transform method: got ${typeof transformer}`,
      );
    }
    claimTransform(transformer);
    const step = unwrapTransform(transformer);
    return step instanceof Chain ? step.steps : [step];
  });
  const retains = transformers.some((transformer) => transformer.retains !== false);
  const fragments = transformers.every((transformer) => transformer.fragments === true);
  return makeTransform(steps.length === 0 ? identity : new Chain(steps), { retains, fragments });
}
