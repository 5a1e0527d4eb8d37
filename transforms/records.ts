/**
 * Shows the records of a body one by one to what decides about them, and passes on what it leaves as it is.
 *
 * A record is shown once its last byte is there, and goes in the same call. What lies whole in a chunk is
 * shown, and passed on, where it lies; only a record that spans chunks is copied. Records that are left as
 * they are go together, as one subarray, or each as a piece of its own, as the kind of record wants it.
 */

import { checkByteCount, pass } from "./bytes.ts";
import type { Framing } from "./framings.ts";
import { Hold } from "./hold.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** How long a record may be, in bytes, where nothing else is said. */
export const DEFAULT_MAX_RECORD_BYTES: number = 16 * 1024 * 1024;

/** What goes in place of a record. */
export interface Verdict {
  /** What goes now; none of it empty, none to be changed afterwards. */
  readonly pieces: readonly Uint8Array[];
  /** Whether the pieces end with the record's own end, so that what may still come of that goes too. */
  readonly endsAsBefore: boolean;
  /** What goes behind the record's end, once that is complete. */
  readonly after: readonly Uint8Array[];
}

/** The verdict on a record that is left out. */
export const LEFT_OUT: Verdict = { pieces: [], endsAsBefore: false, after: [] };

/** Decides about records. */
export interface RecordJudge {
  /**
   * Decides about one record.
   *
   * @param bytes Where it lies; to be read during the call only.
   * @param start The index of its first byte.
   * @param end The index behind its last byte.
   * @param endBytes How many of its last bytes are its end; 0 if the body ended without one.
   * @param isLast Whether the body has ended within it.
   * @returns What goes in its place; `undefined` if it goes as it is.
   */
  judge(
    bytes: Uint8Array,
    start: number,
    end: number,
    endBytes: number,
    isLast: boolean,
  ): Verdict | undefined;
  /** The body has ended: returns what is to go behind it. */
  finish?(): readonly Uint8Array[];
  /** The body will not end. */
  cancel?(reason: unknown): void;
}

/** What to know of a kind of record. */
export interface RecordKind {
  /** How the kind is called, as "Cannot pass the … on" names it. */
  readonly name: string;
  /** How the option with its limit is called. */
  readonly limitName: string;
  /** The most that a record may have, in bytes, without its end. */
  readonly maxBytes: number;
  /** Whether each record is a piece by itself, also one that is left as it is. */
  readonly alone: boolean;
  /** Whether somebody may keep the bytes that are shown. */
  readonly retains: boolean;
}

class RecordTransformer implements Transformer {
  readonly #framing: Framing;
  readonly #judge: RecordJudge;
  readonly #kind: RecordKind;
  readonly #hold: Hold = new Hold();
  /** Whether what went last is a record with its end. */
  #endsAsBefore = true;
  /** What waits for the end of the record before to be complete. */
  #after: readonly Uint8Array[] = [];
  /** The bytes from this index on are left as they are, but not passed on yet. */
  #from = 0;

  constructor(framing: Framing, judge: RecordJudge, kind: RecordKind) {
    this.#framing = framing;
    this.#judge = judge;
    this.#kind = kind;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    const framing = this.#framing;
    let start = framing.open(chunk);
    if (this.#endsAsBefore) pass(controller, chunk, 0, start);
    if (this.#after.length > 0) this.#releaseAfter(controller);
    let end = framing.next(start);
    if (end >= 0 && this.#hold.length > 0) {
      this.#hold.append(chunk, 0, end);
      this.#showHeld(framing.endBytes, false, controller);
      start = end;
      end = framing.next(start);
    }
    this.#from = start;
    for (; end >= 0; end = framing.next(start)) {
      this.#show(chunk, start, end, framing.endBytes, false, controller);
      start = end;
    }
    pass(controller, chunk, this.#from, start);
    if (start < chunk.length) {
      this.#checkLength(this.#hold.length + chunk.length - start - framing.edgeBytes);
      this.#hold.append(chunk, start, chunk.length);
    }
  }

  flush(controller: Controller): void {
    this.#releaseAfter(controller);
    if (this.#hold.length > 0) {
      this.#checkLength(this.#hold.length);
      this.#showHeld(0, true, controller);
    }
    for (const piece of this.#judge.finish?.() ?? []) controller.enqueue(piece);
  }

  cancel(reason: unknown): void {
    this.#hold.clear();
    this.#after = [];
    this.#judge.cancel?.(reason);
  }

  #showHeld(endBytes: number, isLast: boolean, controller: Controller): void {
    const record = this.#hold.take();
    this.#from = 0;
    this.#show(record, 0, record.length, endBytes, isLast, controller);
    pass(controller, record, this.#from, record.length);
  }

  #show(
    bytes: Uint8Array,
    start: number,
    end: number,
    endBytes: number,
    isLast: boolean,
    controller: Controller,
  ): void {
    let verdict;
    try {
      this.#checkLength(end - endBytes - start);
      verdict = this.#judge.judge(bytes, start, end, endBytes, isLast);
    } catch (error) {
      pass(controller, bytes, this.#from, start);
      throw error;
    }
    this.#endsAsBefore = verdict?.endsAsBefore ?? true;
    if (verdict === undefined) {
      if (!this.#kind.alone) return;
      pass(controller, bytes, start, end);
    } else {
      pass(controller, bytes, this.#from, start);
      for (const piece of verdict.pieces) controller.enqueue(piece);
      this.#after = verdict.after;
      if (!verdict.endsAsBefore || !this.#framing.awaitsLineFeed) this.#releaseAfter(controller);
    }
    this.#from = end;
  }

  #releaseAfter(controller: Controller): void {
    const pieces = this.#after;
    this.#after = [];
    for (const piece of pieces) controller.enqueue(piece);
  }

  #checkLength(length: number): void {
    const { name, limitName, maxBytes } = this.#kind;
    if (length <= maxBytes) return;
    throw new RangeError(
      `Cannot pass the ${name} on as it must be at most ${maxBytes} bytes long: it is longer; ` +
        `raise ${limitName}`,
    );
  }
}

/**
 * Makes the transform that shows records to what decides about them.
 *
 * @param framing Where the records end.
 * @param judge What decides.
 * @param kind What kind they are.
 * @returns The transform.
 * @throws {TypeError} If the limit is no number.
 * @throws {RangeError} If the limit is not a whole number, or less than 1.
 */
export function makeRecordTransform(framing: Framing, judge: RecordJudge, kind: RecordKind): Transform {
  checkByteCount(kind.maxBytes, 1, `Cannot pass ${kind.name}s on as ${kind.limitName}`);
  return makeTransform(new RecordTransformer(framing, judge, kind), {
    retains: kind.retains,
    fragments: !kind.alone,
  });
}
