/**
 * Tells which patterns do on the bytes of UTF-8 what they do on its characters: then the bytes need not be
 * decoded, which takes longer than most searches where they are not ASCII.
 *
 * That is so where a pattern consumes ASCII characters only, and at least one: then a match begins at one, ends
 * behind one and has nothing else in it, and a byte of any other character is to the pattern as little as the
 * character itself is. What it only looks at has to be ASCII as well.
 */

import { isNullable } from "./live-regexp.ts";
import { type Part, readRegExp } from "./regexp-syntax.ts";

/** An escape that stands for ASCII characters; without `\s`, which has others. */
const ESCAPE = String.raw`\\(?:[dwtnvfr]|[!-/:-@[-\`{-~]|x[0-7][\da-fA-F]|u00[0-7][\da-fA-F])`;

/** What consumes one ASCII character: itself, an escape, or a class of these that is not negated. */
const ASCII_ATOM = new RegExp(
  String.raw`^(?:[^\\.\x80-\uffff]|${ESCAPE}|\[(?!\^)(?:[^\\\]\x80-\uffff]|\\b|${ESCAPE})*\])$`,
);

/** What looks at the end of a line, which may be a character beyond ASCII, with the flag `m`. */
const LINE_ASSERTION = /[$^]/;

function isAscii(part: Part, multiline: boolean): boolean {
  switch (part.kind) {
    case "atom":
      return ASCII_ATOM.test(part.source);
    case "assertion":
      return !multiline || !LINE_ASSERTION.test(part.source);
    case "lookahead":
    case "lookbehind":
      return isAscii(part.body, multiline);
    case "group":
      // A group that changes flags may change the answer.
      return part.open === "(?:" && isAscii(part.body, multiline);
    case "repeat":
      return isAscii(part.item, multiline);
    case "sequence":
      return part.items.every((item) => isAscii(item, multiline));
    case "alternation":
      return part.options.every((option) => isAscii(option, multiline));
  }
}

/**
 * Tells whether a pattern finds on bytes, taken as characters up to U+00FF, what it finds on the text.
 *
 * @param pattern The pattern.
 * @returns Whether that is certain.
 */
export function isBytewise({ source, flags }: RegExp): boolean {
  // With both flags, U+017F is an s and U+212A a k.
  if (/[uv]/.test(flags) && flags.includes("i")) return false;
  const part = readRegExp(source, flags);
  return part !== null && !isNullable(part) && isAscii(part, flags.includes("m"));
}
