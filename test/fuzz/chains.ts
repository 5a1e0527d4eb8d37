/**
 * The transforms: a chain of them makes of a body what each of its steps must make of it, one after the other, however the
 * body is cut, run one by one or fused. `run` holds each to its contract besides: it keeps nothing that it was lent, hands
 * on nothing empty, and changes nothing that it has handed on.
 */
import assert from "node:assert/strict";
import { compose, type Transformer } from "../../transforms/mod.ts";
import { bytes, cutAt, run, text } from "../harness/splits.ts";
import type { Random } from "./random.ts";
import { type Target, target } from "./target.ts";
import { anyStep, bodyFor, expectedOf, makeStep, type Step } from "./transform-steps.ts";

interface ChainSettings {
  readonly steps: readonly Step[];
  readonly cuts: readonly number[];
}

const chains: Target<ChainSettings> = {
  name: "chains",
  share: 1,
  seeds: () => [],
  generate(random: Random) {
    const steps = random.times(1 + random.below(random.chance(0.5) ? 1 : 4), () => anyStep(random));
    const octets = bodyFor(steps, random);
    return { octets, settings: { steps, cuts: random.cuts(octets.length) } };
  },
  settle: (octets, { steps }, random) => ({ steps, cuts: random.cuts(octets.length) }),
  check({ octets, settings: { steps, cuts } }) {
    const expected = steps.reduce((body, step) => expectedOf(step, body), octets);
    const whole = [bytes(octets)];
    const cut = cutAt(whole[0]!, cuts.filter((place) => place <= octets.length));
    assert.equal(stepwise(steps, whole), expected, "a whole body");
    assert.equal(stepwise(steps, cut), expected, "a body that is cut");
    assert.equal(ran(compose(...steps.map(makeStep)), whole), expected, "a whole body, fused");
    assert.equal(ran(compose(...steps.map(makeStep)), cut), expected, "a body that is cut, fused");
    const kinds = steps.map(({ kind }) => kind).join(" ");
    return `${kinds} ${octets === expected ? "as it was" : "changed"} ${Math.min(cuts.length, 3)}`;
  },
};

/** The transforms, on bodies. */
export const chainsTarget: Target = target(chains);

/** Every step runs over what the one before it has made. */
function stepwise(steps: readonly Step[], chunks: readonly Uint8Array[]): string {
  return text(...steps.reduce((pieces, step) => run(makeStep(step), pieces).pieces, chunks));
}

function ran(transformer: Transformer, chunks: readonly Uint8Array[]): string {
  return text(...run(transformer, chunks).pieces);
}
