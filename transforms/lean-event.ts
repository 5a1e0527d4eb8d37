/**
 * Makes a small event of a large one, to carry on one of its texts: with what leads to the text, and with the
 * short members on the way, which say what kind of event it is. So many texts that share a large event don't
 * each have a copy of it.
 */

import type { JsonPath } from "./json-splice.ts";

/** How many short members are kept of an object: as many as any format has in front of its text. */
const MAX_MEMBERS = 16;

/** How many characters a name, or a text beside the one that is carried on, may have to be kept. */
const MAX_CHARACTERS = 64;

/** What JSON says, with one text in it. */
export interface LeanJson {
  readonly value: unknown;
  /** Where the text is in it. */
  readonly path: JsonPath;
}

function isShort([name, value]: readonly [string, unknown]): boolean {
  if (name.length > MAX_CHARACTERS) return false;
  return typeof value === "string"
    ? value.length <= MAX_CHARACTERS
    : typeof value !== "object" || value === null;
}

/**
 * Takes out of JSON what is not needed to carry on a text.
 *
 * @param value What it says; there is a text where the path leads.
 * @param path Where the text is.
 * @returns What is left, with an empty text. Arrays on the way have one element.
 */
export function leanJson(value: unknown, path: JsonPath): LeanJson {
  const [step, ...rest] = path;
  if (step === undefined) return { value: "", path };
  const below = leanJson((value as Readonly<Record<string | number, unknown>>)[step], rest);
  if (typeof step === "number") return { value: [below.value], path: [0, ...below.path] };
  const short = Object.entries(value as object).filter(isShort).slice(0, MAX_MEMBERS);
  const entries = [...short.filter(([name]) => name !== step), [step, below.value] as const];
  return { value: Object.fromEntries(entries), path: [step, ...below.path] };
}
