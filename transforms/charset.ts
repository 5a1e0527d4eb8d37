/** How text becomes the bytes of a body, and which of a body's bytes belong together. */

import { toBytes } from "./bytes.ts";

/** The charsets that transforms know by themselves. */
export type Charset = "utf-8" | "utf-16le" | "utf-16be";

/** What the charset of a body is. */
export interface CharsetOptions {
  /** The body's charset: what text is encoded in; default `"utf-8"`. */
  readonly charset?: Charset;
  /**
   * Encodes text in a charset whose units are single bytes, as the transforms bring no tables of such; default:
   * what `charset` says.
   */
  readonly encode?: (text: string) => Uint8Array;
}

/** How the bytes of a charset make units: 1 or 2 bytes each, and where in a unit an ASCII character lies. */
export interface UnitLayout {
  /** The bytes of a unit. A match begins at a multiple of it. */
  readonly bytes: 1 | 2;
  /** The index in a unit of the byte that an ASCII character has; the other byte is 0. */
  readonly low: 0 | 1;
}

/** A charset, ready for use. */
export interface Encoding {
  /** How its bytes make units. */
  readonly units: UnitLayout;
  /** Makes bytes of text. */
  encode(text: string): Uint8Array;
}

const encoder = new TextEncoder();

/**
 * Writes the units of a text in two bytes each, lone surrogates too.
 *
 * @param text The text.
 * @param littleEndian Whether the low byte comes first.
 * @returns The bytes.
 */
export function encodeUtf16(text: string, littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * text.length));
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return new Uint8Array(view.buffer);
}

const ENCODINGS: Readonly<Record<Charset, Encoding>> = {
  "utf-8": { units: { bytes: 1, low: 0 }, encode: (text) => encoder.encode(text) },
  "utf-16le": { units: { bytes: 2, low: 0 }, encode: (text) => encodeUtf16(text, true) },
  "utf-16be": { units: { bytes: 2, low: 1 }, encode: (text) => encodeUtf16(text, false) },
};

/**
 * Finds the encoding that options ask for.
 *
 * @param options The options.
 * @returns The encoding.
 * @throws {RangeError} If the charset is none of those known here, or is UTF-16 with an encoder of one's own.
 */
export function encodingOf(options: CharsetOptions): Encoding {
  const { charset = "utf-8", encode } = options;
  if (!Object.hasOwn(ENCODINGS, charset)) {
    throw new RangeError(
      `Cannot replace as the charset must be utf-8, utf-16le or utf-16be: got ${charset}; ` +
        "for another one hand in its encoder as encode",
    );
  }
  const known = ENCODINGS[charset];
  if (encode === undefined) return known;
  if (known.units.bytes > 1) {
    throw new RangeError(
      `Cannot replace as encode must be for a charset of single bytes: got ${charset} too`,
    );
  }
  return { units: known.units, encode };
}

/** Refuses half a surrogate pair, which would be encoded as U+FFFD: it would find that, or become that. */
function checkWellFormed(text: string, role: string): string {
  const half = /\p{Surrogate}/u.exec(text);
  if (half === null) return text;
  const code = text.charCodeAt(half.index).toString(16).toUpperCase();
  throw new RangeError(
    `Cannot replace as ${role} must have whole surrogate pairs: got the half U+${code} at ${half.index}; ` +
      "for bytes that are no text, use a Uint8Array",
  );
}

/**
 * Takes text or bytes that were written down beforehand, and are none of the body's.
 *
 * @param value Text, or bytes, which are copied.
 * @param role What it is for, as "Cannot … as … must be" names it.
 * @param encoding The body's.
 * @returns The bytes.
 * @throws {TypeError} If it is neither.
 * @throws {RangeError} If it is text for UTF-8 that has half a surrogate pair.
 */
export function constantBytes(value: string | Uint8Array, role: string, encoding: Encoding): Uint8Array {
  const isStrict = encoding === ENCODINGS["utf-8"];
  return toBytes(value, role, (text) => encoding.encode(isStrict ? checkWellFormed(text, role) : text));
}

/** Whether a byte is an ASCII letter. */
function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/**
 * Lists what one unit of a needle may be in the body.
 *
 * @param needle The needle.
 * @param at The index of the unit's first byte.
 * @param layout The charset's units.
 * @param ignoreCase Whether an ASCII letter stands for both its cases.
 * @returns The unit itself, and its other case where it has one.
 */
export function unitVariants(
  needle: Uint8Array,
  at: number,
  layout: UnitLayout,
  ignoreCase: boolean,
): Uint8Array[] {
  const unit = needle.subarray(at, at + layout.bytes);
  const isAscii = layout.bytes === 1 || unit[1 - layout.low] === 0;
  const byte = unit[layout.low] as number;
  if (!ignoreCase || !isAscii || !isLetter(byte)) return [unit];
  const other = unit.slice();
  other[layout.low] = byte ^ 0x20;
  return [unit, other];
}
