/** JSON that may be none. */

/**
 * Parses JSON.
 *
 * @param text The text.
 * @returns The value; `undefined` if it is no JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // JSON.parse throws nothing but a SyntaxError, and that is the answer.
    return undefined;
  }
}
