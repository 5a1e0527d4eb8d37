/** Many needles as one graph: a path of bytes for each, shared where they begin alike. */

import { type UnitLayout, unitVariants } from "./charset.ts";

/**
 * A trie, but for one thing: where a unit of a needle may be one of two, both paths lead to the same node. All
 * paths to a node have the same length.
 */
export class Trie {
  readonly #edges: Map<number, number>[] = [new Map()];
  /** For each node, which needle is complete there; -1 for none. */
  readonly needles: number[] = [-1];
  readonly #layout: UnitLayout;
  readonly #ignoreCase: boolean;

  /**
   * @param layout The charset's units.
   * @param ignoreCase Whether an ASCII letter stands for both its cases.
   */
  constructor(layout: UnitLayout, ignoreCase: boolean) {
    this.#layout = layout;
    this.#ignoreCase = ignoreCase;
  }

  /** How many nodes have edges, the root among them. */
  get innerNodes(): number {
    return this.#edges.reduce((count, edges, node) => count + (edges.size > 0 || node === 0 ? 1 : 0), 0);
  }

  /**
   * Tells how a node's paths go on.
   *
   * @param node The node; 0 is the root.
   * @returns The next nodes, by byte.
   */
  edgesOf(node: number): ReadonlyMap<number, number> {
    return this.#edges[node] as Map<number, number>;
  }

  /** Lists the bytes that occur in the needles. */
  bytes(): Set<number> {
    return new Set(this.#edges.flatMap((edges) => [...edges.keys()]));
  }

  /**
   * Adds a needle. Of those that are equal the first counts.
   *
   * @param needle Its bytes, whole units.
   * @param index The number that it gets.
   */
  add(needle: Uint8Array, index: number): void {
    let node = 0;
    for (let at = 0; at < needle.length; at += this.#layout.bytes) {
      const variants = unitVariants(needle, at, this.#layout, this.#ignoreCase);
      const before = variants.map((unit) => unit.length === 1 ? node : this.#step(node, unit[0] as number));
      const last = variants.map((unit) => unit.at(-1) as number);
      // Whoever adds one case adds the other: either both edges are there, or none.
      const next = this.#edges[before[0] as number]?.get(last[0] as number) ?? this.#grow();
      before.forEach((from, i) => this.#edges[from]?.set(last[i] as number, next));
      node = next;
    }
    if (this.needles[node] === -1) this.needles[node] = index;
  }

  /** Follows an edge, and makes it where there is none. */
  #step(node: number, byte: number): number {
    const edges = this.#edges[node] as Map<number, number>;
    const next = edges.get(byte) ?? this.#grow();
    edges.set(byte, next);
    return next;
  }

  #grow(): number {
    this.needles.push(-1);
    return this.#edges.push(new Map()) - 1;
  }
}
