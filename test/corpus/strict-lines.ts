/**
 * The lines and fields of a message, read as strictly as RFC 9112 allows. One character is one octet.
 */

/** A deviation from the form that every conforming reader divides in the same way. */
export type Problem =
  | "bare-cr"
  | "bare-lf"
  | "chunk-data-terminator"
  | "chunk-extension-malformed"
  | "chunk-size-malformed"
  | "chunk-size-overflow"
  | "content-length-and-transfer-encoding"
  | "content-length-malformed"
  | "content-length-overflow"
  | "content-length-repeated"
  | "control-in-field-value"
  | "field-name-malformed"
  | "field-without-colon"
  | "fragment-in-target"
  | "host-missing"
  | "host-repeated"
  | "leading-empty-line"
  | "obs-fold"
  | "request-line-malformed"
  | "start-line-unfinished"
  | "status-line-malformed"
  | "te-in-bodiless"
  | "te-malformed"
  | "te-not-chunked"
  | "te-on-http10"
  | "te-repeated";

/** A field line: its name as it came, its value without the white space around it. */
export type WireField = readonly [name: string, value: string];

/** A token, RFC 9110 5.6.2. */
export const token: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** All but HTAB, SP, VCHAR and obs-text, RFC 9110 5.5; and CR, which the line has told already. */
// deno-lint-ignore no-control-regex -- controls are what it is about
const notInValue = /[\0-\x08\x0a-\x0c\x0e-\x1f\x7f]/;

/** A place in octets that were received, and what was wrong on the way there. */
export class Cursor {
  /** All that was received. */
  readonly octets: string;
  /** The next octet to read. */
  at: number;
  /** What was wrong, in order. */
  readonly problems: Problem[] = [];

  /**
   * Starts to read.
   *
   * @param octets All that was received.
   * @param at Where to begin; default 0.
   */
  constructor(octets: string, at: number = 0) {
    this.octets = octets;
    this.at = at;
  }

  /** What is not read yet. */
  get rest(): string {
    return this.octets.slice(this.at);
  }

  /** Reads a line that ends in LF, without its ending; `null` if it hasn't come whole. */
  line(): string | null {
    const end = this.octets.indexOf("\n", this.at);
    if (end < 0) return null;
    const raw = this.octets.slice(this.at, end);
    const line = raw.endsWith("\r") ? raw.slice(0, -1) : raw;
    if (line === raw) this.problems.push("bare-lf");
    if (line.includes("\r")) this.problems.push("bare-cr");
    this.at = end + 1;
    return line;
  }

  /** Reads octets; fewer if fewer have come. */
  take(count: number): string {
    const taken = this.octets.slice(this.at, this.at + count);
    this.at += taken.length;
    return taken;
  }
}

/** Reads field lines up to the empty one; `complete` tells whether that has come. */
export function readFields(cursor: Cursor): { fields: WireField[]; complete: boolean } {
  const fields: WireField[] = [];
  for (let line = cursor.line(); line !== null; line = cursor.line()) {
    if (line === "") return { fields, complete: true };
    if (/^[ \t]/.test(line)) {
      cursor.problems.push("obs-fold");
      continue;
    }
    const colon = line.indexOf(":");
    if (colon < 0) {
      cursor.problems.push("field-without-colon");
      continue;
    }
    const name = line.slice(0, colon);
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    if (!token.test(name)) cursor.problems.push("field-name-malformed");
    if (notInValue.test(value)) cursor.problems.push("control-in-field-value");
    fields.push([name, value]);
  }
  return { fields, complete: false };
}

/** The values of all fields of a name, in order. */
export function valuesOf(fields: readonly WireField[], name: string): string[] {
  return fields.filter((field) => field[0].toLowerCase() === name.toLowerCase()).map((field) => field[1]);
}
