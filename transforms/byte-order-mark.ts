/** The byte order mark that may begin an event stream: it is no part of the first event. */

const MARK: readonly number[] = [0xef, 0xbb, 0xbf];

/**
 * Tells how long the byte order mark is that bytes begin with.
 *
 * @param bytes The bytes.
 * @param start The index of the first one.
 * @param end The index behind the last one.
 * @returns 3, or 0 if there is none.
 */
export function markLength(bytes: Uint8Array, start: number, end: number): number {
  return end - start >= MARK.length && MARK.every((byte, index) => bytes[start + index] === byte)
    ? MARK.length
    : 0;
}
