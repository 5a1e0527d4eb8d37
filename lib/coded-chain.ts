/**
 * Transforms on a content-coded body, as one transform: decode, transform, encode again, in one synchronous call.
 *
 * One chunk in gives one piece out: the encoders are corked while the chunk runs down the chain, and flush when it has.
 */
import { compose } from "../transforms/mod.ts";
import type { Controller, Transformer } from "../transforms/transform.ts";
import type { Decoding, StreamCoding } from "./codings.ts";
import { Encoder } from "./encoder.ts";
import { type ExpansionLimits, ExpansionMeter } from "./expansion.ts";
import type { StreamStep } from "./pipeline.ts";
import { isTransformer, type Stage } from "./stages.ts";

/**
 * Puts the stages that change a body between those that decode and encode it.
 *
 * @param codings The body's codings, in the order in which they were applied.
 * @param stages What changes the body.
 * @param limits How much it may expand.
 * @returns One transform where all is synchronous, else the stages in a row.
 */
export function codedStages(
  codings: readonly StreamCoding[],
  stages: readonly (Stage | StreamStep)[],
  limits: ExpansionLimits,
): (Stage | StreamStep)[] {
  if (codings.length === 0) return [...stages];
  const encoders = codings.map((coding) => coding.encoder());
  const all = [...decodedStages(codings, stages, limits), ...encoders];
  return all.every(isTransformer) ? [new CodedChain(all)] : all;
}

/**
 * Puts stages behind those that decode a body.
 *
 * @param codings The body's codings, in the order in which they were applied.
 * @param stages What changes the body.
 * @param limits How much it may expand.
 * @returns The stages in a row.
 */
export function decodedStages(
  codings: readonly Decoding[],
  stages: readonly (Stage | StreamStep)[],
  limits: ExpansionLimits,
): (Stage | StreamStep)[] {
  const expansion = new ExpansionMeter(limits);
  const reuses = stages.every((stage) => isTransformer(stage) && stage.retains === false);
  const decoders = codings.toReversed().map((coding) => coding.decoder({ expansion, reuses }));
  return [countInto(expansion), ...decoders, ...stages];
}

/** Counts the coded body as it comes. */
function countInto(expansion: ExpansionMeter): Transformer {
  return {
    retains: false,
    transform(chunk, controller) {
      expansion.codedBytes += chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
    },
  };
}

/** Steps of which some are encoders that flush once a call. */
class CodedChain implements Transformer {
  // The decoder copies what it takes, and the encoder what it gives, whatever is between them.
  readonly retains = false;
  readonly fragments = true;
  #chain: Transformer;
  #encoders: readonly Encoder[];

  constructor(steps: readonly Transformer[]) {
    this.#chain = compose(...steps);
    this.#encoders = steps.filter((step) => step instanceof Encoder);
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    for (const encoder of this.#encoders) encoder.cork();
    this.#chain.transform(chunk, controller);
    try {
      for (const encoder of this.#encoders) encoder.uncork();
    } catch (error) {
      this.cancel(error);
      throw error;
    }
  }

  flush(controller: Controller): void {
    for (const encoder of this.#encoders) encoder.cork();
    this.#chain.flush?.(controller);
  }

  cancel(reason: unknown): void {
    this.#chain.cancel?.(reason);
  }
}
