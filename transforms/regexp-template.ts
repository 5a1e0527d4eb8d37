/** Replacements of regular expressions: text with `$` in it, as `String.prototype.replace` takes it, or functions. */

/**
 * A match, as `RegExp.prototype.exec` gives it: the text that matched, what its groups captured, and these by
 * name.
 */
export interface RegExpMatch extends ReadonlyArray<string | undefined> {
  /** The text that matched. */
  readonly 0: string;
  /** Where it begins in the text that was searched, in UTF-16 code units. */
  readonly index: number;
  /** What named groups captured; absent if there are none. */
  readonly groups?: Readonly<Record<string, string | undefined>> | undefined;
}

/**
 * What a regular expression's match is replaced by: a template, in which `$$`, `$&`, `$1` to `$99` and
 * `$<name>` mean what they mean to `String.prototype.replace`; or a function, called with the match and with
 * where it begins in the body before any change, in bytes. Bytes that it returns must not be changed
 * afterwards.
 */
export type RegExpReplacement = string | ((match: RegExpMatch, offset: number) => string | Uint8Array);

const PLACEHOLDER = /\$(?:([$&])|(\d{1,2})|<([^>]*)>)/g;

/** What is before or behind a match is not at hand. */
const SURROUNDINGS = /^(?:[^$]|\$[^`'])*?\$([`'])/;

/**
 * Checks a template.
 *
 * @param template The template.
 * @throws {SyntaxError} If it refers to what is before or behind the match.
 */
export function checkTemplate(template: string): void {
  const mark = SURROUNDINGS.exec(template)?.[1];
  if (mark === undefined) return;
  throw new SyntaxError(
    `Cannot replace as the replacement must be made of the match alone: got $${mark}, which is the body ` +
      `${mark === "`" ? "before" : "behind"} it`,
  );
}

/**
 * Fills in a template. ECMA-262, GetSubstitution.
 *
 * @param template The template.
 * @param match The match.
 * @returns The text.
 */
export function fillTemplate(template: string, match: RegExpMatch): string {
  const count = match.length - 1;
  return template.replace(PLACEHOLDER, (all, sign?: string, digits?: string, name?: string) => {
    if (sign !== undefined) return sign === "$" ? "$" : match[0];
    if (name !== undefined) return match.groups === undefined ? all : match.groups[name] ?? "";
    const two = Number(digits);
    if (two >= 1 && two <= count) return match[two] ?? "";
    const one = Number((digits as string)[0]);
    if ((digits as string).length < 2 || one < 1 || one > count) return all;
    return (match[one] ?? "") + (digits as string)[1];
  });
}
