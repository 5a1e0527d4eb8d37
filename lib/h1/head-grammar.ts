/**
 * The syntax of a head as an automaton (RFC 9112 2 to 5): the request line, the status line, and the field lines, which
 * are also those of a trailer section.
 *
 * Strict where RFC 9112 lets a reader be lenient: a line ends in CRLF, never in LF alone; no white space but the one
 * space that the grammar has; no line folding. What two readers may read differently is how requests are smuggled.
 */
import { automaton, octets, range, sequence } from "./automaton.ts";
import { BLANK, CR, DIGIT, LF, SP, TARGET, TCHAR, TEXT, VISIBLE } from "./grammar.ts";

/** Where a request begins, or an empty line before it (RFC 9112 2.2). */
export const REQUEST_LINE = 1;
/** Where a response begins; the state expects the H of its version. */
export const STATUS_LINE = 15;
/** Where a field line begins, or the empty line that ends the section. */
export const FIELD_LINE = 30;
/** Within a method. */
export const METHOD = 3;
/** Behind the space after a method. */
export const TARGET_START = 4;
/** Within a target. */
export const IN_TARGET = 5;
/** Behind the space after a target; the state expects the H of the version. */
export const REQUEST_VERSION = 6;
/** Behind the version that ends a request line. */
export const REQUEST_VERSION_END: number = REQUEST_VERSION + 8;
/** Behind the space after a status line's version; the state expects the first digit. */
export const STATUS_CODE = 24;
/** Behind the CR of the first line. */
export const LINE_END = 29;
/** Within a field name. */
export const FIELD_NAME = 31;
/** Behind the colon, before the value. */
export const BEFORE_VALUE = 32;
/** Within a field value, or the white space behind it. */
export const FIELD_VALUE = 33;
/** Behind the CR of a field line. */
export const FIELD_END = 34;
/** Behind the empty line that ends a section: nothing follows. */
export const SECTION_END = 36;
/** Behind an empty line that came before a request: nothing follows. */
export const EMPTY_LINE = 37;

const EMPTY_LINE_END = 2;
const STATUS_VERSION_END = STATUS_LINE + 8;
const STATUS_CODE_END = STATUS_CODE + 3;
const REASON = 28;
const LAST_LINE_END = 35;
const VERSION = [octets("H"), octets("T"), octets("T"), octets("P"), octets("/"), DIGIT, octets("."), DIGIT];

/** The automaton of heads and trailer sections. */
export const HEAD: Uint8Array = automaton(EMPTY_LINE + 1, [
  [REQUEST_LINE, TCHAR, METHOD],
  [REQUEST_LINE, CR, EMPTY_LINE_END],
  [EMPTY_LINE_END, LF, EMPTY_LINE],
  [METHOD, TCHAR, METHOD],
  [METHOD, SP, TARGET_START],
  [TARGET_START, TARGET, IN_TARGET],
  [IN_TARGET, TARGET, IN_TARGET],
  [IN_TARGET, SP, REQUEST_VERSION],
  ...sequence(REQUEST_VERSION, ...VERSION),
  [REQUEST_VERSION_END, CR, LINE_END],

  ...sequence(STATUS_LINE, ...VERSION),
  [STATUS_VERSION_END, SP, STATUS_CODE],
  ...sequence(STATUS_CODE, range(0x31, 0x39), DIGIT, DIGIT),
  // The space before an empty reason phrase is left off by some origins.
  [STATUS_CODE_END, SP, REASON],
  [STATUS_CODE_END, CR, LINE_END],
  [REASON, TEXT, REASON],
  [REASON, CR, LINE_END],

  [LINE_END, LF, FIELD_LINE],
  [FIELD_LINE, TCHAR, FIELD_NAME],
  [FIELD_LINE, CR, LAST_LINE_END],
  [FIELD_NAME, TCHAR, FIELD_NAME],
  [FIELD_NAME, octets(":"), BEFORE_VALUE],
  [BEFORE_VALUE, BLANK, BEFORE_VALUE],
  [BEFORE_VALUE, VISIBLE, FIELD_VALUE],
  [BEFORE_VALUE, CR, FIELD_END],
  [FIELD_VALUE, TEXT, FIELD_VALUE],
  [FIELD_VALUE, CR, FIELD_END],
  [FIELD_END, LF, FIELD_LINE],
  [LAST_LINE_END, LF, SECTION_END],
]);

/** What a state wants, for the message of a refusal; a state that is not named belongs to the one before it. */
const WANTED: readonly (readonly [from: number, wanted: string])[] = [
  [REQUEST_LINE, "a request must begin with a method"],
  [EMPTY_LINE_END, "a line must end in CRLF"],
  [METHOD, "a method must be a token and one space"],
  [TARGET_START, "a target must be visible characters without a fragment, and one space"],
  [REQUEST_VERSION, "a request line must end in HTTP/1.1 and CRLF"],
  [STATUS_LINE, "a response must begin with HTTP/1.1 and one space"],
  [STATUS_CODE, "a status must be three digits and one space"],
  [REASON, "a reason phrase must be text and CRLF"],
  [LINE_END, "a line must end in CRLF"],
  [FIELD_LINE, "a field line must begin with a name, and may not continue the line before it"],
  [FIELD_NAME, "a field name must be a token and a colon"],
  [BEFORE_VALUE, "a field value must be text and CRLF"],
  [FIELD_END, "a line must end in CRLF"],
];

/**
 * What would have been right where an octet was refused.
 *
 * @param state The state that refused it.
 * @returns A clause for an error message.
 */
export function wanted(state: number): string {
  return WANTED.findLast(([from]) => from <= state)?.[1] ?? "";
}
