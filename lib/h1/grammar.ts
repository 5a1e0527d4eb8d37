/**
 * The terminals of RFC 9110 and RFC 9112 as octet classes, and the few rules that are checked on text.
 */
import { except, type OctetClass, octets, range } from "./automaton.ts";

/** Carriage return. */
export const CR: OctetClass = octets("\r");
/** Line feed. */
export const LF: OctetClass = octets("\n");
/** A space. */
export const SP: OctetClass = octets(" ");
/** White space within a line: OWS and BWS (RFC 9110 5.6.3). */
export const BLANK: OctetClass = octets(" \t");
/** 0 to 9. */
export const DIGIT: OctetClass = range(0x30, 0x39);
/** A hexadecimal digit, in either case. */
export const HEXDIG: OctetClass = octets(DIGIT, "abcdefABCDEF");
/** A character of a token (RFC 9110 5.6.2). */
export const TCHAR: OctetClass = octets(DIGIT, range(0x41, 0x5a), range(0x61, 0x7a), "!#$%&'*+-.^_`|~");
/** A visible character or obs-text: how a field value begins and ends (RFC 9110 5.5). */
export const VISIBLE: OctetClass = octets(range(0x21, 0x7e), range(0x80, 0xff));
/** What a field value or a reason phrase is made of. */
export const TEXT: OctetClass = octets(VISIBLE, BLANK);
/** What a request target is made of: no controls, no white space, and no fragment (RFC 9112 3.2). */
export const TARGET: OctetClass = except(VISIBLE, "#");
/** What stands between the quotes of a quoted string, unescaped (RFC 9110 5.6.4). */
export const QDTEXT: OctetClass = except(TEXT, '"\\');

/** A token: a method, a field name, a transfer coding. */
export const TOKEN_TEXT: RegExp = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A request target, of any form. */
export const TARGET_TEXT: RegExp = /^[\x21\x22\x24-\x7e\x80-\xff]+$/;
/** A reason phrase (RFC 9112 4). */
export const REASON_TEXT: RegExp = /^[\t\x20-\x7e\x80-\xff]*$/;
/**
 * A host with an optional port, without userinfo (RFC 3986 3.2.2, RFC 9110 4.2.4). The host is not empty: what has no
 * host can't be routed (RFC 9112 3.3 lets a server refuse it).
 */
export const AUTHORITY_TEXT: RegExp =
  /^(?:\[[0-9A-Za-z:.\-_~!$&'()*+,;=]+\]|(?:[0-9A-Za-z.\-_~!$&'()*+,;=]|%[0-9A-Fa-f]{2})+)(?::(\d*))?$/;
/** An absolute-form target: scheme, authority, and the rest. */
export const ABSOLUTE_TEXT: RegExp = /^[A-Za-z][0-9A-Za-z+.\-]*:\/\/([^/?]*)(?:[/?]|$)/;
