/**
 * Rules for bodies: `[/filter]/regex/replacement`. Each becomes a transform of the body's charset: a plain text is
 * searched by itself, which is much faster than an expression.
 */
import { replace, replaceRegExp, type Transformer } from "../transforms/mod.ts";
import type { BodyCharset } from "./body-charset.ts";
import { readPattern, type RulePattern } from "./rule-pattern.ts";
import { readRule, type RuleText } from "./rule-text.ts";

/** A rule for bodies, as it was written. */
export interface BodyRuleText extends RuleText {
  /** What it looks for. */
  readonly pattern: RulePattern;
}

/** A rule for bodies. */
export interface BodyRule extends BodyRuleText {
  /** What is put in the place of a match, as it is: `$` and `\1` mean nothing. */
  readonly replacement: string | Uint8Array;
}

/** How long a match of an expression may be, in bytes. */
export const MAX_MATCH_BYTES = 4096;

/**
 * Reads a rule for bodies.
 *
 * @param written The rule.
 * @returns The rule, with its replacement yet to be read if that is a file.
 * @throws {SyntaxError} If it can't be read.
 */
export function parseBodyRule(written: string): BodyRuleText {
  const rule = readRule(written);
  return { ...rule, pattern: readPattern(rule.subject) };
}

/**
 * Makes a rule's transform for one body.
 *
 * @param rule The rule.
 * @param body The body's charset.
 * @param warn Where somebody is told that the rule can't be applied, or was not everywhere.
 * @returns The transform, or `null` if the body's charset can't be searched for this, or can't have what replaces it.
 */
export function bodyRuleTransform(
  rule: BodyRule,
  body: BodyCharset,
  warn: (text: string) => void,
): Transformer | null {
  const { pattern: { literal, regexp }, replacement } = rule;
  const written = typeof replacement === "string" ? replacement : "";
  if (!body.has(literal ?? regexp.source) || !body.has(written)) {
    warn(`The rule ${JSON.stringify(rule.written)} is not applied as the body's charset is ${body.name}`);
    return null;
  }
  const { charset } = body;
  if (literal === null) return new Counted(rule, charset, warn);
  if (charset !== "latin1") return replace(literal, replacement, { charset });
  return replace(literal, replacement, { encode: latin1Bytes });
}

function latin1Bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Replaces what an expression matches, and tells at the end how often a match was too long. */
class Counted implements Transformer {
  readonly #inner: Transformer;
  readonly #end: () => void;

  constructor(rule: BodyRule, charset: BodyCharset["charset"], warn: (text: string) => void) {
    const { pattern: { regexp }, replacement, written } = rule;
    let tooLong = 0;
    this.#inner = replaceRegExp(regexp, () => replacement, {
      charset,
      maxMatch: MAX_MATCH_BYTES,
      onOverflow: () => void tooLong++,
    });
    this.#end = () => {
      if (tooLong === 0) return;
      warn(
        `The rule ${JSON.stringify(written)} left ${tooLong} ${
          tooLong === 1 ? "place" : "places"
        } as they were, ` +
          `where a match was, or might have become, longer than ${MAX_MATCH_BYTES} bytes`,
      );
    };
  }

  transform(chunk: Uint8Array, controller: Parameters<Transformer["transform"]>[1]): void {
    this.#inner.transform(chunk, controller);
  }

  flush(controller: Parameters<Transformer["transform"]>[1]): void {
    this.#inner.flush?.(controller);
    this.#end();
  }

  cancel(reason?: unknown): void {
    this.#inner.cancel?.(reason);
  }
}
