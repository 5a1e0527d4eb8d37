/**
 * The regular expression of a rule. Rules are often written for Python, whose expressions are those of JavaScript but
 * for a few: flags at the beginning, and the escape of any punctuation. `.` is any character, a line feed too.
 */

/** The letters whose escapes mean something without the flag `u`. */
const ESCAPES = /[bcdfknrstuvwxBDSW]/;

/** What a rule looks for. */
export interface RulePattern {
  /** The expression, with the flag `g`. */
  readonly regexp: RegExp;
  /** The text, if it stands for that alone. */
  readonly literal: string | null;
}

/**
 * Reads the regular expression of a rule.
 *
 * @param text The expression.
 * @returns What it looks for.
 * @throws {SyntaxError} If it is none, or empty.
 */
export function readPattern(text: string): RulePattern {
  const [opening, flags = ""] = /^\(\?([ims]+)\)/.exec(text) ?? [""];
  const source = text.slice(opening.length);
  if (source === "") throw new SyntaxError("Cannot search as the regular expression must not be empty");
  const ignoresCase = flags.includes("i");
  const wanted = `gs${ignoresCase ? "i" : ""}${flags.includes("m") ? "m" : ""}`;
  return { regexp: compile(source, wanted), literal: ignoresCase ? null : literalOf(source) };
}

/** Characters rather than UTF-16 units, if the expression goes with that; else `{` and `\-` may stand for themselves. */
function compile(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch (cause) {
    const lenient = hasStrangeEscape(source) ? null : attempt(source, flags);
    if (lenient !== null) return lenient;
    throw new SyntaxError(`Cannot search as it must be a regular expression: ${(cause as Error).message}`, {
      cause,
    });
  }
}

/** Without the flag u, the escape of a letter that has none is taken for the letter, which nobody means. */
function hasStrangeEscape(source: string): boolean {
  return [...source.matchAll(/\\([^])/g)].some(([, escaped]) =>
    /[a-z]/i.test(escaped!) && !ESCAPES.test(escaped!)
  );
}

function attempt(source: string, flags: string): RegExp | null {
  try {
    return new RegExp(source, flags);
  } catch {
    // The first error, of the stricter reading, tells more.
    return null;
  }
}

const letters: ReadonlyMap<string, string> = new Map([["n", "\n"], ["r", "\r"], ["t", "\t"]]);

/** The text that an expression without operators stands for. */
function literalOf(source: string): string | null {
  if (/\{\d+(?:,\d*)?\}/.test(source)) return null;
  let text = "";
  for (const [part] of source.matchAll(/\\?[^]/gu)) {
    const escaped = part.length > 1 && part.startsWith("\\") ? part.slice(1) : null;
    if (escaped === null && /[\^$\\.*+?()[|]/.test(part)) return null;
    if (escaped !== null && /[a-z\d]/i.test(escaped) && !letters.has(escaped)) return null;
    text += escaped === null ? part : letters.get(escaped) ?? escaped;
  }
  return text;
}
