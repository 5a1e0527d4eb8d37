/**
 * The fuzzer: most inputs are variations of what is known, the others are made by the grammar. What reaches something new
 * (as its target tells it) is known from then on, so that variations add up.
 */
import { mutate } from "./mutate.ts";
import { Random } from "./random.ts";
import type { Case, Target } from "./target.ts";

/** A case for which something did not hold. */
export interface Failure {
  readonly target: string;
  /** What decided the input: the run's seed, and which input it was. */
  readonly seed: number;
  readonly index: number;
  readonly input: Case;
  readonly error: unknown;
}

const NOISE = 0.02;
const GENERATED = 0.2;

/** Fuzzes one target. */
export class Fuzzer {
  /** How often each thing was reached. */
  readonly reached: Map<string, number> = new Map();
  /** How many inputs there were. */
  inputs = 0;
  readonly #target: Target;
  readonly #seed: number;
  readonly #seeds: readonly Case[];
  readonly #known: Case[];

  /**
   * @param target What to fuzz.
   * @param seed What decides the inputs.
   */
  constructor(target: Target, seed: number) {
    this.#target = target;
    this.#seed = seed;
    this.#seeds = target.seeds();
    this.#known = [...this.#seeds];
  }

  /**
   * Plays inputs, the seeds first, until one fails.
   *
   * @param count How many at most.
   * @returns The failure, or `null`.
   */
  async run(count: number): Promise<Failure | null> {
    for (const last = this.inputs + count; this.inputs < last;) {
      const index = this.inputs++;
      const input = this.#seeds[index] ?? this.#make(new Random(Math.imul(this.#seed, 0x9e3779b1) + index));
      try {
        const reached = this.#target.check(input);
        // Waiting for what is there costs more than most inputs do.
        this.#learn(input, typeof reached === "string" ? reached : await reached);
      } catch (error) {
        return { target: this.#target.name, seed: this.#seed, index, input, error };
      }
    }
    return null;
  }

  #make(random: Random): Case {
    if (this.#known.length === 0 || random.chance(GENERATED)) return this.#target.generate(random);
    const { octets, settings } = random.pick(this.#known);
    const changed = random.chance(NOISE)
      ? String.fromCharCode(...random.times(random.below(80), () => random.below(256)))
      : mutate(octets, random.pick(this.#known).octets, random);
    return { octets: changed, settings: this.#target.settle(changed, settings, random) };
  }

  #learn(input: Case, reached: string): void {
    const times = this.reached.get(reached) ?? 0;
    this.reached.set(reached, times + 1);
    if (times === 0) this.#known.push(input);
  }
}
