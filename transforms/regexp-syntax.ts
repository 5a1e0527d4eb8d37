/**
 * Reads the syntax of a regular expression, as far as it takes to tell when a match looks beyond what is
 * there: what consumes a character, what only asserts, what repeats.
 *
 * The pattern is known to be valid, so what is no syntax stands for itself. A pattern with something whose
 * look beyond the end can't be told from its syntax is not read at all: a backreference, a lookahead within a
 * lookbehind, a repeated assertion, a class of strings.
 */

/** A part of a pattern. */
export type Part =
  /** Consumes one character. */
  | { readonly kind: "atom"; readonly source: string }
  /** Consumes nothing, and looks at no more than the character on either side. */
  | { readonly kind: "assertion"; readonly source: string }
  | {
    readonly kind: "lookahead";
    readonly negative: boolean;
    readonly body: Part;
    /** Whether something in it captures. */
    readonly captures: boolean;
  }
  | { readonly kind: "lookbehind"; readonly negative: boolean; readonly body: Part }
  /** A group, with what opens it; one that captures is opened by `(?:` here. */
  | { readonly kind: "group"; readonly open: string; readonly body: Part }
  | {
    readonly kind: "repeat";
    readonly item: Part;
    readonly min: number;
    readonly max: number;
    readonly lazy: boolean;
  }
  | { readonly kind: "sequence"; readonly items: readonly Part[] }
  | { readonly kind: "alternation"; readonly options: readonly Part[] };

/** Thrown, and caught in this file, where a pattern has something that is not read. */
class Unread extends Error {}

const STRING_PROPERTY = /\\q|\\p\{(?:RGI_|Basic_Emoji|Emoji_Keycap)/;

/** Escapes that are longer than two characters, without the flags `u` and `v`, and with one of them. */
const LONG_ESCAPE = /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|c[a-zA-Z])/y;
const LONG_UNICODE_ESCAPE =
  /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u\{[\da-fA-F]+\}|[pP]\{[^}]*\})/y;

const QUANTIFIER = /(?:([*+?])|\{(\d+)(?:(,)(\d*))?\})(\?)?/y;
const GROUP = /\((?:\?(?:[:=!]|<[=!]|<[^>]*>|[a-z]*(?:-[a-z]*)?:))?/y;

class Reader {
  readonly #source: string;
  readonly #unicode: boolean;
  readonly #sets: boolean;
  #at = 0;
  #inLookbehind = false;
  #captures = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#sets = flags.includes("v");
    this.#unicode = this.#sets || flags.includes("u");
  }

  /** Reads alternatives up to the end or a closing parenthesis. */
  alternation(): Part {
    const options = [this.#sequence()];
    while (this.#source[this.#at] === "|") {
      this.#at++;
      options.push(this.#sequence());
    }
    return options.length === 1 ? options[0] as Part : { kind: "alternation", options };
  }

  #sequence(): Part {
    const items: Part[] = [];
    for (let next = this.#source[this.#at]; next !== undefined && next !== "|" && next !== ")";) {
      items.push(this.#repeated(this.#item(next)));
      next = this.#source[this.#at];
    }
    return { kind: "sequence", items };
  }

  #item(next: string): Part {
    switch (next) {
      case "(":
        return this.#group();
      case "[":
        return { kind: "atom", source: this.#class() };
      case "\\":
        return this.#escape();
      case "^":
      case "$":
        this.#at++;
        return { kind: "assertion", source: next };
      default: {
        const length = this.#unicode && (this.#source.codePointAt(this.#at) as number) > 0xffff ? 2 : 1;
        return { kind: "atom", source: this.#take(length) };
      }
    }
  }

  #repeated(item: Part): Part {
    const match = this.#match(QUANTIFIER);
    if (match === null) return item;
    if (item.kind === "assertion" || item.kind === "lookahead" || item.kind === "lookbehind") {
      throw new Unread();
    }
    const [, sign, least, comma, most, lazy] = match;
    const min = sign === undefined ? Number(least) : sign === "+" ? 1 : 0;
    const exact = comma === undefined ? min : Infinity;
    const max = sign === undefined ? (most ? Number(most) : exact) : sign === "?" ? 1 : Infinity;
    return { kind: "repeat", item, min, max, lazy: lazy !== undefined };
  }

  #group(): Part {
    const open = (this.#match(GROUP) as RegExpExecArray)[0];
    const outside = this.#inLookbehind;
    const isLookahead = open === "(?=" || open === "(?!";
    const isLookbehind = open === "(?<=" || open === "(?<!";
    if (isLookahead && outside) throw new Unread();
    const isCapture = open === "(" || open.endsWith(">");
    if (isCapture) this.#captures++;
    const captures = this.#captures;
    this.#inLookbehind = outside || isLookbehind;
    const body = this.alternation();
    this.#inLookbehind = outside;
    this.#at++;
    const negative = open.endsWith("!");
    if (isLookahead) return { kind: "lookahead", negative, body, captures: this.#captures > captures };
    if (isLookbehind) return { kind: "lookbehind", negative, body };
    return { kind: "group", open: isCapture ? "(?:" : open, body };
  }

  /** Reads a class; with the flag `v` one may hold others. */
  #class(): string {
    let depth = 0;
    let end = this.#at;
    do {
      const next = this.#source[end++];
      if (next === "\\") end++;
      else if (next === "[" && (this.#sets || depth === 0)) depth++;
      else if (next === "]") depth--;
    } while (depth > 0);
    const source = this.#take(end - this.#at);
    if (this.#sets && STRING_PROPERTY.test(source)) throw new Unread();
    return source;
  }

  #escape(): Part {
    const second = this.#source[this.#at + 1] as string;
    if (second === "b" || second === "B") return { kind: "assertion", source: this.#take(2) };
    if (/[0-9k]/.test(second)) throw new Unread();
    const long = (this.#unicode ? this.#match(LONG_UNICODE_ESCAPE) : null) ?? this.#match(LONG_ESCAPE);
    if (long === null && second === "c") throw new Unread();
    if (long !== null && this.#sets && STRING_PROPERTY.test(long[0])) throw new Unread();
    return { kind: "atom", source: long?.[0] ?? this.#take(2) };
  }

  #take(length: number): string {
    return this.#source.slice(this.#at, this.#at += length);
  }

  #match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#source);
    if (match !== null) this.#at += match[0].length;
    return match;
  }
}

/**
 * Reads a pattern.
 *
 * @param source The pattern's source, valid with its flags.
 * @param flags Its flags.
 * @returns Its parts; `null` if it has something that is not read.
 */
export function readRegExp(source: string, flags: string): Part | null {
  try {
    return new Reader(source, flags).alternation();
  } catch (error) {
    if (error instanceof Unread) return null;
    throw error;
  }
}
