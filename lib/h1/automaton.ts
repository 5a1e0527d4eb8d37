/**
 * Finite automata over octets, as tables: the syntax of heads and of chunk lines is written down as transitions, and
 * an octet costs one look-up. An octet that has no transition is refused where it stands, so no bad byte waits for
 * the end of its line, and a scan stops and resumes at any octet with nothing but the state's number.
 */

/** The state that stands for "no transition": the octet is refused. */
export const REFUSED = 0;

/** A set of octets: one for each index whose entry is 1. */
export type OctetClass = Uint8Array;

/** From a state, by any octet of a class, to a state. */
export type Transition = readonly [from: number, by: OctetClass, to: number];

/**
 * A class of octets.
 *
 * @param parts Characters, each one octet, or classes to unite.
 * @returns The class.
 */
export function octets(...parts: readonly (string | OctetClass)[]): OctetClass {
  const set = new Uint8Array(256);
  for (const part of parts) {
    if (typeof part === "string") { for (const char of part) set[char.charCodeAt(0)] = 1; }
    else part.forEach((member, octet) => set[octet]! |= member);
  }
  return set;
}

/**
 * A class of neighbouring octets.
 *
 * @param first The lowest octet.
 * @param last The highest octet.
 * @returns The class.
 */
export function range(first: number, last: number): OctetClass {
  return new Uint8Array(256).fill(1, first, last + 1);
}

/** A class without some octets. */
export function except(set: OctetClass, without: string): OctetClass {
  const rest = set.slice();
  for (const char of without) rest[char.charCodeAt(0)] = 0;
  return rest;
}

/**
 * The transitions that spell a sequence of classes.
 *
 * @param first The state that expects the first class; state `first + n` expects class n.
 * @param classes The sequence.
 * @returns The transitions; the last leads to `first + classes.length`.
 */
export function sequence(first: number, ...classes: readonly OctetClass[]): Transition[] {
  return classes.map((by, n) => [first + n, by, first + n + 1]);
}

/**
 * Compiles transitions into a table.
 *
 * @param states How many states there are, `REFUSED` included.
 * @param transitions The transitions; no state has two for one octet.
 * @returns The next state at index `state * 256 + octet`.
 */
export function automaton(states: number, transitions: readonly Transition[]): Uint8Array {
  const table = new Uint8Array(states << 8);
  for (const [from, by, to] of transitions) {
    by.forEach((member, octet) => {
      if (member === 0) return;
      if (table[from << 8 | octet] !== REFUSED) {
        throw new RangeError(`State ${from} has two ways by ${octet}`);
      }
      table[from << 8 | octet] = to;
    });
  }
  return table;
}
