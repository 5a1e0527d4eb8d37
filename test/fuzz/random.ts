/** Choices that one number decides: the same seed, the same choices. */
import { randomNumbers } from "../harness/splits.ts";

/** A source of choices. */
export class Random {
  readonly #next: () => number;

  /** @param seed What decides them. */
  constructor(seed: number) {
    this.#next = randomNumbers(seed);
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.trunc(this.#next() * count);
  }

  /** Whether something happens that has this probability. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of a list that is not empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  /** One for each of so many. */
  times<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }

  /** Ascending offsets to cut so many octets at: a few, or one behind every octet. */
  cuts(length: number): number[] {
    if (this.chance(0.1)) return Array.from({ length }, (_, at) => at);
    return this.times(1 + this.below(6), () => this.below(length + 1)).sort((a, b) => a - b);
  }
}
