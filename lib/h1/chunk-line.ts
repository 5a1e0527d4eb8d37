/**
 * The line that begins a wire chunk (RFC 9112 7.1): a size, and extensions that are checked, counted and dropped. The
 * CRLF behind a chunk's data belongs to the automaton too.
 *
 * A line is never kept: what it says is in the state and in one number, so it may be cut anywhere.
 */
import { ProtocolError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import { automaton, octets, REFUSED } from "./automaton.ts";
import { BLANK, CR, HEXDIG, LF, QDTEXT, TCHAR, TEXT } from "./grammar.ts";

const SIZE_START = 1;
const SIZE = 2;
const BEFORE_EXTENSION = 3;
const EXTENSION = 4;
const EXTENSION_NAME = 5;
const BEHIND_NAME = 6;
const EXTENSION_VALUE = 7;
const TOKEN_VALUE = 8;
const QUOTED_VALUE = 9;
const QUOTED_PAIR = 10;
const BEHIND_QUOTED = 11;
const LINE_END = 12;
const LINE = 13;
const DATA_END = 14;
const DATA_LINE_END = 15;

const CHUNK_LINE = automaton(DATA_LINE_END + 1, [
  [SIZE_START, HEXDIG, SIZE],
  [SIZE, HEXDIG, SIZE],
  [SIZE, BLANK, BEFORE_EXTENSION],
  [SIZE, octets(";"), EXTENSION],
  [SIZE, CR, LINE_END],
  [BEFORE_EXTENSION, BLANK, BEFORE_EXTENSION],
  [BEFORE_EXTENSION, octets(";"), EXTENSION],
  [EXTENSION, BLANK, EXTENSION],
  [EXTENSION, TCHAR, EXTENSION_NAME],
  [EXTENSION_NAME, TCHAR, EXTENSION_NAME],
  [EXTENSION_NAME, BLANK, BEHIND_NAME],
  [EXTENSION_NAME, octets("="), EXTENSION_VALUE],
  [EXTENSION_NAME, octets(";"), EXTENSION],
  [EXTENSION_NAME, CR, LINE_END],
  [BEHIND_NAME, BLANK, BEHIND_NAME],
  [BEHIND_NAME, octets("="), EXTENSION_VALUE],
  [BEHIND_NAME, octets(";"), EXTENSION],
  [EXTENSION_VALUE, BLANK, EXTENSION_VALUE],
  [EXTENSION_VALUE, TCHAR, TOKEN_VALUE],
  [EXTENSION_VALUE, octets('"'), QUOTED_VALUE],
  [TOKEN_VALUE, TCHAR, TOKEN_VALUE],
  [TOKEN_VALUE, BLANK, BEFORE_EXTENSION],
  [TOKEN_VALUE, octets(";"), EXTENSION],
  [TOKEN_VALUE, CR, LINE_END],
  [QUOTED_VALUE, QDTEXT, QUOTED_VALUE],
  [QUOTED_VALUE, octets("\\"), QUOTED_PAIR],
  [QUOTED_VALUE, octets('"'), BEHIND_QUOTED],
  [QUOTED_PAIR, TEXT, QUOTED_VALUE],
  [BEHIND_QUOTED, BLANK, BEFORE_EXTENSION],
  [BEHIND_QUOTED, octets(";"), EXTENSION],
  [BEHIND_QUOTED, CR, LINE_END],
  [LINE_END, LF, LINE],
  [DATA_END, CR, DATA_LINE_END],
  [DATA_LINE_END, LF, SIZE_START],
]);

/** What a state wants, for the message of a refusal. */
function wanted(state: number): string {
  if (state <= SIZE) return "its size must be hexadecimal digits and CRLF";
  if (state < LINE_END) return "an extension must be ;name or ;name=value";
  return state === LINE_END
    ? "its first line must end in CRLF"
    : "its data must be as long as its size, and then CRLF";
}

/** Reads the lines between the data of wire chunks. */
export class ChunkLineReader {
  /** The size of the chunk whose line was read last. */
  size = 0;

  readonly #limits: Limits;
  #state = SIZE_START;
  #lineBytes = 0;
  #extensionBytes = 0;

  /** @param limits The bounds of a line, and of all extensions in a body. */
  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Reads on.
   *
   * @param bytes Where the line is.
   * @param start The index of the next octet.
   * @param end The index after the last octet that has come.
   * @returns The index after the line, or -1 if it has not ended.
   * @throws {ProtocolError} If it breaks the grammar, or passes a limit.
   */
  read(bytes: Uint8Array, start: number, end: number): number {
    for (let at = start; at < end; at++) {
      const octet = bytes[at]!;
      const next = CHUNK_LINE[this.#state << 8 | octet]!;
      if (next === REFUSED) throw this.#refusal(octet);
      if (next === SIZE) this.#addDigit(octet);
      else if (next > SIZE && next < LINE_END) this.#countExtension();
      this.#state = next;
      if (next === LINE) return at + 1;
      if (++this.#lineBytes > this.#limits.chunkLineBytes + 1) {
        throw new ProtocolError(
          `Cannot read the chunk as its first line must be at most ${this.#limits.chunkLineBytes} bytes: got more`,
        );
      }
    }
    return -1;
  }

  /** Expects the CRLF behind a chunk's data, and then the next chunk's line. */
  endData(): void {
    this.#state = DATA_END;
    // The CRLF behind the data is not of the line.
    this.#lineBytes = -2;
    this.size = 0;
  }

  #addDigit(octet: number): void {
    // The low four bits of "A" and of "a" are 1, those of "0" are 0.
    const digit = octet <= 0x39 ? octet & 15 : (octet & 15) + 9;
    this.size = this.size * 16 + digit;
    if (this.size > Number.MAX_SAFE_INTEGER) {
      throw new ProtocolError("Cannot read the chunk as its size must be at most 2^53-1: got more");
    }
  }

  #countExtension(): void {
    if (++this.#extensionBytes > this.#limits.chunkExtensionBytes) {
      throw new ProtocolError(
        `Cannot read the chunk as a body's extensions must be at most ${this.#limits.chunkExtensionBytes} bytes: got more`,
      );
    }
  }

  #refusal(octet: number): ProtocolError {
    const got = `0x${octet.toString(16).padStart(2, "0")}`;
    return new ProtocolError(`Cannot read the chunk as ${wanted(this.#state)}: got ${got}`);
  }
}
