/**
 * Bytes as text that can be made the same bytes again, whatever they are.
 *
 * Text is in UTF-16, as strings are. Where bytes are no valid text they become lone surrogates, which valid
 * text can't have: in UTF-8, a byte 0x80 to 0xFF alone becomes U+DC80 to U+DCFF; in UTF-16 it is the lone
 * surrogate that it is. So each part of a text has its own number of bytes. Half of a pair has half the bytes.
 */

import { encodeUtf16 } from "./charset.ts";

/** The charsets that `replaceRegExp` reads. */
export type TextCharset = "utf-8" | "latin1" | "utf-16le" | "utf-16be";

/** Decodes and encodes a charset. */
export interface TextCodec {
  /** Tells how many bytes at the end of some are the beginning of a character. */
  incomplete(bytes: Uint8Array): number;
  /** Makes text of bytes. */
  decode(bytes: Uint8Array): string;
  /** Makes bytes of text. */
  encode(text: string): Uint8Array;
  /** Tells how many bytes a part of decoded text was. */
  byteLength(text: string, from: number, to: number): number;
}

/** How many code units `String.fromCharCode` gets at once. */
const UNITS_PER_CALL = 4096;

function fromUnits(units: Uint16Array): string {
  let text = "";
  for (let at = 0; at < units.length; at += UNITS_PER_CALL) {
    text += String.fromCharCode(...units.subarray(at, at + UNITS_PER_CALL));
  }
  return text;
}

/** How many bytes a character of UTF-8 has that begins with a byte; 1 where none does. RFC 3629, section 4. */
function sequenceLength(lead: number): number {
  return lead < 0xc2 || lead > 0xf4 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** The least and the greatest second byte behind some leads: the others have no overlong form or surrogate. */
const SECOND_BYTES: ReadonlyMap<number, readonly [least: number, greatest: number]> = new Map([
  [0xe0, [0xa0, 0xbf]],
  [0xed, [0x80, 0x9f]],
  [0xf0, [0x90, 0xbf]],
  [0xf4, [0x80, 0x8f]],
]);

/** The length of the valid character at an index; 0 if there is none. */
function validLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at] as number;
  const length = sequenceLength(lead);
  if (length === 1) return lead < 0x80 ? 1 : 0;
  const [least, greatest] = SECOND_BYTES.get(lead) ?? [0x80, 0xbf];
  const second = bytes[at + 1] ?? 0;
  if (second < least || second > greatest) return 0;
  for (let i = 2; i < length; i++) if (!isContinuation(bytes[at + i])) return 0;
  return length;
}

/** Decodes UTF-8 that is not valid everywhere. */
function decodeBroken(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length);
  let count = 0;
  for (let at = 0; at < bytes.length;) {
    const length = validLength(bytes, at);
    const lead = bytes[at] as number;
    if (length === 0) {
      units[count++] = 0xdc00 | lead;
      at++;
      continue;
    }
    let point = length === 1 ? lead : lead & (0x7f >> length);
    for (let i = 1; i < length; i++) point = point << 6 | ((bytes[at + i] as number) & 0x3f);
    at += length;
    if (point > 0xffff) {
      units[count++] = 0xd7c0 + (point >> 10);
      units[count++] = 0xdc00 | (point & 0x3ff);
    } else {
      units[count++] = point;
    }
  }
  return fromUnits(units.subarray(0, count));
}

const encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A lone surrogate that stands for a byte. */
const BROKEN_BYTE = /(?<![\ud800-\udbff])[\udc80-\udcff]/;

const utf8: TextCodec = {
  incomplete(bytes) {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back] as number;
      if (!isContinuation(byte)) return sequenceLength(byte) > back ? back : 0;
    }
    return 0;
  },
  decode(bytes) {
    try {
      return utf8Decoder.decode(bytes);
    } catch {
      // Not UTF-8 everywhere: it fails for nothing else, and says no more.
      return decodeBroken(bytes);
    }
  },
  encode(text) {
    if (!BROKEN_BYTE.test(text)) return encoder.encode(text);
    const bytes: number[] = [];
    for (const character of text) {
      if (BROKEN_BYTE.test(character)) bytes.push(character.charCodeAt(0) & 0xff);
      else bytes.push(...encoder.encode(character));
    }
    return Uint8Array.from(bytes);
  },
  byteLength(text, from, to) {
    let length = to - from;
    for (let i = from; i < to; i++) {
      const unit = text.charCodeAt(i);
      if (unit < 0x80) continue;
      if (unit < 0x800) length += 1;
      else if (unit < 0xd800 || unit > 0xdfff) length += 2;
      else if (unit < 0xdc00 || isHighSurrogate(text.charCodeAt(i - 1))) length += 1;
    }
    return length;
  },
};

type Latin1Slice = (this: Uint8Array, from: number, to: number) => string;

/** `Buffer.prototype.latin1Slice`, which Node, Deno and Bun have: 8 GB/s and more, whatever the bytes. */
const latin1Slice: Latin1Slice | undefined = (() => {
  const { Buffer } = globalThis as unknown as { readonly Buffer?: { readonly prototype: object } };
  const slice = Buffer === undefined ? undefined : Reflect.get(Buffer.prototype, "latin1Slice");
  return typeof slice === "function" ? slice as Latin1Slice : undefined;
})();

/** What the encoding standard calls latin1: some bytes from 0x80 on become others than U+0080 to U+00FF. */
const windows1252Decoder = new TextDecoder("latin1");

/**
 * UTF-8 as if each byte were a character, for who looks for ASCII only: bytes from 0x80 on become characters
 * that are not ASCII, one each, and the same runtime gives always the same.
 */
export const utf8Bytes: TextCodec = {
  incomplete: () => 0,
  decode: (bytes) => latin1Slice?.call(bytes, 0, bytes.length) ?? windows1252Decoder.decode(bytes),
  encode: utf8.encode,
  byteLength: (_text, from, to) => to - from,
};

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}

const latin1: TextCodec = {
  incomplete: () => 0,
  // As UTF-8, ASCII is the same, and much faster; of other bytes there are fewer characters.
  decode(bytes) {
    const text = utf8.decode(bytes);
    const isAscii = text.length === bytes.length && !BROKEN_BYTE.test(text);
    return isAscii ? text : fromUnits(Uint16Array.from(bytes));
  },
  encode(text) {
    const wrong = /[^\0-\xff]/u.exec(text);
    if (wrong === null) return Uint8Array.from(text, (character) => character.charCodeAt(0));
    throw new RangeError(`Cannot replace as text in latin1 must end at U+00FF: got ${wrong[0]}`);
  },
  byteLength: (_text, from, to) => to - from,
};

function utf16(littleEndian: boolean): TextCodec {
  return {
    // A high surrogate waits for the low one.
    incomplete(bytes) {
      const odd = bytes.length % 2;
      if (bytes.length < 2) return odd;
      const high = bytes[bytes.length - odd - (littleEndian ? 1 : 2)] as number;
      return (high & 0xfc) === 0xd8 ? odd + 2 : odd;
    },
    decode(bytes) {
      const units = new Uint16Array(bytes.length >> 1);
      for (let i = 0; i < units.length; i++) {
        const first = bytes[2 * i] as number;
        const second = bytes[2 * i + 1] as number;
        units[i] = littleEndian ? first | second << 8 : first << 8 | second;
      }
      return fromUnits(units);
    },
    encode: (text) => encodeUtf16(text, littleEndian),
    byteLength: (_text, from, to) => 2 * (to - from),
  };
}

/** The codecs by charset. */
export const textCodecs: Readonly<Record<TextCharset, TextCodec>> = {
  "utf-8": utf8,
  latin1,
  "utf-16le": utf16(true),
  "utf-16be": utf16(false),
};
