/** What can search, and what is known of it beforehand. */

import { isBytewise } from "./bytewise-regexp.ts";
import { liveRegExp } from "./live-regexp.ts";
import type { RegExpMatch } from "./regexp-template.ts";

/**
 * What searches text like a global `RegExp`: an engine of one's own, such as one that takes linear time for
 * every pattern.
 */
export interface RegExpEngine {
  /** The flags; `g` has to be among them, `y` must not. */
  readonly flags: string;
  /** The index in the text at which the next search begins; set before each call of `exec`. */
  lastIndex: number;
  /** Finds the first match from `lastIndex` on. */
  exec(text: string): RegExpMatch | null;
}

/** What is known of a pattern. */
export interface Pattern {
  /** Searches, globally. */
  readonly engine: RegExpEngine;
  /** Tells what the pattern would do with more text; `null` where that is not known. */
  readonly live: RegExp | null;
  /** Whether all matches are replaced, not just the first. */
  readonly all: boolean;
  /** Whether a pair of surrogates is one character. */
  readonly unicode: boolean;
  /** Whether it finds in the bytes of UTF-8 what it finds in the text. */
  readonly bytewise: boolean;
}

/**
 * Checks a pattern, and finds out what can be known of it.
 *
 * @param pattern The pattern, or an engine.
 * @returns What is known.
 * @throws {TypeError} If it does not search like a `RegExp`.
 * @throws {RangeError} If it has wrong flags.
 */
export function patternOf(pattern: RegExp | RegExpEngine): Pattern {
  if (typeof pattern?.exec !== "function" || typeof pattern.flags !== "string") {
    throw new TypeError(`Cannot replace as the pattern must be a RegExp, or search like one: got ${pattern}`);
  }
  const { flags } = pattern;
  const isOwn = pattern instanceof RegExp;
  if (flags.includes("y") || (!isOwn && !flags.includes("g"))) {
    const wanted = isOwn ? "the flag y must not be set" : "the flags of an engine must have g and not y";
    throw new RangeError(`Cannot replace as ${wanted}: got "${flags}"`);
  }
  const unicode = /[uv]/.test(flags);
  if (!isOwn) return { engine: pattern, live: null, all: true, unicode, bytewise: false };
  const engine = new RegExp(pattern.source, flags.replace(/[dg]/g, "") + "g");
  const bytewise = isBytewise(engine);
  return { engine, live: liveRegExp(engine), all: flags.includes("g"), unicode, bytewise };
}
