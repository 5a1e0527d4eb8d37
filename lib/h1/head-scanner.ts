/**
 * Finds the end of a head or a trailer section, and where its parts are: the automaton's runner.
 *
 * Every octet is looked at once, however the bytes are cut: between calls only the state, the offset and the marks are
 * kept. Limits are reached at an octet, not at the end of a read, so they too are the same for every cut.
 */
import { ProtocolError } from "../errors.ts";
import { REFUSED } from "./automaton.ts";
import {
  BEFORE_VALUE,
  EMPTY_LINE,
  FIELD_END,
  FIELD_LINE,
  FIELD_VALUE,
  HEAD,
  LINE_END,
  REQUEST_VERSION,
  REQUEST_VERSION_END,
  SECTION_END,
  STATUS_CODE,
  TARGET_START,
  wanted,
} from "./head-grammar.ts";

/** What a scan has found: nothing yet, an empty line before a request, or a whole section. */
export type Found = "more" | "empty-line" | "section";

/** The bounds of a section, and the statuses to answer with beyond them. */
export interface SectionLimits {
  /** The longest line, in bytes without its CRLF. */
  readonly lineBytes: number;
  /** The longest section, in bytes. */
  readonly bytes: number;
  /** The most field lines. */
  readonly count: number;
  /** The status for a first line that is too long. */
  readonly lineStatus: number;
}

/** Runs over the octets of a section. */
export class HeadScanner {
  /** What is scanned, for messages: "request head", "response head" or "trailer section". */
  readonly what: string;
  /** How many bytes were scanned: the section's length once it is found. */
  length = 0;
  /** Where the method ends. */
  methodEnd = 0;
  /** Where the target ends. */
  targetEnd = 0;
  /** Where the first line ends, at its CR; -2 in a trailer section, whose fields begin at 0. */
  lineEnd = -2;
  /** How many fields there are. */
  count = 0;
  /** For each field three offsets: its colon, the first octet of its value, its CR. */
  readonly marks: number[] = [];

  readonly #first: number;
  readonly #limits: SectionLimits;
  #state: number;
  #lineStart = 0;

  /**
   * @param what What is scanned, for messages.
   * @param first The automaton's state at the section's first octet.
   * @param limits The section's bounds.
   */
  constructor(what: string, first: number, limits: SectionLimits) {
    this.what = what;
    this.#first = first;
    this.#limits = limits;
    this.#state = first;
  }

  /** Forgets the section: the next octet begins another. */
  reset(): void {
    this.#state = this.#first;
    this.#lineStart = 0;
    this.length = 0;
    this.lineEnd = -2;
    this.count = 0;
  }

  /**
   * Scans on where the last call stopped.
   *
   * @param bytes Where the section is.
   * @param start The index of the section's first octet.
   * @param end The index after the last octet that has come.
   * @returns What was found.
   * @throws {ProtocolError} If an octet breaks the grammar, or a limit is passed.
   */
  scan(bytes: Uint8Array, start: number, end: number): Found {
    const table = HEAD;
    const marks = this.marks;
    let state = this.#state;
    let at = start + this.length;
    let limit = start + this.#bound();
    for (;;) {
      const stop = end < limit ? end : limit;
      const row = state << 8;
      let next = state;
      // Most octets stay in their state: this loop carries nothing from one to the next, and so runs at its best.
      while (at < stop && (next = table[row | bytes[at]!]!) === state) at++;
      if (at >= stop) {
        this.#state = state;
        this.length = at - start;
        if (at >= limit) throw this.#tooLong();
        return "more";
      }
      const offset = at - start;
      switch (next) {
        case REFUSED:
          throw this.#refusal(state, bytes[at]!, offset);
        case TARGET_START:
          this.methodEnd = offset;
          break;
        case REQUEST_VERSION:
          this.targetEnd = offset;
          break;
        case STATUS_CODE:
          this.#checkVersion(bytes, at);
          break;
        case LINE_END:
          this.lineEnd = offset;
          if (state === REQUEST_VERSION_END) this.#checkVersion(bytes, at);
          break;
        case FIELD_LINE:
          this.#lineStart = offset + 1;
          limit = start + this.#bound();
          break;
        case BEFORE_VALUE:
          if (this.count >= this.#limits.count) throw this.#tooMany();
          marks[this.count * 3] = offset;
          break;
        case FIELD_VALUE:
          marks[this.count * 3 + 1] = offset;
          break;
        case FIELD_END:
          if (state === BEFORE_VALUE) marks[this.count * 3 + 1] = offset;
          marks[this.count * 3 + 2] = offset;
          this.count++;
          break;
        case SECTION_END:
        case EMPTY_LINE:
          this.length = offset + 1;
          return next === SECTION_END ? "section" : "empty-line";
      }
      state = next;
      at++;
    }
  }

  /** The offset at which the line or the section has become too long, whichever comes first. */
  #bound(): number {
    const line = this.#lineStart + this.#limits.lineBytes + 2;
    return line < this.#limits.bytes ? line : this.#limits.bytes;
  }

  #tooLong(): ProtocolError {
    const { bytes, lineBytes, lineStatus } = this.#limits;
    if (this.length >= bytes) {
      return new ProtocolError(
        `Cannot read the ${this.what} as it must be at most ${bytes} bytes: got more`,
        431,
      );
    }
    return new ProtocolError(
      `Cannot read the ${this.what} as a line must be at most ${lineBytes} bytes: got more`,
      this.#lineStart === 0 ? lineStatus : 431,
    );
  }

  #tooMany(): ProtocolError {
    return new ProtocolError(
      `Cannot read the ${this.what} as it must have at most ${this.#limits.count} fields: got more`,
      431,
    );
  }

  // The digits stand one and three octets before `end`. Another minor version too is refused: a message is passed on as
  // HTTP/1.1, and what a later one adds to its syntax is not known.
  #checkVersion(bytes: Uint8Array, end: number): void {
    const major = bytes[end - 3]! - 0x30;
    const minor = bytes[end - 1]! - 0x30;
    if (major === 1 && minor <= 1) return;
    throw new ProtocolError(
      `Cannot read the ${this.what} as its version must be HTTP/1.0 or HTTP/1.1: got HTTP/${major}.${minor}`,
      505,
    );
  }

  #refusal(state: number, octet: number, offset: number): ProtocolError {
    const got = `0x${octet.toString(16).padStart(2, "0")} at byte ${offset}`;
    return new ProtocolError(`Cannot read the ${this.what} as ${wanted(state)}: got ${got}`);
  }
}
