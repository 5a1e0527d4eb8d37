/**
 * The lines of one block of an event stream (HTML standard, section 9.2.6), read and written.
 */

import { CR, LF } from "./line-ends.ts";

const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_D = 0x64;

const encoder: TextEncoder = new TextEncoder();

/** The fields that mean something. */
export type EventFieldName = "data" | "event" | "id" | "retry";

const fieldNames: readonly (readonly [name: EventFieldName, bytes: Uint8Array])[] =
  (["data", "event", "id", "retry"] as const).map((name) => [name, encoder.encode(name)]);

const dataName: Uint8Array = encoder.encode("data");

/** How many numbers tell of a line: where it starts, where its value starts and ends, and its field. */
const STRIDE = 4;

/** How many lines most events have at most. */
const FEW_LINES = 8;

/** The lines of a block, by where they lie: as numbers in one array, since a block may have millions. */
export class EventLines {
  #numbers: Int32Array = new Int32Array(STRIDE * FEW_LINES);
  #count = 0;
  readonly #end: number;

  /**
   * Finds the lines.
   *
   * @param bytes Where the block lies.
   * @param start The index of its first byte.
   * @param end The index behind its last byte.
   */
  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#end = end;
    for (let at = start; at < end;) {
      const valueEnd = findLineEnd(bytes, at, end);
      const isPair = bytes[valueEnd] === CR && bytes[valueEnd + 1] === LF;
      this.#add(bytes, at, valueEnd);
      at = Math.min(end, valueEnd + (isPair ? 2 : 1));
    }
  }

  /** How many there are, the empty one that ends the block included. */
  get count(): number {
    return this.#count;
  }

  /** The index of a line's first byte. */
  start(line: number): number {
    return this.#numbers[line * STRIDE] as number;
  }

  /** The index of its value's first byte. */
  valueStart(line: number): number {
    return this.#numbers[line * STRIDE + 1] as number;
  }

  /** The index behind its value: that of the line end. */
  valueEnd(line: number): number {
    return this.#numbers[line * STRIDE + 2] as number;
  }

  /** The index behind its line end. */
  end(line: number): number {
    return line + 1 < this.#count ? this.start(line + 1) : this.#end;
  }

  /** Its field; `null` for a comment, an empty line, or a field that means nothing. */
  name(line: number): EventFieldName | null {
    return fieldNames[this.#numbers[line * STRIDE + 3] as number]?.[0] ?? null;
  }

  #add(block: Uint8Array, start: number, valueEnd: number): void {
    if (this.#numbers.length === this.#count * STRIDE) {
      const larger = new Int32Array(2 * this.#numbers.length);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const at = this.#count++ * STRIDE;
    const field = fieldNames.findIndex(([, bytes]) => isFieldAt(block, start, valueEnd, bytes));
    this.#numbers[at] = start;
    this.#numbers[at + 1] = field < 0 ? start : valueStart(block, start, valueEnd, field);
    this.#numbers[at + 2] = valueEnd;
    this.#numbers[at + 3] = field;
  }
}

function valueStart(block: Uint8Array, start: number, valueEnd: number, field: number): number {
  const colon = start + (fieldNames[field]?.[1].length ?? 0);
  return Math.min(valueEnd, colon + (block[colon + 1] === SPACE ? 2 : 1));
}

/** The index of the first CR or LF; the end if there is none. Nearly all bytes are above both: four at a time. */
function findLineEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  for (;; at++) {
    while (
      at + 3 < end && (bytes[at] as number) > CR && (bytes[at + 1] as number) > CR &&
      (bytes[at + 2] as number) > CR && (bytes[at + 3] as number) > CR
    ) at += 4;
    if (at >= end || bytes[at] === LF || bytes[at] === CR) return at;
  }
}

/** Whether a line's name is this one: the whole line, or what is in front of its first colon. */
function isFieldAt(block: Uint8Array, start: number, end: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (block[start + i] !== name[i]) return false;
  const behind = start + name.length;
  if (behind >= end) return behind === end;
  const byte = block[behind];
  return byte === COLON || byte === LF || byte === CR;
}

/**
 * Tells whether a line has the field `data`.
 *
 * @param bytes Where the line lies.
 * @param start The index of its first byte.
 * @param end The index behind the last byte that is there.
 * @returns Whether it has.
 */
export function isDataLine(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] === LETTER_D && isFieldAt(bytes, start, end, dataName);
}

/**
 * Tells whether a block has a `data` field, so that clients dispatch it.
 *
 * @param bytes Where the block lies.
 * @param start The index of its first byte.
 * @param end The index behind its last byte.
 * @returns Whether it has.
 */
export function hasData(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at = findLineEnd(bytes, at, end) + 1) {
    if (isDataLine(bytes, at, end)) return true;
  }
  return false;
}

/**
 * Writes a line.
 *
 * @param name Its field; empty for a comment.
 * @param value Its value, without a line end.
 * @param separator What stands between them.
 * @returns The line, without an end.
 */
export function writeEventLine(name: string, value: Uint8Array, separator: ":" | ": "): Uint8Array {
  // A space behind the colon is no part of the value, so a value that begins with one needs another.
  const before = encoder.encode(name + (value[0] === SPACE ? ": " : separator));
  const line = new Uint8Array(before.length + value.length);
  line.set(before);
  line.set(value, before.length);
  return line;
}

/**
 * Checks a value that must fit into one line.
 *
 * @param value The value.
 * @param role What it is, as "Cannot set …" names it.
 * @returns The value's bytes.
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it has a line end.
 */
export function checkLineValue(value: unknown, role: string): Uint8Array {
  if (typeof value !== "string") {
    throw new TypeError(`Cannot set ${role} as it must be a string: got ${typeof value}`);
  }
  if (!/[\r\n]/.test(value)) return encoder.encode(value);
  throw new RangeError(`Cannot set ${role} as it must have no line ends: got ${JSON.stringify(value)}`);
}

/**
 * Checks an id. Clients ignore one that has a NUL.
 *
 * @param value The id.
 * @returns Its bytes.
 * @throws {TypeError} If it is no string.
 * @throws {RangeError} If it has a line end or a NUL.
 */
export function checkId(value: unknown): Uint8Array {
  const bytes = checkLineValue(value, "the id of the event");
  if (!bytes.includes(0)) return bytes;
  throw new RangeError(`Cannot set the id of the event as it must have no NUL: got ${JSON.stringify(value)}`);
}

/**
 * Checks text that may have several lines.
 *
 * @param value The text.
 * @param role What it is, as "Cannot set …" names it.
 * @returns The text, with LF between its lines.
 * @throws {TypeError} If it is no string.
 */
export function checkText(value: unknown, role: string): string {
  if (typeof value === "string") return value.replace(/\r\n?/g, "\n");
  throw new TypeError(`Cannot set ${role} as it must be a string: got ${typeof value}`);
}

/**
 * Checks a time to reconnect.
 *
 * @param value The time, in milliseconds.
 * @returns Its digits.
 * @throws {RangeError} If it is not a whole number, 0 or more.
 */
export function checkRetry(value: unknown): Uint8Array {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return encoder.encode(String(value));
  throw new RangeError(
    `Cannot set the retry of the event as it must be a whole number of milliseconds, 0 or more: got ${value}`,
  );
}
