/** Replaces what a regular expression matches: the options, and what is made of them. */

import { checkByteCount, kind, toBytes } from "./bytes.ts";
import { patternOf, type RegExpEngine } from "./regexp-pattern.ts";
import { RegExpReplacer } from "./regexp-replacer.ts";
import { checkTemplate, fillTemplate, type RegExpMatch, type RegExpReplacement } from "./regexp-template.ts";
import { type TextCharset, type TextCodec, textCodecs, utf8Bytes } from "./text-codec.ts";
import { makeTransform, type Transform } from "./transform.ts";

/** How `replaceRegExp` searches. */
export interface ReplaceRegExpOptions {
  /**
   * How long a match may be in bytes, with what its lookahead looks at; at least 1, default 4096. So much is
   * held at most.
   */
  readonly maxMatch?: number;
  /**
   * How much of the text before the place of a match lookbehind can see, in UTF-16 code units; at least 1,
   * default 64.
   */
  readonly context?: number;
  /**
   * What to do where a match is, or may become, longer than `maxMatch`: fail with a `RangeError`, or leave it
   * as it is, call this function with where it begins in the body, in bytes, and go on behind its first
   * character; default `"error"`.
   */
  readonly onOverflow?: "error" | ((offset: number) => void);
  /**
   * Whether each line is a text by itself, up to the `\n` and without it; default `false`. So no match is held
   * beyond its line, and without the flag `g` the first match of each line is replaced.
   */
  readonly perLine?: boolean;
  /** The body's charset; default `"utf-8"`. */
  readonly charset?: TextCharset;
}

/** Prepares a replacement. */
function replacerOf(
  replacement: RegExpReplacement,
  codec: TextCodec,
): (match: RegExpMatch, offset: number) => Uint8Array {
  if (typeof replacement === "function") {
    return (match, offset) => {
      const made = replacement(match, offset);
      return made instanceof Uint8Array ? made : toBytes(made, "what the function returns", codec.encode);
    };
  }
  const constant = toBytes(replacement, "the replacement, where it is no function,", codec.encode);
  if (!replacement.includes("$")) return () => constant;
  checkTemplate(replacement);
  return (match) => codec.encode(fillTemplate(replacement, match));
}

/** A value that is none of those that an option may have. */
function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : kind(value);
}

function failAt(offset: number, maxMatch: number): never {
  throw new RangeError(
    `Cannot replace as a match must be at most ${maxMatch} bytes long: got one at byte ${offset} that is, or ` +
      "may become, longer; raise maxMatch, or say what is to be done by onOverflow",
  );
}

/**
 * Replaces what a regular expression matches, as `String.prototype.replace` would on the body's text, wherever
 * the body is cut: all matches with the flag `g`, else the first.
 *
 * - **Bytes held**: only what may still become a match, or another one, with more of the body, and never more
 *   than `maxMatch`; besides them, the beginning of a character. They are let go as soon as no match can begin
 *   there. After a repeated group with counts above 8, and after a lookahead that looks beyond what is there,
 *   that may be a character later. Of an engine, and of a pattern with a backreference, a lookahead in a
 *   lookbehind or a class of strings, nothing is known: `maxMatch` bytes are held all the time, with
 *   `perLine` the last line's.
 * - **Delay added**: none for other bytes; they are passed on as subarrays, in the call that brings them.
 * - **Memory**: `maxMatch`, and at most 64 KiB of text at a time. Nothing grows with the body. The time is
 *   that of the engine, which for some patterns grows with the square of a slice of 64 KiB, or worse: for
 *   patterns that are not one's own hand in an engine that takes linear time. A match that comes in many
 *   chunks is tried with each, so a chunk costs up to `maxMatch` more.
 *
 * A match that is longer than `maxMatch`, with what its lookahead looks at, is never missed silently where
 * the rule is known, but goes to `onOverflow`. Whether one is seen to be too long before it fails may depend
 * on how the body is cut. An engine's is seen if it comes in one piece.
 *
 * Bytes that are no text in the charset stay as they are: to the pattern they are lone surrogates, U+DC80 to
 * U+DCFF for the bytes 0x80 to 0xFF in UTF-8, and lone surrogates become those bytes. Without the flag `u` or
 * `v` a pattern may match half a character beyond U+FFFF, which has half of its bytes.
 *
 * @param pattern The expression, without the flag `y`; or an engine, whose matches are all replaced.
 * @param replacement What to put in place of a match: a template, or a function.
 * @param options How to search.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If the pattern does not search like a `RegExp`, or the replacement is neither a string
 *   nor a function.
 * @throws {RangeError} If a flag or an option is out of range; later, if a match is too long.
 * @throws {SyntaxError} If a template has `` $` `` or `$'`: what lies around a match is not at hand.
 *
 * @example Dates turned round
 * ```ts
 * import { replaceRegExp } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const turn = replaceRegExp(/\b(?<day>\d\d)\.(?<month>\d\d)\.(\d{4})\b/g, "$3-$<month>-$<day>");
 * const chunks = ["on 31.1", "2.1999 and 01.01.2000"].map((text) => new TextEncoder().encode(text));
 * const body = ReadableStream.from(chunks).pipeThrough(turn);
 * assert.equal(await new Response(body).text(), "on 1999-12-31 and 2000-01-01");
 * ```
 *
 * @example Long tokens counted, and left alone
 * ```ts
 * import { replaceRegExp } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let tooLong = 0;
 * const mask = replaceRegExp(/key=\w+/g, "key=***", { maxMatch: 16, onOverflow: () => void tooLong++ });
 * const body = new Response("key=abc key=abcdefghijklmnopqrstuvwxyz").body!.pipeThrough(mask);
 * assert.equal(await new Response(body).text(), "key=*** key=abcdefghijklmnopqrstuvwxyz");
 * assert.equal(tooLong, 1);
 * ```
 */
export function replaceRegExp(
  pattern: RegExp | RegExpEngine,
  replacement: RegExpReplacement,
  options: ReplaceRegExpOptions = {},
): Transform {
  const { maxMatch = 4096, context = 64, perLine = false, charset = "utf-8", onOverflow = "error" } = options;
  checkByteCount(maxMatch, 1, "Cannot replace as maxMatch");
  checkByteCount(context, 1, "Cannot replace as the context");
  if (!Object.hasOwn(textCodecs, charset)) {
    const known = Object.keys(textCodecs).join(", ");
    throw new RangeError(`Cannot replace as the charset must be one of ${known}: got ${charset}`);
  }
  if (onOverflow !== "error" && typeof onOverflow !== "function") {
    throw new TypeError(
      `Cannot replace as onOverflow must be "error" or a function: got ${describe(onOverflow)}`,
    );
  }
  const prepared = patternOf(pattern);
  const codec = charset === "utf-8" && prepared.bytewise ? utf8Bytes : textCodecs[charset];
  const replacer = new RegExpReplacer({
    pattern: prepared,
    codec,
    replace: replacerOf(replacement, codec),
    maxMatch,
    context,
    perLine,
    onOverflow: onOverflow === "error" ? (offset) => failAt(offset, maxMatch) : onOverflow,
  });
  return makeTransform(replacer, { retains: false, fragments: true });
}
