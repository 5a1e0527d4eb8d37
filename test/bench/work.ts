// What a benchmark consists of: works, each a table. A row of the table is measured once a round, and gives a
// value for each of the work's quantities.

import type { Bench } from "./bench.ts";

/** What one round gave for a row, by the keys of the quantities. */
export type Values = Readonly<Record<string, number>>;

/** Something that is measured. */
export interface Quantity {
  readonly key: string;
  /** What it is, with its unit. */
  readonly name: string;
  /** Digits behind the point. */
  readonly digits: number;
}

/** Which row it is. */
export interface RowName {
  /** Who does the work: `sluice on ...`, or a peer. */
  readonly subject: string;
  /** How; empty where there is one way only. */
  readonly variant: string;
  /** How much of what the work's axis counts; `null` for a work without an axis. */
  readonly at: number | null;
}

/** A row that is to be measured. */
export interface Row extends RowName {
  /** Measures once, or is `null` where that is impossible; the notes say why. */
  readonly measure: (() => Promise<Values>) | null;
  readonly notes: readonly string[];
}

/** What sluice wants to reach: a quantity of its rows, against another row's or by itself. */
export interface Target {
  readonly quantity: string;
  /** The rows that it holds for; without it, all of sluice's. */
  readonly variant?: string;
  /** Their place on the axis, counted from its end if negative. */
  readonly index?: number;
  /** What differs in the row to compare with; without it, the value itself counts. */
  readonly against?: { readonly subject?: string; readonly variant?: string; readonly index?: number };
  readonly atMost?: number;
  readonly atLeast?: number;
}

/** What rows of one subject and variant differ in. */
export interface Axis {
  readonly name: string;
  readonly unit: "bytes" | "count";
  /** Whether the quantities are drawn on a logarithmic scale: those that differ by orders of magnitude. */
  readonly logarithmic?: boolean;
}

/** What a table says of a work. */
export interface WorkDescription {
  readonly name: string;
  readonly title: string;
  /** The quantities, the main one first. */
  readonly quantities: readonly Quantity[];
  /** The subjects that the main quantity is divided by. */
  readonly bases: readonly string[];
  /** For works that show how a cost grows. */
  readonly axis?: Axis;
  readonly targets: readonly Target[];
  /** Whether the main quantity is drawn; works with an axis always are, with all quantities. */
  readonly plotted?: boolean;
}

/** One kind of load. */
export interface Work extends WorkDescription {
  /** Starts what is to be measured, and warms it up. */
  readonly prepare: (bench: Bench) => Promise<readonly Row[]>;
}

/**
 * Tells whether a row is sluice's own, so that targets hold for it.
 *
 * @param row The row.
 * @returns Whether it is.
 */
export function isOwn({ subject }: RowName): boolean {
  return subject.startsWith("sluice ");
}

/**
 * Names a row without its place on the axis.
 *
 * @param row The row.
 * @returns Subject and variant.
 */
export function labelOf({ subject, variant }: RowName): string {
  return variant === "" ? subject : `${subject}, ${variant}`;
}
