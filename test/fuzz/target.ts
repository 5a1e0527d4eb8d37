/**
 * What a fuzz target is: it makes cases of its own, and says of any case whether what must hold does.
 *
 * A case is plain data, so that one that failed can be written down, made smaller, and played again for ever.
 */
import type { Random } from "./random.ts";

/** An input. */
export interface Case<S = unknown> {
  /** The octets, a character each. */
  readonly octets: string;
  /** All else that decides what happens; plain data. */
  readonly settings: S;
}

/** Something to fuzz. */
export interface Target<S = unknown> {
  /** Its name, in files and on the command line. */
  readonly name: string;
  /** Its share of the inputs: 1 for the usual one. */
  readonly share: number;
  /** Cases to begin with. */
  seeds(): readonly Case<S>[];
  /** Makes a case out of nothing. */
  generate(random: Random): Case<S>;
  /** Settings to go with octets that were changed. */
  settle(octets: string, settings: S, random: Random): S;
  /**
   * Plays a case; only a target that needs promises gives one.
   *
   * @returns What it has reached, in a few words: a case that reaches something new is kept, and varied on.
   * @throws {Error} If something doesn't hold; a promise rejects with it.
   */
  check(input: Case<S>): string | Promise<string>;
}

/** Forgets the type of a target's settings: they come back as they were, from itself or from a file that it wrote. */
export function target<S>(typed: Target<S>): Target {
  return typed as unknown as Target;
}
