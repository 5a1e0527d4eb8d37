/**
 * How large the pieces are that a body is cut into for its transforms, where it does not come in wire chunks.
 *
 * Transforms that show their pieces to nobody, and whose output isn't told apart by them, get what one read has brought: a
 * call, and a frame, for each 4 KiB would cost as much as the search of a `replace`.
 */
import type { StreamStep } from "./pipeline.ts";
import { isTransformer, type Stage } from "./stages.ts";

/** What people who watch a body's pieces expect of one, in bytes. */
const SEEN_PIECE_BYTES = 4096;

/**
 * Chooses the size.
 *
 * @param steps What the body goes through.
 * @param wanted What somebody has asked for, in bytes; default nothing.
 * @returns The most bytes of a piece; `Infinity` leaves them as they come.
 */
export function pieceSize(steps: readonly (Stage | StreamStep)[], wanted: number | undefined): number {
  return wanted ?? (steps.every(showsNobody) ? Infinity : SEEN_PIECE_BYTES);
}

function showsNobody(step: Stage | StreamStep): boolean {
  return isTransformer(step) && step.retains === false && step.fragments === true;
}
