/**
 * Regular expressions of all kinds, on bodies that nearly match: `replaceRegExp` makes of a body what `replace` makes of
 * its text, however it is cut.
 */
import assert from "node:assert/strict";
import { replaceRegExp } from "../../transforms/mod.ts";
import { cutAt, run } from "../harness/splits.ts";
import type { Random } from "./random.ts";
import { type Target, target } from "./target.ts";

interface RegExpSettings {
  readonly source: string;
  readonly flags: string;
  readonly replacement: string;
  readonly cuts: readonly number[];
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const REPLACEMENTS = ["x", "", "[$&]", "<$1>"];
// Longer ones make some patterns take for ever.
const LONGEST = 18;

const regexps: Target<RegExpSettings> = {
  name: "regexps",
  share: 1,
  seeds: () => [],
  generate(random) {
    const source = pattern(random, 2);
    const flags = random.chance(0.8) ? "g" : "";
    const settings = {
      source: isValid(source) ? source : "a+b",
      flags: flags + random.pick(["", "", "i", "m", "s", "u", "im"]),
      replacement: random.pick(REPLACEMENTS),
      cuts: [],
    };
    const octets = body(random);
    return { octets, settings: { ...settings, cuts: random.cuts(octets.length) } };
  },
  settle: (octets, settings, random) => ({ ...settings, cuts: random.cuts(octets.length) }),
  check({ octets, settings: { source, flags, replacement, cuts } }) {
    // What is no text in UTF-8 is another matter.
    const text = octets.slice(0, LONGEST).replace(/[^\t\n\r -~\xe4]/g, "c");
    const bytes = encoder.encode(text);
    const expected = text.replace(new RegExp(source, flags), replacement);
    for (const places of [[], cuts.filter((place) => place <= bytes.length)]) {
      const transform = replaceRegExp(new RegExp(source, flags), replacement);
      const { pieces } = run(transform, cutAt(bytes, places));
      const actual = decoder.decode(Uint8Array.from(pieces.flatMap((piece) => [...piece])));
      assert.equal(actual, expected, `/${source}/${flags} ${places.length === 0 ? "whole" : "cut"}`);
    }
    const kinds = [...new Set(source.match(/\(\?<?.|\\[bB1]|[*+?|^$[{]/g))].sort().join("");
    return `${kinds} ${flags} ${text === expected ? "as it was" : "changed"}`;
  },
};

/** Regular expressions, on text. */
export const regexpsTarget: Target = target(regexps);

function isValid(source: string): boolean {
  try {
    return new RegExp(source, "u").source !== "";
  } catch {
    return false;
  }
}

/** A pattern, so many groups deep. */
function pattern(random: Random, depth: number): string {
  const branches = random.times(random.chance(0.3) ? 2 : 1, () => {
    return random.times(1 + random.below(4), () => term(random, depth)).join("");
  });
  return branches.join("|");
}

function term(random: Random, depth: number): string {
  if (random.chance(0.12)) return random.pick(["^", "$", "\\b", "\\B"]);
  if (depth > 0 && random.chance(0.12)) {
    return `(?${random.pick(["=", "!", "<=", "<!"])}${pattern(random, depth - 1)})`;
  }
  const group = depth > 0 && random.chance(0.25);
  const atom = group ? `(${random.chance(0.4) ? "?:" : ""}${pattern(random, depth - 1)})` : random.pick([
    "a",
    "b",
    "c",
    "ab",
    "\xe4",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\s",
    "\\n",
    "[^]",
    ...backreference(random),
  ]);
  // Without limits, quantifiers within quantifiers take for ever.
  const quantifiers = group
    ? ["", "", "?", "{1,2}", "{2}"]
    : ["", "", "", "*", "+", "?", "{2}", "{1,3}", "*?", "+?"];
  return atom + random.pick(quantifiers);
}

function backreference(random: Random): string[] {
  return random.chance(0.1) ? ["\\1"] : [];
}

function body(random: Random): string {
  return random.times(random.below(LONGEST), () => random.pick([..."aaabbbc \n\r\xe4A1"])).join("");
}
