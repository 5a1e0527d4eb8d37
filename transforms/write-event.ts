/** Writes events of an event stream. */

import { concat } from "./concat.ts";
import { checkId, checkLineValue, checkRetry, checkText, writeEventLine } from "./event-lines.ts";

const encoder: TextEncoder = new TextEncoder();

/** An event to be sent. */
export interface ServerSentEventInit {
  /** What it says; each of its lines becomes a `data` line. Without it, clients dispatch no event. */
  readonly data?: string;
  /** What listeners it is for; default: clients take it for `"message"`. */
  readonly type?: string;
  /** What clients come back with as `Last-Event-ID`. */
  readonly id?: string;
  /** After how many milliseconds clients are to reconnect. */
  readonly retry?: number;
  /** What only people who read the stream see; each of its lines becomes a comment. */
  readonly comment?: string;
}

/**
 * Writes an event.
 *
 * @param init What it says.
 * @param lineEnd What ends its lines.
 * @returns Its bytes, the empty line included.
 * @throws {TypeError} If it says nothing, or what it says is of the wrong type.
 * @throws {RangeError} If the type or the id has a line end, or the retry is not a whole number, 0 or more.
 */
export function writeEvent(init: ServerSentEventInit, lineEnd: Uint8Array): Uint8Array {
  const { comment, type, id, retry, data } = init;
  const lines: Uint8Array[] = [];
  function add(name: string, value: Uint8Array): void {
    lines.push(writeEventLine(name, value, ": "), lineEnd);
  }
  function addLines(name: string, text: string): void {
    for (const value of text.split("\n")) add(name, encoder.encode(value));
  }
  if (comment !== undefined) addLines("", checkText(comment, "the comment of the event"));
  if (type !== undefined) add("event", checkLineValue(type, "the type of the event"));
  if (id !== undefined) add("id", checkId(id));
  if (retry !== undefined) add("retry", checkRetry(retry));
  if (data !== undefined) addLines("data", checkText(data, "the data of the event"));
  if (lines.length > 0) return concat([...lines, lineEnd]);
  throw new TypeError(
    "Cannot send the event as it must have data, a type, an id, a retry or a comment: got none",
  );
}
