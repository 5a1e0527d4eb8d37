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

import { concat } from "./concat.ts";
import {
  checkId,
  checkLines,
  checkLineValue,
  checkRetry,
  type EventFieldName,
  type EventLine,
  findEventLines,
  hasData,
  writeEventLine,
} from "./event-lines.ts";
import { CR, LF } from "./line-ends.ts";

const SPACE = 0x20;
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
  #lines: readonly EventLine[] | undefined;
  #assigned: Map<EventFieldName, readonly Uint8Array[]> | undefined;

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
    const first = this.#found()[0];
    if (first === undefined || first.valueEnd === first.start || first.end === first.valueEnd) {
      return LINE_FEED;
    }
    return this.#open().slice(first.valueEnd, first.end);
  }

  get type(): string {
    const last = this.#values("event").at(-1);
    return last === undefined || last.length === 0 ? "message" : decoder.decode(last);
  }

  set type(value: string) {
    if (value !== this.type) this.#assign("event", [checkLineValue(value, "the type of the event")]);
  }

  get data(): string {
    return this.#values("data").map((value) => decoder.decode(value)).join("\n");
  }

  set data(value: string) {
    const lines = checkLines(value, "the data of the event");
    if (lines.join("\n") === this.data && this.hasData) return;
    this.#assign("data", lines.map((line) => encoder.encode(line)));
  }

  /** The bytes of `data`, which are not UTF-8 where the origin's are not. */
  get dataBytes(): Uint8Array {
    const [first, ...others] = this.#values("data");
    if (first === undefined || others.length === 0) return first ?? new Uint8Array();
    return concat([first, ...others.flatMap((value) => [LINE_FEED, value])]);
  }

  set dataBytes(bytes: Uint8Array) {
    const values: Uint8Array[] = [];
    let start = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, start)) {
      values.push(bytes.subarray(start, at));
      start = at + 1;
    }
    this.#assign("data", [...values, bytes.subarray(start)]);
  }

  get id(): string | null {
    const last = this.#values("id").findLast((value) => !value.includes(0));
    return last === undefined ? null : decoder.decode(last);
  }

  set id(value: string | null) {
    if (value !== this.id) this.#assign("id", value === null ? [] : [checkId(value)]);
  }

  get retry(): number | null {
    const last = this.#values("retry").map((value) => decoder.decode(value)).findLast((value) =>
      /^\d+$/.test(value)
    );
    return last === undefined ? null : Number(last);
  }

  set retry(value: number | null) {
    if (value !== this.retry) this.#assign("retry", value === null ? [] : [checkRetry(value)]);
  }

  /** Makes the block's bytes, with what was assigned, in memory of their own. */
  toBytes(): Uint8Array {
    const bytes = this.#open();
    if (this.#assigned === undefined) return bytes.slice(this.#start, this.#end);
    const lines = this.#found();
    const missing = new Map(this.#assigned);
    const parts: Uint8Array[] = [];
    for (const line of lines) {
      const values = line.name === null ? undefined : this.#assigned?.get(line.name);
      if (line.valueEnd === line.start && line.end === this.#end) parts.push(...this.#newLines(missing));
      if (values === undefined) parts.push(bytes.subarray(line.start, line.end));
      else if (line.name !== null && missing.delete(line.name)) parts.push(...this.#replaced(line, values));
    }
    const last = lines.at(-1);
    if (missing.size > 0 && last?.end === last?.valueEnd) parts.push(this.lineEnd);
    parts.push(...this.#newLines(missing));
    return concatLines(parts);
  }

  /** Makes its bytes with an empty line of their own, whatever ended it. */
  toClosedBytes(): Uint8Array {
    const lines = this.#found();
    const last = lines.at(-1);
    const isClosed = last !== undefined && last.valueEnd === last.start;
    const bytes = this.toBytes();
    const body = isClosed ? bytes.subarray(0, bytes.length - (last.end - last.valueEnd)) : bytes;
    const needsEnd = last !== undefined && last.end === last.valueEnd;
    return concatLines([body, ...(needsEnd ? [this.lineEnd] : []), this.lineEnd]);
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

  #found(): readonly EventLine[] {
    return this.#lines ??= findEventLines(this.#open(), this.#start, this.#end);
  }

  #values(name: EventFieldName): readonly Uint8Array[] {
    const bytes = this.#open();
    return this.#assigned?.get(name) ??
      this.#found().filter((line) => line.name === name)
        .map((line) => bytes.subarray(line.valueStart, line.valueEnd));
  }

  #assign(name: EventFieldName, values: readonly Uint8Array[]): void {
    (this.#assigned ??= new Map()).set(name, values);
  }

  /** The new lines of a field, in place of the first one that it had; the last of them gets that one's end. */
  #replaced(line: EventLine, values: readonly Uint8Array[]): Uint8Array[] {
    const bytes = this.#open();
    const name = line.name as EventFieldName;
    const hasColon = line.start + name.length < line.valueEnd;
    const separator = hasColon && bytes[line.start + name.length + 1] !== SPACE ? ":" : ": ";
    return values.flatMap((value, index) => [
      writeEventLine(name, value, separator),
      index < values.length - 1 ? this.lineEnd : bytes.subarray(line.valueEnd, line.end),
    ]);
  }

  /** The lines of fields that it did not have; leaves none of them in the map. */
  #newLines(missing: Map<EventFieldName, readonly Uint8Array[]>): Uint8Array[] {
    const fields = [...missing];
    missing.clear();
    return fields.flatMap(([name, values]) =>
      values.flatMap((value) => [writeEventLine(name, value, ": "), this.lineEnd])
    );
  }
}

/**
 * Puts lines together. Where a CR and a LF that are line ends of their own would come to stand side by side,
 * which would make them one, a LF between them keeps two.
 */
function concatLines(parts: readonly Uint8Array[]): Uint8Array {
  return concat(parts.flatMap((part, index) => {
    const merges = part[0] === LF && parts[index - 1]?.at(-1) === CR;
    return merges ? [LINE_FEED, part] : [part];
  }));
}
