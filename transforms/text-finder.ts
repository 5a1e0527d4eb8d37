/**
 * Finds the text in an event, and the texts that it ends, by a format.
 *
 * What tells one text from another is the field it is in, and a key: the members that the format names, then
 * the elements that its path leads through. An end has such a key as well, and ends the texts whose keys
 * begin so.
 */

import type { JsonPath } from "./json-splice.ts";
import type { TextEnd, TextField, TextFormat } from "./text-formats.ts";

/** Each element of an array. */
const EACH = Symbol("each");

/** How much of a member that tells texts apart counts: those of all formats are small numbers. */
const MAX_KEY_CHARACTERS = 64;

const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

type Steps = readonly (string | typeof EACH)[];

/** What tells apart texts of one field. */
export type TextKey = readonly string[];

/** A piece of text, or a whole one. */
export interface FoundText {
  /** What tells it from all others. */
  readonly id: string;
  /** The number of its field in the format. */
  readonly field: number;
  readonly key: TextKey;
  /** Where it is in the event. */
  readonly path: JsonPath;
  readonly text: string;
}

/** What there is in an event. */
export interface Found {
  /** The pieces of texts. */
  readonly pieces: readonly FoundText[];
  /** The texts as a whole. */
  readonly wholes: readonly FoundText[];
  /** What is to be emptied, and with what. */
  readonly repeats: readonly { readonly path: JsonPath; readonly empty: "[]" | "null" }[];
  /** Tells whether it ends a text. */
  ends(text: Pick<FoundText, "field" | "key">): boolean;
  /** Tells whether it goes on with text in another field of the same thing, and with none of this one. */
  goesOnElsewhere(text: Pick<FoundText, "field" | "key">): boolean;
}

/** What a condition finds. */
type Kind = "piece" | "whole" | "end" | "repeat";

/** A field, an end or a repetition, prepared. */
interface Condition {
  readonly kind: Kind;
  /** The number of the field. */
  readonly field: number;
  readonly steps: Steps;
  readonly where: readonly (readonly [path: Steps, value: string])[];
  readonly by: readonly Steps[];
}

/** What is looked for below a value: all conditions whose paths lead there. */
interface Node {
  readonly conditions: Condition[];
  readonly members: [name: string, node: Node][];
  each: Node | undefined;
}

function parsePath(path: string): Steps {
  const steps = path.split(".").flatMap((segment, index) => {
    const [, name, each] = /^([^.[\]]*)((?:\[\*\])*)$/.exec(segment) ?? [];
    const isName = name !== undefined && (name !== "" || (index === 0 && each !== ""));
    if (!isName || each === undefined) return [];
    return [...(name === "" ? [] : [name]), ...Array<typeof EACH>(each.length / 3).fill(EACH)];
  });
  const written = steps.reduce<string>((text, step) => {
    return text + (step === EACH ? "[*]" : `${text === "" ? "" : "."}${step}`);
  }, "");
  if (steps.length > 0 && written === path) return steps;
  throw new SyntaxError(
    `Cannot find text as a path must be names with dots between them, with [*] behind those of arrays: ` +
      `got ${JSON.stringify(path)}`,
  );
}

function prepare(kind: Kind, { path, where, by }: TextField | TextEnd, field: number): Condition {
  return {
    kind,
    field,
    steps: path === undefined ? [] : parsePath(path),
    where: Object.entries(where ?? {}).map(([path, value]) => [parsePath(path), value] as const),
    by: (by ?? []).map(parsePath),
  };
}

function makeNode(): Node {
  return { conditions: [], members: [], each: undefined };
}

/** The node that a step leads to, made if it is not there. */
function nodeBelow(node: Node, step: string | typeof EACH): Node {
  if (step === EACH) return node.each ??= makeNode();
  const known = node.members.find(([name]) => name === step)?.[1];
  if (known !== undefined) return known;
  const made = makeNode();
  node.members.push([step, made]);
  return made;
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The value of a member; a path that leads through arrays has none. */
function valueAt(root: unknown, steps: Steps): unknown {
  let value = root;
  for (const step of steps) value = step === EACH ? undefined : member(value, step);
  return value;
}

/** A part of a key. Only the beginning of a long text counts, in a copy, as keys are kept. */
function keyPart(value: unknown): string {
  if (typeof value === "object") return value === null ? "null" : "";
  const text = String(value);
  if (text.length <= MAX_KEY_CHARACTERS) return text;
  return decoder.decode(encoder.encode(text.slice(0, MAX_KEY_CHARACTERS)));
}

function keyOf(element: unknown, position: number): string {
  const index = member(element, "index");
  return keyPart(typeof index === "number" || typeof index === "string" ? index : position);
}

/** A key as one string; keys of different lengths are never the same. */
function joinKey(key: TextKey): string {
  return `${key.length}\0${key.join("\0")}`;
}

function addTo<T>(sets: Map<string, Set<T>>, name: string, item: T): void {
  const known = sets.get(name);
  if (known === undefined) sets.set(name, new Set([item]));
  else known.add(item);
}

function isEmpty(value: unknown): boolean {
  return value === null || value === "" || value === false || (Array.isArray(value) && value.length === 0);
}

function beginsWith<T>(whole: readonly T[], beginning: readonly T[]): boolean {
  return beginning.every((item, index) => whole[index] === item);
}

/** One look at one event. */
class Look implements Found {
  readonly pieces: FoundText[] = [];
  readonly wholes: FoundText[] = [];
  readonly repeats: { readonly path: JsonPath; readonly empty: "[]" | "null" }[] = [];
  /** The paths of the ends, by their keys; as few as the format has. */
  readonly #ends: Map<string, Set<Steps>> = new Map();
  /** The fields that have pieces which are not empty, by their keys. */
  readonly #going: Map<string, Set<number>> = new Map();
  readonly #fields: readonly Condition[];
  readonly #root: unknown;
  /** What leads to the value that is looked at. */
  readonly #path: (string | number)[] = [];
  readonly #key: string[] = [];

  constructor(root: unknown, fields: readonly Condition[]) {
    this.#root = root;
    this.#fields = fields;
  }

  /** Looks at a value, and at what is below it. */
  at(value: unknown, node: Node): void {
    for (const condition of node.conditions) this.#take(value, condition);
    if (node.each !== undefined && Array.isArray(value)) {
      for (let position = 0; position < value.length; position++) {
        this.#path.push(position);
        this.#key.push(keyOf(value[position], position));
        this.at(value[position], node.each);
        this.#key.pop();
        this.#path.pop();
      }
    }
    if (typeof value !== "object" || value === null) return;
    for (const [name, below] of node.members) {
      const child = (value as Readonly<Record<string, unknown>>)[name];
      if (child === undefined) continue;
      this.#path.push(name);
      this.at(child, below);
      this.#path.pop();
    }
  }

  ends({ field, key }: Pick<FoundText, "field" | "key">): boolean {
    if (this.#ends.size === 0) return false;
    const { steps: own } = this.#fields[field] as Condition;
    for (let length = 0; length <= key.length; length++) {
      for (const steps of this.#ends.get(joinKey(key.slice(0, length))) ?? []) {
        // Where a field is a part of what has come, that is its text, not its end.
        if (steps.length === 0 || !beginsWith(own, steps)) return true;
      }
    }
    return false;
  }

  goesOnElsewhere({ field, key }: Pick<FoundText, "field" | "key">): boolean {
    const going = this.#going.get(joinKey(key));
    return going !== undefined && !going.has(field);
  }

  #take(value: unknown, { kind, field, steps, where, by }: Condition): void {
    const isText = kind === "piece" || kind === "whole";
    if (isText ? typeof value !== "string" : isEmpty(value)) return;
    for (const [path, wanted] of where) if (valueAt(this.#root, path) !== wanted) return;
    const path = [...this.#path];
    if (kind === "repeat") {
      return void this.repeats.push({ path, empty: Array.isArray(value) ? "[]" : "null" });
    }
    const key = [...by.map((path) => keyPart(valueAt(this.#root, path))), ...this.#key];
    const joined = joinKey(key);
    if (kind === "end") return addTo(this.#ends, joined, steps);
    if (kind === "piece" && value !== "") addTo(this.#going, joined, field);
    const found = { id: `${field}\0${joined}`, field, key, path, text: value as string };
    (kind === "piece" ? this.pieces : this.wholes).push(found);
  }
}

/** A format, prepared. */
export class TextFinder {
  readonly #fields: readonly Condition[];
  readonly #root: Node = makeNode();

  /**
   * @param format The format.
   * @throws {SyntaxError} If one of its paths can't be read.
   */
  constructor({ fields, ends = [], repeats = [] }: TextFormat) {
    this.#fields = fields.map((field, index) =>
      prepare(field.whole === true ? "whole" : "piece", field, index)
    );
    const others = [
      ...ends.map((end) => prepare("end", end, 0)),
      ...repeats.map((path) => prepare("repeat", { path }, 0)),
    ];
    for (const condition of [...this.#fields, ...others]) {
      condition.steps.reduce(nodeBelow, this.#root).conditions.push(condition);
    }
  }

  /**
   * Finds what there is in an event.
   *
   * @param root What its JSON says.
   * @returns What was found.
   */
  find(root: unknown): Found {
    const look = new Look(root, this.#fields);
    look.at(root, this.#root);
    return look;
  }
}
