/**
 * One block of an event stream: what it says, and its bytes with what was assigned.
 *
 * The lines are found when the first of them matters. An assignment is kept apart; the bytes are put together
 * anew when they are asked for: the lines of a field that was assigned are replaced where the first of them
 * stood, all other lines stay byte for byte.
 *
 * Of several `event`, `id` or `retry` lines the last one counts, an id with a NUL and a retry that is not all
 * digits do not count, and the values of the `data` lines are joined with LF (HTML standard, section 9.2.6).
 */

import {
  checkId,
  checkLineValue,
  checkRetry,
  checkText,
  type EventFieldName,
  EventLines,
  hasData,
} from "./event-lines.ts";
import { Hold } from "./hold.ts";
import { LF } from "./line-ends.ts";
import { LineOutput } from "./line-output.ts";

const SPACE = 0x20;
const none: Uint8Array = new Uint8Array();
const LINE_FEED: Uint8Array = Uint8Array.of(LF);

const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** An event as `mapEvents` shows it; what is assigned goes into its bytes, what is not stays as it came. */
export interface ServerSentEvent {
  /** What listeners it is for; `"message"` where the event does not say. */
  type: string;
  /** What it says: the values of its `data` lines, joined with LF; empty where it has none. */
  data: string;
  /** What clients come back with as `Last-Event-ID`; `null` where the event does not say. */
  id: string | null;
  /** After how many milliseconds clients are to reconnect; `null` where the event does not say. */
  retry: number | null;
}

/** A block. */
export class EventView implements ServerSentEvent {
  #bytes: Uint8Array | null;
  readonly #start: number;
  readonly #end: number;
  readonly #hasData: boolean | undefined;
  #lines: EventLines | undefined;
  /** The values of fields, one behind the other with LF between them; `null` for a field that is to go. */
  #assigned: Map<EventFieldName, Uint8Array | null> | undefined;

  /**
   * @param bytes Where the block lies.
   * @param start The index of its first byte.
   * @param end The index behind its last byte.
   * @param hasData Whether it has a `data` field, where that is known already.
   */
  constructor(bytes: Uint8Array, start: number, end: number, hasData: boolean | undefined = undefined) {
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
    this.#hasData = hasData;
  }

  /** Whether clients dispatch it. */
  get hasData(): boolean {
    return this.#hasData ?? hasData(this.#open(), this.#start, this.#end);
  }

  /** Whether something was assigned that it did not say before. */
  get isChanged(): boolean {
    return this.#assigned !== undefined;
  }

  /** How many bytes it has as it came. */
  get byteLength(): number {
    return this.#end - this.#start;
  }

  /** The line end of its first line; LF if that line is empty, or has no end. */
  get lineEnd(): Uint8Array {
    const lines = this.#found();
    if (lines.count === 0 || lines.valueEnd(0) === lines.start(0) || lines.end(0) === lines.valueEnd(0)) {
      return LINE_FEED;
    }
    return this.#open().slice(lines.valueEnd(0), lines.end(0));
  }

  get type(): string {
    const last = this.#last("event");
    return last === null || last.length === 0 ? "message" : decoder.decode(last);
  }

  set type(value: string) {
    if (value !== this.type) this.#assign("event", checkLineValue(value, "the type of the event"));
  }

  get data(): string {
    return decoder.decode(this.dataBytes);
  }

  set data(value: string) {
    const text = checkText(value, "the data of the event");
    if (text !== this.data || !this.hasData) this.#assign("data", encoder.encode(text));
  }

  /** The bytes of `data`, which are not UTF-8 where the origin's are not. */
  get dataBytes(): Uint8Array {
    const assigned = this.#assigned?.get("data");
    if (assigned !== undefined) return assigned ?? none;
    const bytes = this.#open();
    const lines = this.#found();
    const first = this.#nextLine("data", 0);
    if (this.#nextLine("data", first + 1) === lines.count) return this.#valueAt(first);
    const data = new Hold();
    for (let line = first; line < lines.count; line = this.#nextLine("data", line + 1)) {
      if (line > first) data.append(LINE_FEED, 0, 1);
      data.append(bytes, lines.valueStart(line), lines.valueEnd(line));
    }
    return data.take();
  }

  set dataBytes(bytes: Uint8Array) {
    this.#assign("data", bytes);
  }

  get id(): string | null {
    const last = this.#last("id", (value) => !value.includes(0));
    return last === null ? null : decoder.decode(last);
  }

  set id(value: string | null) {
    if (value !== this.id) this.#assign("id", value === null ? null : checkId(value));
  }

  get retry(): number | null {
    const last = this.#last("retry", (value) => /^\d+$/.test(decoder.decode(value)));
    return last === null ? null : Number(decoder.decode(last));
  }

  set retry(value: number | null) {
    if (value !== this.retry) this.#assign("retry", value === null ? null : checkRetry(value));
  }

  /** Makes the block's bytes, with what was assigned, in memory of their own. */
  toBytes(): Uint8Array {
    const bytes = this.#open();
    if (this.#assigned === undefined) return bytes.slice(this.#start, this.#end);
    const lines = this.#found();
    const missing = new Map(this.#assigned);
    const output = new LineOutput();
    for (let line = 0; line < lines.count; line++) {
      const name = lines.name(line);
      const value = name === null ? undefined : this.#assigned.get(name);
      if (lines.valueEnd(line) === lines.start(line) && lines.end(line) === this.#end) {
        this.#addNew(missing, output);
      }
      if (name === null || value === undefined) output.add(bytes, lines.start(line), lines.end(line));
      else if (missing.delete(name) && value !== null) this.#replace(line, name, value, output);
    }
    const last = lines.count - 1;
    if (missing.size > 0 && (last < 0 || lines.end(last) === lines.valueEnd(last))) {
      output.addAll(this.lineEnd);
    }
    this.#addNew(missing, output);
    return output.take();
  }

  /** Makes its bytes with an empty line of their own, whatever ended it. */
  toClosedBytes(): Uint8Array {
    const lines = this.#found();
    const last = lines.count - 1;
    const endLength = last < 0 ? 0 : lines.end(last) - lines.valueEnd(last);
    const isClosed = last >= 0 && lines.valueEnd(last) === lines.start(last);
    const bytes = this.toBytes();
    const output = new LineOutput();
    output.add(bytes, 0, bytes.length - (isClosed ? endLength : 0));
    if (last >= 0 && endLength === 0) output.addAll(this.lineEnd);
    output.addAll(this.lineEnd);
    return output.take();
  }

  /** Lets go of the bytes: from now on the view can't be read. */
  close(): void {
    this.#bytes = null;
  }

  #open(): Uint8Array {
    if (this.#bytes !== null) return this.#bytes;
    throw new TypeError(
      "Cannot read the event as it must be read during the call that shows it: the call has returned",
    );
  }

  #found(): EventLines {
    return this.#lines ??= new EventLines(this.#open(), this.#start, this.#end);
  }

  /** The next line of a field, from one on; the count of lines if there is none. */
  #nextLine(name: EventFieldName, from: number): number {
    const lines = this.#found();
    let line = from;
    while (line < lines.count && lines.name(line) !== name) line++;
    return Math.min(line, lines.count);
  }

  #valueAt(line: number): Uint8Array {
    const lines = this.#found();
    return line < lines.count ? this.#open().subarray(lines.valueStart(line), lines.valueEnd(line)) : none;
  }

  /** The last value of a field, of those that count. */
  #last(name: EventFieldName, counts: (value: Uint8Array) => boolean = () => true): Uint8Array | null {
    const lines = this.#found();
    const assigned = this.#assigned?.get(name);
    if (assigned !== undefined) return assigned;
    for (let line = lines.count - 1; line >= 0; line--) {
      const value = lines.name(line) === name ? this.#valueAt(line) : null;
      if (value !== null && counts(value)) return value;
    }
    return null;
  }

  #assign(name: EventFieldName, value: Uint8Array | null): void {
    this.#open();
    (this.#assigned ??= new Map()).set(name, value);
  }

  /** The new lines of a field, in place of the first one that it had; the last of them gets that one's end. */
  #replace(line: number, name: EventFieldName, value: Uint8Array, output: LineOutput): void {
    const bytes = this.#open();
    const lines = this.#found();
    const behind = lines.start(line) + name.length;
    const separator = behind < lines.valueEnd(line) && bytes[behind + 1] !== SPACE ? ":" : ": ";
    output.addField(
      name,
      value,
      separator,
      this.lineEnd,
      bytes.subarray(lines.valueEnd(line), lines.end(line)),
    );
  }

  /** The lines of fields that it did not have; leaves none of them in the map. */
  #addNew(missing: Map<EventFieldName, Uint8Array | null>, output: LineOutput): void {
    const { lineEnd } = this;
    for (const [name, value] of missing) {
      if (value !== null) output.addField(name, value, ": ", lineEnd, lineEnd);
    }
    missing.clear();
  }
}
