/**
 * Reads heads: one scan for the end, one string for all of it, and the fields cut out of that at the offsets that the
 * scan has marked.
 */
import { ProtocolError } from "../errors.ts";
import { HeaderList } from "../headers.ts";
import type { Limits } from "../limits.ts";
import type { RequestHead, ResponseHead, Version } from "../message.ts";
import { REQUEST_LINE, STATUS_LINE } from "./head-grammar.ts";
import { HeadScanner } from "./head-scanner.ts";
import { latin1Text } from "./octets.ts";
import type { ReceiveBuffer } from "./receive-buffer.ts";
import { checkRequest } from "./request-rules.ts";

/**
 * Cuts the fields out of a section.
 *
 * @param text The section.
 * @param section The scan that has found it.
 * @returns The fields.
 */
export function readFields(text: string, section: HeadScanner): HeaderList {
  const fields = new HeaderList();
  const { marks, count } = section;
  let start = section.lineEnd + 2;
  for (let mark = 0; mark < count * 3; mark += 3) {
    const colon = marks[mark]!;
    const value = marks[mark + 1]!;
    const end = marks[mark + 2]!;
    fields.push(text.substring(start, colon), text.substring(value, trimmed(text, value, end)));
    start = end + 2;
  }
  return fields;
}

/** Where a value ends without the white space behind it. */
function trimmed(text: string, start: number, end: number): number {
  while (end > start && (text.charCodeAt(end - 1) === 0x20 || text.charCodeAt(end - 1) === 0x09)) end--;
  return end;
}

/** Reads the heads of one side, one after the other. */
class HeadReader {
  protected readonly scanner: HeadScanner;

  constructor(scanner: HeadScanner) {
    this.scanner = scanner;
  }

  /** All of the head, consumed. */
  protected text(buffer: ReceiveBuffer): string {
    const text = latin1Text(buffer.bytes, buffer.start, buffer.start + this.scanner.length);
    buffer.skip(this.scanner.length);
    return text;
  }
}

/** Reads requests' heads. */
export class RequestHeadReader extends HeadReader {
  readonly #emptyLineLimit: number;
  #emptyLines = 0;

  /** @param limits The bounds of a head. */
  constructor(limits: Limits) {
    const { lineBytes, requestHeadBytes, fieldCount } = limits;
    const bounds = { lineBytes, bytes: requestHeadBytes, count: fieldCount, lineStatus: 414 };
    super(new HeadScanner("request head", REQUEST_LINE, bounds));
    this.#emptyLineLimit = limits.emptyLineCount;
  }

  /**
   * Reads on.
   *
   * @param buffer The bytes; the head is consumed once it is whole.
   * @returns The head, or `null` if it is not whole.
   * @throws {ProtocolError} If it breaks the rules.
   */
  read(buffer: ReceiveBuffer): RequestHead | null {
    const scanner = this.scanner;
    let found = scanner.scan(buffer.bytes, buffer.start, buffer.end);
    for (; found === "empty-line"; found = scanner.scan(buffer.bytes, buffer.start, buffer.end)) {
      if (++this.#emptyLines > this.#emptyLineLimit) {
        throw new ProtocolError(
          `Cannot read the request head as at most ${this.#emptyLineLimit} empty lines may come before it: got more`,
        );
      }
      buffer.skip(scanner.length);
      scanner.reset();
    }
    if (found === "more") return null;
    const text = this.text(buffer);
    const { methodEnd, targetEnd, lineEnd } = scanner;
    const head: RequestHead = {
      method: text.substring(0, methodEnd),
      target: text.substring(methodEnd + 1, targetEnd),
      version: version(text, lineEnd - 1),
      headers: readFields(text, scanner),
    };
    this.#emptyLines = 0;
    scanner.reset();
    checkRequest(head);
    return head;
  }
}

// "HTTP/1.1 " comes before a status.
const STATUS = 9;

/** Reads responses' heads. */
export class ResponseHeadReader extends HeadReader {
  /** @param limits The bounds of a head. */
  constructor(limits: Limits) {
    const { lineBytes, responseHeadBytes, fieldCount } = limits;
    const bounds = { lineBytes, bytes: responseHeadBytes, count: fieldCount, lineStatus: 431 };
    super(new HeadScanner("response head", STATUS_LINE, bounds));
  }

  /**
   * Reads on.
   *
   * @param buffer The bytes; the head is consumed once it is whole.
   * @returns The head, or `null` if it is not whole.
   * @throws {ProtocolError} If it breaks the rules.
   */
  read(buffer: ReceiveBuffer): ResponseHead | null {
    const scanner = this.scanner;
    if (scanner.scan(buffer.bytes, buffer.start, buffer.end) === "more") return null;
    const text = this.text(buffer);
    const head: ResponseHead = {
      status: Number(text.substring(STATUS, STATUS + 3)),
      // Without a space behind the status there is nothing to slice.
      reason: text.slice(STATUS + 4, scanner.lineEnd),
      version: version(text, STATUS - 2),
      headers: readFields(text, scanner),
    };
    scanner.reset();
    return head;
  }
}

function version(text: string, minor: number): Version {
  return text.charCodeAt(minor) === 0x30 ? "1.0" : "1.1";
}
