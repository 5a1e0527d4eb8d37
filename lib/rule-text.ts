/**
 * What a rule of the command line is made of: `[/filter]/subject/replacement`. Its first character separates the parts,
 * so that each rule chooses one that the parts don't have; the last part may have it.
 */
import { type FlowFilter, parseFilter } from "./filter.ts";
import { filterOperators } from "./filter-operators.ts";

/** What a rule puts in place: text, or the bytes of a file. */
export type RuleValue =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "file"; readonly path: string };

/** A rule, taken apart. */
export interface RuleText {
  /** The rule as it was written. */
  readonly written: string;
  /** Which flows it is for. */
  readonly filter: FlowFilter;
  /** What it changes. */
  readonly subject: string;
  /** Whether that looks like a filter, as it would in a rule of three parts. */
  readonly looksFiltered: boolean;
  /** What becomes of that. */
  readonly value: RuleValue;
}

const everything: FlowFilter = { matches: () => true, patterns: [] };

/**
 * Takes a rule apart.
 *
 * @param written The rule.
 * @returns Its parts.
 * @throws {SyntaxError} If a part is missing, or the filter can't be read.
 */
export function readRule(written: string): RuleText {
  const [separator = ""] = written;
  const [first, second, ...rest] = written.slice(separator.length).split(separator);
  if (first === undefined || second === undefined || separator === "") {
    throw new SyntaxError("Cannot take the rule apart as it must have two or three parts: got one");
  }
  const hasFilter = rest.length > 0;
  const filter = hasFilter && first.trim() !== "" ? parseFilter(first) : everything;
  const subject = hasFilter ? second : first;
  const looksFiltered = !hasFilter && looksLikeFilter(first);
  return {
    written,
    filter,
    subject,
    looksFiltered,
    value: valueOf(hasFilter ? rest.join(separator) : second),
  };
}

/** Whether it begins with an operator of filters. */
function looksLikeFilter(text: string): boolean {
  const operator = /^[\s!(]*~([a-z]+)(?![\w-])/.exec(text)?.[1];
  return operator !== undefined && filterOperators.has(operator);
}

function valueOf(text: string): RuleValue {
  return /^@./.test(text) ? { kind: "file", path: text.slice(1) } : { kind: "text", text: unescaped(text) };
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "\\": "\\" };

/** Control characters are hard to write on a command line; any other backslash is one. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:([nrt\\])|x([\da-f]{2})|u([\da-f]{4}))/gi,
    (all, letter: string | undefined, byte: string | undefined, unit: string | undefined) => {
      if (letter !== undefined) return escapes[letter] ?? all;
      return String.fromCharCode(parseInt(byte ?? unit!, 16));
    },
  );
}
