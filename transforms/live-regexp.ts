/**
 * Makes of a pattern another one, which tells on a part of a text what the pattern would do on the whole.
 *
 * Where the pattern wants a character and there is none any more, the other one is content, and stays so: from
 * there on everything matches, without a character. That it came there is told by an empty capturing group.
 * As it tries everything in the pattern's own order, its first match is
 * - without a group: the pattern's match, whatever follows;
 * - with a group: where a match may be under way, which depends on what follows;
 * - none: there is no match, whatever follows.
 *
 * An assertion at the end is undecided too. A lookahead that runs into the end leaves all that follows
 * undecided; whether it can be told already is asked of a third form, in which nothing counts that more text
 * could change. Where a lookahead captures, it matters too how it matches: what it looked at is captured by a
 * named group, and if that reaches the end, all that follows is undecided. A lookbehind looks at text that is
 * there.
 */

import { type Part, readRegExp } from "./regexp-syntax.ts";

/** At the end of the text, with any flags: V8 of Node 20 takes `[^]` for nothing with the flag `v`. */
const END = "(?![\\s\\S])";
const NOT_END = "(?=[\\s\\S])";

/** At the end, and remembered. */
const HIT = `${END}()`;

/** At the end, or not there. */
const MAY_HIT = `(?:${HIT}|)`;

/** Gets to the end over whatever there is. */
const RUN_TO_HIT = `[\\s\\S]*${HIT}`;

/** Up to how many times a part is written out, so that no later round forgets that an earlier one hit the end. */
const MAX_COPIES = 8;

/** Opens a group for what a lookahead looks at, and refers to it; each pair gets a name of its own at last. */
const LOOK = "(?<\0>";
const LOOKED = "\\k<\0>";

/** How long the other pattern may become, in characters. */
const MAX_SOURCE_LENGTH = 32 * 1024;

type Repeat = Extract<Part, { kind: "repeat" }>;

function counts(min: number, max: number): string {
  return `{${min},${max === Infinity ? "" : max}}`;
}

/** The part itself, capturing nothing. */
function plain(part: Part): string {
  switch (part.kind) {
    case "atom":
    case "assertion":
      return part.source;
    case "lookahead":
      return `(?${part.negative ? "!" : "="}${plain(part.body)})`;
    case "lookbehind":
      return `(?<${part.negative ? "!" : "="}${plain(part.body)})`;
    case "group":
      return `${part.open}${plain(part.body)})`;
    case "repeat":
      return `(?:${plain(part.item)})${counts(part.min, part.max)}${part.lazy ? "?" : ""}`;
    case "sequence":
      return part.items.map(plain).join("");
    case "alternation":
      return part.options.map(plain).join("|");
  }
}

/** The part where it matches whatever follows. */
function certain(part: Part): string {
  switch (part.kind) {
    case "atom":
      return part.source;
    case "assertion":
    case "lookbehind":
      return NOT_END + plain(part);
    case "lookahead":
      return part.negative ? `${NOT_END}(?!${live(part.body)})` : `${NOT_END}(?=${certain(part.body)})`;
    case "group":
      return `${part.open}${certain(part.body)})`;
    case "repeat":
      return `(?:${certain(part.item)})${counts(part.min, part.max)}`;
    case "sequence":
      return part.items.map(certain).join("");
    case "alternation":
      return part.options.map(certain).join("|");
  }
}

/** The part where it matches, or runs into the end. */
function live(part: Part): string {
  switch (part.kind) {
    case "atom":
      return `(?:${part.source}|${HIT})`;
    case "assertion":
    case "lookbehind":
      return `(?:${HIT}|${plain(part)})`;
    case "lookahead":
      if (part.negative) {
        return `(?:${HIT}|(?!${certain(part.body)})(?:(?=${live(part.body)})${RUN_TO_HIT}|))`;
      }
      return part.captures
        ? `(?:${HIT}|(?=${LOOK}${live(part.body)}))(?:(?=${LOOKED}${END})${RUN_TO_HIT}|))`
        : `(?:${HIT}|(?=${certain(part.body)})|(?=${live(part.body)})${RUN_TO_HIT})`;
    case "group":
      return `${part.open}${live(part.body)})`;
    case "repeat":
      return part.item.kind === "atom" ? liveAtoms(part, part.item.source, 0) : liveRounds(part);
    case "sequence":
      return part.items.map(live).join("");
    case "alternation":
      return part.options.map(live).join("|");
  }
}

/** A repeated character; at least so many are there before the end. */
function liveAtoms({ min, max, lazy }: Repeat, atom: string, least: 0 | 1): string {
  if (max === 0) return "";
  const few = (most: number): string => most < least ? "" : `|${atom}${counts(least, most)}${HIT}`;
  if (lazy) return `(?:${atom}${counts(min, max)}?${few(max - 1)})`;
  if (max === Infinity) return `(?:${atom}${counts(min, max)}${MAY_HIT}${few(min - 1)})`;
  return `(?:${atom}{${max}}${few(max - 1)}${min < max ? `|${atom}${counts(min, max - 1)}` : ""})`;
}

/**
 * Tells whether a part may match without consuming a character.
 *
 * @param part The part.
 * @returns Whether it may.
 */
export function isNullable(part: Part): boolean {
  switch (part.kind) {
    case "atom":
      return false;
    case "group":
      return isNullable(part.body);
    case "repeat":
      return part.min === 0 || isNullable(part.item);
    case "sequence":
      return part.items.every(isNullable);
    case "alternation":
      return part.options.some(isNullable);
    default:
      return true;
  }
}

/**
 * A repeated part of any kind. A round that is not required must not be empty: where it can be, only a real
 * quantifier sees to that.
 */
function liveRounds({ item, min, max, lazy }: Repeat): string {
  const round = `(?:${live(item)})`;
  const sign = lazy ? "?" : "";
  const isBounded = max < Infinity;
  const copies = isBounded ? max : min;
  const isLong = copies > MAX_COPIES || copies * round.length > MAX_SOURCE_LENGTH;
  if (isLong || (isBounded && isNullable(item))) {
    return `${round}${counts(min, max)}${sign}${MAY_HIT}`;
  }
  const required = round.repeat(min);
  if (!isBounded) return required + (lazy ? `(?:${round}*?|${round}*${HIT})` : `${round}*${MAY_HIT}`);
  let optional = "";
  for (let i = min; i < max; i++) optional = lazy ? `(?:|${round}${optional})` : `(?:${round}${optional}|)`;
  return required + optional;
}

/**
 * The same where at least one character is there before the end, so that a search can skip to it; `null` if
 * the part may consume none.
 */
function begun(part: Part): string | null {
  switch (part.kind) {
    case "atom":
      return part.source;
    case "group": {
      const body = begun(part.body);
      return body === null ? null : `${part.open}${body})`;
    }
    case "repeat": {
      if (part.min === 0) return null;
      if (part.item.kind === "atom") return liveAtoms(part, part.item.source, 1);
      const first = begun(part.item);
      const rest = live({ ...part, min: part.min - 1, max: part.max - 1 });
      return first === null ? null : `(?:${first})${rest}`;
    }
    case "sequence": {
      const first = part.items.findIndex(({ kind }) => kind !== "assertion" && kind !== "lookbehind");
      const item = part.items[first];
      const start = item === undefined ? null : begun(item);
      if (start === null) return null;
      return part.items.slice(0, first).map(plain).join("") + start +
        part.items.slice(first + 1).map(live).join("");
    }
    case "alternation": {
      const options = part.options.map(begun);
      return options.includes(null) ? null : options.join("|");
    }
    default:
      return null;
  }
}

/** Gives each pair of a group and what refers to it a name: they nest. */
function nameLooks(source: string): string {
  const open: number[] = [];
  let count = 0;
  return source.replace(/\(\?<\0>|\\k<\0>/g, (token) => {
    if (token === LOOKED) return `\\k<look${open.pop()}>`;
    open.push(++count);
    return `(?<look${count}>`;
  });
}

/**
 * Makes the pattern that tells what another one would do.
 *
 * @param pattern The pattern.
 * @returns The other one, global; `null` if it can't be made, or would be too long.
 */
export function liveRegExp(pattern: RegExp): RegExp | null {
  const part = readRegExp(pattern.source, pattern.flags);
  if (part === null) return null;
  const source = begun(part) ?? live(part);
  if (source.length > MAX_SOURCE_LENGTH) return null;
  return new RegExp(nameLooks(source), pattern.flags.replace(/[dg]/g, "") + "g");
}

/**
 * Tells whether a match of such a pattern depends on what follows the text.
 *
 * @param match The match.
 * @returns Whether it is undecided.
 */
export function isUndecided(match: RegExpExecArray): boolean {
  const looks = Object.values(match.groups ?? {}).filter((look) => look !== undefined).length;
  let captures = 0;
  for (let group = 1; group < match.length; group++) if (match[group] !== undefined) captures++;
  return captures > looks;
}
