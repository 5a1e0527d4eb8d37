/** The steps of a chain, as data: what transform each is, and what it must do to a whole body, said in another way. */
import {
  drop,
  limit,
  mapEvents,
  mapJson,
  mapLines,
  mapRecords,
  rechunk,
  replace,
  replaceMany,
  tap,
  type Transform,
} from "../../transforms/mod.ts";
import { bytes, text } from "../harness/splits.ts";
import type { Random } from "./random.ts";

/** What is replaced: a search, and what goes in its place; a character an octet. */
export type Pair = readonly [search: string, replacement: string];

/** A step. */
export type Step =
  | { readonly kind: "replace"; readonly pair: Pair; readonly ignoreCase: boolean; readonly most: number }
  | {
    readonly kind: "replaceMany";
    readonly pairs: readonly Pair[];
    readonly ignoreCase: boolean;
    readonly most: number;
  }
  | { readonly kind: "rechunk"; readonly size: number; readonly exact: boolean }
  | { readonly kind: "limit"; readonly size: number }
  | { readonly kind: "tap" | "events" | "lines" | "json" }
  | { readonly kind: "records"; readonly delimiter: string };

/** Stands for "as often as there is one": infinity is no JSON. */
const ALWAYS = -1;

/** Makes a step's transform. */
export function makeStep(step: Step): Transform {
  switch (step.kind) {
    case "replace":
      return replace(bytes(step.pair[0]), bytes(step.pair[1]), optionsOf(step));
    case "replaceMany":
      return replaceMany(
        step.pairs.map(([search, by]) => [bytes(search), bytes(by)] as const),
        optionsOf(step),
      );
    case "rechunk":
      return rechunk(step.size, { exact: step.exact });
    case "limit":
      return limit(step.size, { onExcess: "terminate" });
    case "tap":
      return tap(() => {});
    case "events":
      // What is read and not assigned stays as it is.
      return mapEvents(({ data, type, id }) => void [data, type, id], { withoutData: true });
    case "lines":
      return mapLines((line) => mapped(line));
    case "records":
      return mapRecords(bytes(step.delimiter), (record) => mapped(record));
    case "json":
      return mapJson(otherValue, { onInvalid: "pass" });
  }
}

/** What a step must make of a whole body. */
export function expectedOf(step: Step, body: string): string {
  switch (step.kind) {
    case "replace":
      return replaced(body, [step.pair], step.ignoreCase, step.most);
    case "replaceMany":
      return replaced(body, step.pairs, step.ignoreCase, step.most);
    case "limit":
      return body.slice(0, step.size);
    case "rechunk":
    case "tap":
    case "events":
      return body;
    case "lines":
      return body.replace(
        /([^\r\n]*)(\r\n|\r|\n)|[^\r\n]+$/g,
        (whole, line: string | undefined, end: string | undefined) => {
          return mappedText(line ?? whole, end ?? "");
        },
      );
    case "records": {
      const records = body.split(step.delimiter);
      const last = records.pop()!;
      return records.map((record) => mappedText(record, step.delimiter)).join("") +
        (last === "" ? "" : mappedText(last, ""));
    }
    case "json":
      return body.replace(
        /([^\r\n]*)(\r\n|\r|\n)|[^\r\n]+$/g,
        (whole, line: string | undefined, end: string | undefined) => {
          return jsonText(line ?? whole, end ?? "");
        },
      );
  }
}

function optionsOf({ ignoreCase, most }: { ignoreCase: boolean; most: number }) {
  return { ignoreCase, limit: most === ALWAYS ? Infinity : most };
}

/** Replaces as `replaceAll` would: the leftmost, of several there the longest. */
function replaced(body: string, pairs: readonly Pair[], ignoreCase: boolean, most: number): string {
  const fold = (octets: string): string =>
    ignoreCase ? octets.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : octets;
  const folded = fold(body);
  const longestFirst = pairs.map(([search, by]) => [fold(search), by] as const).sort(([a], [b]) =>
    b.length - a.length
  );
  let out = "";
  let left = most === ALWAYS ? Infinity : most;
  for (let at = 0; at < body.length;) {
    const found = left > 0 ? longestFirst.find(([search]) => folded.startsWith(search, at)) : undefined;
    if (found === undefined) out += body[at++];
    else {
      out += found[1];
      at += found[0].length;
      left--;
    }
  }
  return out;
}

/** What the records' functions do: leave out what begins with a number sign, double what begins with b. */
function mapped(record: Uint8Array): Uint8Array | null | undefined {
  if (record[0] === 0x23) return null;
  return record[0] === 0x62 ? bytes(text(record).repeat(2)) : undefined;
}

function mappedText(record: string, end: string): string {
  if (record.startsWith("#")) return "";
  return (record.startsWith("b") ? record.repeat(2) : record) + end;
}

/** What the values' function does: leave out `null`, count numbers up, leave the rest. */
function otherValue(value: unknown): unknown {
  if (value === null) return drop;
  return typeof value === "number" ? value + 1 : undefined;
}

function jsonText(line: string, end: string): string {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(line)));
  } catch {
    // What is no JSON passes as it is.
    return line + end;
  }
  const other = otherValue(value);
  if (other === drop) return "";
  return (other === undefined ? line : JSON.stringify(other)) + end;
}

// Words that overlap themselves and one another.
const WORDS = [
  "a",
  "ab",
  "aab",
  "aba",
  "abab",
  "abcab",
  "ABC",
  "foobar",
  "oob",
  "\xff\xfe",
  "\r\n",
  "needle in a haystack",
  "aaaaaaaaaaab",
  "aabc",
  "ababac",
  "aabaabaaac",
];

function pair(random: Random): Pair {
  const search = random.chance(0.6)
    ? random.pick(WORDS)
    : random.times(1 + random.below(5), () => random.pick([..."abA\r\n\xff"])).join("");
  return [search, random.pick(["", "x", search + search, "abab", "\n", "Xyz".repeat(random.below(5))])];
}

/** A step, made by chance. */
export function anyStep(random: Random): Step {
  const compares = { ignoreCase: random.chance(0.3), most: random.chance(0.8) ? ALWAYS : random.below(4) };
  return random.pick<() => Step>([
    () => ({ kind: "replace", pair: pair(random), ...compares }),
    () => ({ kind: "replace", pair: pair(random), ...compares }),
    () => ({ kind: "replaceMany", pairs: random.times(random.below(5), () => pair(random)), ...compares }),
    () => ({ kind: "replaceMany", pairs: random.times(random.below(5), () => pair(random)), ...compares }),
    () => ({ kind: "rechunk", size: 1 + random.below(20), exact: random.chance(0.5) }),
    () => ({ kind: "limit", size: random.below(60) }),
    () => ({ kind: random.pick(["tap", "events", "lines", "json"]) }),
    () => ({ kind: "records", delimiter: pair(random)[0] }),
  ])();
}

/** ASCII only: there are octets whose other case is none. */
function upper(octets: string): string {
  return octets.replace(/[a-z]/g, (letter) => letter.toUpperCase());
}

/** A body in which the steps find something. */
export function bodyFor(steps: readonly Step[], random: Random): string {
  const words = steps.flatMap((step) => {
    if (step.kind === "replace") return [step.pair[0]];
    if (step.kind === "replaceMany") return step.pairs.map(([search]) => search);
    if (step.kind === "records") return [step.delimiter];
    if (step.kind === "lines") return ["#x", "b", "\r", "\n", "\r\n"];
    if (step.kind === "json") return ["1", "null", '{"a":1}', "\n", "\r\n", " "];
    return step.kind === "events"
      ? ["data: x", "id: 1", ":", "\n", "\r", "\r\n", "\n\n", "\xef\xbb\xbf"]
      : [];
  });
  const known = words.length > 0 ? words : WORDS;
  return random.times(random.below(30), () => {
    const word = random.pick(known);
    return random.pick([word, word.slice(0, random.below(word.length + 1)), upper(word), word.slice(1), "c"]);
  }).join("");
}
