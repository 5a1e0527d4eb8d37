// Measures a work: its rows take turns, round after round, so that what else happens on the machine falls on
// all alike.

import { type Bench, messageOf } from "./bench.ts";
import type { ResultRow, Run, WorkResult } from "./results.ts";
import { labelOf, type Row, type Work } from "./work.ts";

/** Digits of a value that are worth keeping. */
const SIGNIFICANT = 4;

/**
 * Measures a work.
 *
 * @param work The work.
 * @param bench What it is measured with; its proxies are ended.
 * @param run What to note of the run.
 * @returns A row for each subject, also for those that are missing or failed.
 */
export async function measureWork(work: Work, bench: Bench, run: Run): Promise<WorkResult> {
  try {
    const rows = (await work.prepare(bench)).map((row) => new Measured(row));
    for (let round = 1; round <= run.rounds; round++) {
      bench.progress(`${work.name}: round ${round} of ${run.rounds}`);
      for (const row of rows) await row.measure();
    }
    return { name: work.name, run, rows: rows.map((row) => row.result()) };
  } finally {
    await bench.stopProxies();
  }
}

/** A row, and what was measured of it. */
class Measured {
  readonly #row: Row;
  readonly #values: Record<string, number[]> = {};
  #failure: string | null = null;

  constructor(row: Row) {
    this.#row = row;
  }

  /** A row that fails says so and is left out of the further rounds: the others are still worth seeing. */
  async measure(): Promise<void> {
    if (this.#row.measure === null || this.#failure !== null) return;
    try {
      for (const [key, value] of Object.entries(await this.#row.measure())) {
        (this.#values[key] ??= []).push(Number(value.toPrecision(SIGNIFICANT)));
      }
    } catch (error) {
      this.#failure = `failed: ${messageOf(error)}`;
    }
  }

  result(): ResultRow {
    const { subject, variant, at, notes } = this.#row;
    const failure = this.#failure === null ? [] : [this.#failure];
    return { subject, variant, at, values: this.#values, notes: [...notes, ...failure] };
  }
}

/**
 * Tells whether something went wrong, beside what is not installed.
 *
 * @param result A work that was measured.
 * @returns The rows that have no value of a last round, with what they say of it.
 */
export function failures({ rows, run }: WorkResult): readonly string[] {
  const broken = rows.filter(({ values, notes }) =>
    Object.values(values).every(({ length }) => length < run.rounds) &&
    !notes.some((note) => note.startsWith("not installed"))
  );
  return broken.map((row) => `${labelOf(row)}: ${row.notes.join("; ")}`);
}
