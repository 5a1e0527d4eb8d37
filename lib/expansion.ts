/**
 * How large a coded body may get when it is decoded. What counts is the body as it came: two codings in a row multiply.
 */
import { CodingError } from "./errors.ts";
import type { Limits } from "./limits.ts";

/** The limits that matter here. */
export type ExpansionLimits = Pick<Limits, "decodedBytes" | "codingRatio" | "codingGraceBytes">;

/** A bound that a decoder keeps to. */
export interface Expansion {
  /** The most bytes that may have come out by now. */
  readonly maxBytes: number;
}

/**
 * The most that a whole body may get.
 *
 * @param codedBytes Its size as it came, in bytes.
 * @param limits The limits.
 * @returns The bound, in bytes.
 */
export function maxDecodedBytes(codedBytes: number, limits: ExpansionLimits): number {
  return Math.min(limits.decodedBytes, Math.max(limits.codingGraceBytes, codedBytes * limits.codingRatio));
}

/** The bound of a body that streams: it grows with what has come. */
export class ExpansionMeter implements Expansion {
  /** How many bytes of the coded body have come. */
  codedBytes = 0;
  #limits: ExpansionLimits;

  /**
   * @param limits The limits; `decodedBytes` does not count, as a stream is nowhere whole.
   */
  constructor(limits: ExpansionLimits) {
    this.#limits = { ...limits, decodedBytes: Infinity };
  }

  get maxBytes(): number {
    return maxDecodedBytes(this.codedBytes, this.#limits);
  }
}

/**
 * Checks how much has come out of a decoder.
 *
 * @param decodedBytes How many bytes have come out.
 * @param expansion The bound.
 * @throws {CodingError} If it is too much.
 */
export function checkExpansion(decodedBytes: number, expansion: Expansion): void {
  if (decodedBytes <= expansion.maxBytes) return;
  throw new CodingError(
    "expansion",
    `Cannot decode the body as what has come of it must give at most ${expansion.maxBytes} bytes: got ${decodedBytes}`,
  );
}
