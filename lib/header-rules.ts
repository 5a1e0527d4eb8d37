/**
 * Rules for fields: `[/filter]/name/value`. What the rules that apply name is removed first; then each adds its line, so
 * that two rules for one field make two lines, and an empty value makes none.
 */
import { HeaderList } from "./headers.ts";
import { readRule, type RuleText } from "./rule-text.ts";

/** A rule for fields, as it was written; its subject is the field's name. */
export type HeaderRuleText = RuleText;

/** A rule for fields. */
export interface HeaderRule extends HeaderRuleText {
  /** The field's value; empty for none. */
  readonly replacement: string;
}

const framing: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);

/**
 * Reads a rule for fields.
 *
 * @param written The rule.
 * @returns The rule, with its value yet to be read if that is a file.
 * @throws {SyntaxError} If it can't be read, or no message may have such a field.
 */
export function parseHeaderRule(written: string): HeaderRuleText {
  const rule = readRule(written);
  checkField(rule.subject, rule.value.kind === "text" ? rule.value.text : "");
  return rule;
}

/**
 * Checks a field that a rule sets.
 *
 * @param name Its name.
 * @param value Its value.
 * @throws {SyntaxError} If no message may have it, or it is the engine's to set.
 */
export function checkField(name: string, value: string): void {
  if (framing.has(name.toLowerCase())) {
    throw new SyntaxError(`Cannot set the field ${name} as that follows from how the body is sent`);
  }
  try {
    new HeaderList().append(name, value);
  } catch (cause) {
    throw new SyntaxError((cause as Error).message, { cause });
  }
}

/**
 * Applies rules to fields.
 *
 * @param rules The rules whose filters let the flow through.
 * @param headers The fields; they are changed in place.
 */
export function applyHeaderRules(rules: readonly HeaderRule[], headers: HeaderList): void {
  for (const { subject } of rules) headers.delete(subject);
  for (const { subject, replacement } of rules) {
    if (replacement !== "") headers.append(subject, replacement);
  }
}
