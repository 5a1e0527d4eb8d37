/**
 * Finds what a regular expression matches in a text that may go on.
 *
 * Whether a match could still begin, or become another one, with more of the text is told by a second
 * expression made of the first (`live-regexp.ts`). For an expression of which none can be made, a match is
 * decided when there are as many bytes behind its beginning as a match may have.
 */

import { isUndecided } from "./live-regexp.ts";
import type { Pattern } from "./regexp-pattern.ts";
import type { RegExpMatch } from "./regexp-template.ts";
import type { TextCodec } from "./text-codec.ts";

/** What a search came to: a match; or from where on nothing is decided. */
export type Verdict = { readonly match: RegExpMatch } | { readonly undecidedFrom: number };

/** Searches texts for a pattern. */
export class RegExpFinder {
  readonly #pattern: Pattern;
  readonly #codec: TextCodec;
  readonly #maxMatch: number;

  /**
   * @param pattern What is searched for.
   * @param codec What the texts were bytes in.
   * @param maxMatch How long a match may be, in bytes.
   */
  constructor(pattern: Pattern, codec: TextCodec, maxMatch: number) {
    this.#pattern = pattern;
    this.#codec = codec;
    this.#maxMatch = maxMatch;
  }

  /** Finds the next match in a text that has ended. */
  last(text: string, at: number): Verdict {
    const match = this.#exec(text, at);
    return match === null ? { undecidedFrom: text.length } : { match };
  }

  /** Finds the next match that is decided in a text that goes on, whose code units may be known to be bytes. */
  next(text: string, at: number, isBytes: boolean): Verdict {
    const { live } = this.#pattern;
    if (live === null) {
      const decided = this.#lastDecided(text, isBytes);
      const match = this.#exec(text, at);
      if (match !== null && match.index <= decided) return { match };
      return { undecidedFrom: Math.max(at, decided + 1) };
    }
    live.lastIndex = at;
    const found = live.exec(text);
    // What is at the very end is for the next slice to decide.
    if (found === null || found.index === text.length) return { undecidedFrom: text.length };
    if (isUndecided(found)) return { undecidedFrom: found.index };
    return { match: this.#exec(text, found.index) as RegExpMatch };
  }

  /** The index behind a character. */
  behind(text: string, index: number): number {
    const point = this.#pattern.unicode ? text.codePointAt(index) ?? 0 : 0;
    return index + (point > 0xffff ? 2 : 1);
  }

  /** The last index of a text with as many bytes behind it as a match may have; -1 if there is none. */
  #lastDecided(text: string, isBytes: boolean): number {
    if (isBytes) return Math.max(text.length - this.#maxMatch, -1);
    let bytes = 0;
    for (let index = text.length; index > 0; index--) {
      bytes += this.#codec.byteLength(text, index - 1, index);
      if (bytes >= this.#maxMatch) return index - 1;
    }
    return -1;
  }

  #exec(text: string, at: number): RegExpMatch | null {
    const { engine } = this.#pattern;
    engine.lastIndex = at;
    const match = engine.exec(text);
    if (match === null || match.index >= at) return match;
    throw new TypeError(
      `Cannot replace as the engine must search from lastIndex ${at} on: got ${match.index}`,
    );
  }
}
