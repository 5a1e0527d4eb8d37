/**
 * Puts other values into JSON text, and leaves all its other bytes as they are: spaces, the order of members,
 * how numbers and strings are written.
 *
 * The text must be valid; whoever asks has parsed it to know what to replace. So the scan only has to tell
 * strings from the brackets between them. Where a name occurs twice in an object, every occurrence is
 * replaced.
 */

import { concat } from "./concat.ts";

/** The names of members and the indexes of elements that lead to a value. */
export type JsonPath = readonly (string | number)[];

/** A value to put into JSON text. */
export interface JsonEdit {
  /** Where the value is. */
  readonly path: JsonPath;
  /** What to put there, as JSON text. */
  readonly json: Uint8Array;
}

/** Where a value lies, and what to put there. */
interface Place {
  readonly start: number;
  readonly end: number;
  readonly json: Uint8Array;
}

/** What is looked for below a value. */
class Node {
  json: Uint8Array | undefined;
  readonly children: Map<string | number, Node> = new Map();
  /** The names of members as they are mostly written. */
  readonly literals: [literal: Uint8Array, node: Node][] = [];

  /** The node that a step leads to, made if it is not there. */
  below(step: string | number): Node {
    const known = this.children.get(step);
    if (known !== undefined) return known;
    const made = new Node();
    this.children.set(step, made);
    if (typeof step === "string") this.literals.push([encoder.encode(JSON.stringify(step)), made]);
    return made;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** One scan of one text. */
class Scan {
  readonly places: Place[] = [];
  readonly #text: Uint8Array;
  #at = 0;

  constructor(text: Uint8Array) {
    this.#text = text;
  }

  /** Takes a value in which something is looked for. */
  walk(node: Node): void {
    this.#skipSpace();
    const start = this.#at;
    const byte = this.#text[start];
    if (node.json !== undefined || (byte !== OPEN_OBJECT && byte !== OPEN_ARRAY)) this.#skipValue();
    else if (byte === OPEN_OBJECT) this.#walkObject(node);
    else this.#walkArray(node);
    if (node.json !== undefined) this.places.push({ start, end: this.#at, json: node.json });
  }

  #walkObject(node: Node): void {
    this.#at++;
    while (this.#goesOn(CLOSE_OBJECT)) {
      const start = this.#at;
      this.#skipString();
      const child = this.#childNamed(node, start, this.#at);
      this.#skipSpace();
      this.#at++;
      this.#walkChild(child);
    }
  }

  #childNamed(node: Node, start: number, end: number): Node | undefined {
    const text = this.#text;
    for (const [literal, child] of node.literals) {
      if (literal.length === end - start && literal.every((byte, index) => text[start + index] === byte)) {
        return child;
      }
    }
    // A name may be written in other ways, all of which take a backslash.
    const name = text.subarray(start, end);
    return name.includes(BACKSLASH)
      ? node.children.get(JSON.parse(decoder.decode(name)) as string)
      : undefined;
  }

  #walkArray(node: Node): void {
    this.#at++;
    for (let index = 0; this.#goesOn(CLOSE_ARRAY); index++) this.#walkChild(node.children.get(index));
  }

  #walkChild(node: Node | undefined): void {
    this.#skipSpace();
    if (node === undefined) this.#skipValue();
    else this.walk(node);
    this.#skipSpace();
    if (this.#text[this.#at] === COMMA) this.#at++;
  }

  /** Whether there is another member or element; steps over the bracket if there is none. */
  #goesOn(close: number): boolean {
    this.#skipSpace();
    if (this.#at < this.#text.length && this.#text[this.#at] !== close) return true;
    this.#at++;
    return false;
  }

  #skipValue(): void {
    const text = this.#text;
    let depth = 0;
    while (this.#at < text.length) {
      const byte = text[this.#at] as number;
      if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++;
      const closes = byte === CLOSE_OBJECT || byte === CLOSE_ARRAY;
      if (depth === 0 && (closes || byte === COMMA || isSpace(byte))) return;
      if (byte === QUOTE) this.#skipString();
      else this.#at++;
      if (closes) depth--;
      if (depth === 0 && (closes || byte === QUOTE)) return;
    }
  }

  #skipString(): void {
    const text = this.#text;
    for (this.#at++; this.#at < text.length && text[this.#at] !== QUOTE; this.#at++) {
      if (text[this.#at] === BACKSLASH) this.#at++;
    }
    this.#at++;
  }

  #skipSpace(): void {
    while (isSpace(this.#text[this.#at])) this.#at++;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/**
 * Puts other values into JSON text.
 *
 * @param text The text, valid JSON in UTF-8.
 * @param edits The values; none of them lies within another. Those that lead nowhere change nothing.
 * @returns The new text, in memory of its own.
 */
export function spliceJson(text: Uint8Array, edits: readonly JsonEdit[]): Uint8Array {
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const { start, end, json } of find(text, edits)) {
    parts.push(text.subarray(from, start), json);
    from = end;
  }
  return concat([...parts, text.subarray(from)]);
}

/**
 * Leaves only one element in each array that a path leads through; the others are taken out.
 *
 * @param text The text, valid JSON in UTF-8.
 * @param path Where the element is, or what is in it.
 * @returns The new text, in memory of its own.
 */
export function isolateJson(text: Uint8Array, path: JsonPath): Uint8Array {
  // From the inside out, as the indexes on the way to an array stay as they are until it is changed itself.
  return path.reduceRight<Uint8Array>((text, step, depth) => {
    if (typeof step !== "number") return text;
    const [element] = find(text, [{ path: path.slice(0, depth + 1), json: none }]);
    if (element === undefined) return text;
    const json = concat([
      Uint8Array.of(OPEN_ARRAY),
      text.subarray(element.start, element.end),
      Uint8Array.of(CLOSE_ARRAY),
    ]);
    return spliceJson(text, [{ path: path.slice(0, depth), json }]);
  }, text);
}

const none: Uint8Array = new Uint8Array();

function find(text: Uint8Array, edits: readonly JsonEdit[]): readonly Place[] {
  const root = new Node();
  for (const { path, json } of edits) path.reduce((node, step) => node.below(step), root).json = json;
  const scan = new Scan(text);
  scan.walk(root);
  return scan.places;
}
