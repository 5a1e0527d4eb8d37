/** Maps the records of a body: what a delimiter ends, lines first of all. */

import { DelimiterFraming, type Framing, LineFraming } from "./framings.ts";
import {
  DEFAULT_MAX_RECORD_BYTES,
  LEFT_OUT,
  makeRecordTransform,
  type RecordJudge,
  type Verdict,
} from "./records.ts";
import type { Transform } from "./transform.ts";

/** What a function makes of a record: bytes or text in its place, `null` to leave it out, or nothing. */
export type RecordFunction = (record: Uint8Array) => Uint8Array | string | null | undefined | void;

/** What `mapRecords` and `mapLines` can be told. */
export interface MapRecordsOptions {
  /** The most that a record may have, in bytes, without its end; default 16 MiB. */
  readonly maxRecord?: number;
}

class RecordMapper implements RecordJudge {
  readonly #map: RecordFunction;
  readonly #name: string;

  constructor(map: RecordFunction, name: string) {
    this.#map = map;
    this.#name = name;
  }

  judge(bytes: Uint8Array, start: number, end: number, endBytes: number): Verdict | undefined {
    const map = this.#map;
    const result: unknown = map(bytes.subarray(start, end - endBytes));
    if (result === undefined) return undefined;
    if (result === null) return LEFT_OUT;
    return inPlace(contentOf(result, this.#name), bytes.subarray(end - endBytes, end));
  }
}

function contentOf(result: unknown, name: string): Uint8Array {
  if (typeof result === "string") return new TextEncoder().encode(result);
  if (result instanceof Uint8Array) return result;
  throw new TypeError(
    `Cannot map the ${name} as its function must return a Uint8Array, a string, null or undefined: ` +
      `got ${result instanceof Promise ? "a promise" : typeof result}`,
  );
}

/**
 * Puts something in place of a record, in front of its own end.
 *
 * @param content What to put there.
 * @param end The record's end.
 * @returns The verdict on the record.
 */
export function inPlace(content: Uint8Array, end: Uint8Array): Verdict {
  return { pieces: [content, end].filter((piece) => piece.length > 0), endsAsBefore: true, after: [] };
}

function makeMapper(
  framing: Framing,
  map: RecordFunction,
  { maxRecord = DEFAULT_MAX_RECORD_BYTES }: MapRecordsOptions,
  name: string,
): Transform {
  if (typeof map !== "function") {
    throw new TypeError(`Cannot map ${name}s as what maps them must be a function: got ${typeof map}`);
  }
  return makeRecordTransform(framing, new RecordMapper(map, name), {
    name,
    limitName: "maxRecord",
    maxBytes: maxRecord,
    alone: false,
    retains: true,
  });
}

/**
 * Maps the records of a body, each of which ends with a delimiter; what follows the last delimiter is one
 * too, unless it is empty. The delimiters stay as they are.
 *
 * - **Bytes held**: the record that is not complete yet, at most `maxRecord` bytes and a part of a delimiter.
 * - **Delay added**: until a record is complete; it goes in the call that brings the last byte of its
 *   delimiter.
 * - **Memory**: at most three times the longest record that spans chunks. Records that are left as they are
 *   are passed on as subarrays.
 *
 * @param delimiter What ends a record: text, compared as UTF-8, or bytes. At least one byte.
 * @param map Gets a record without its delimiter, and must not change it; returns what to put in its place,
 * `null` to leave it out together with its delimiter, or nothing to leave it as it is.
 * @param options The limit.
 * @returns The transform; it `retains`, as `map` may keep what it is shown.
 * @throws {TypeError} If `delimiter` is neither text nor bytes, `map` no function, or `maxRecord` no number.
 * @throws {RangeError} If `delimiter` is empty, or `maxRecord` not a whole number, or less than 1; the body
 * fails with one when a record is longer than `maxRecord`.
 *
 * @example Leave out what is empty
 * ```ts
 * import { mapRecords } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const compact = mapRecords(", ", (record) => record.length === 0 ? null : undefined);
 * assert.equal(await new Response(new Response("a, , b").body!.pipeThrough(compact)).text(), "a, b");
 * ```
 */
export function mapRecords(
  delimiter: string | Uint8Array,
  map: RecordFunction,
  options: MapRecordsOptions = {},
): Transform {
  if (typeof delimiter !== "string" && !(delimiter instanceof Uint8Array)) {
    throw new TypeError(
      `Cannot map records as the delimiter must be a string or a Uint8Array: got ${typeof delimiter}`,
    );
  }
  if (delimiter.length === 0) {
    throw new RangeError("Cannot map records as the delimiter must be at least one byte long: got none");
  }
  const bytes = typeof delimiter === "string" ? new TextEncoder().encode(delimiter) : delimiter.slice();
  return makeMapper(new DelimiterFraming(bytes), map, options, "record");
}

/**
 * Maps the lines of a body. A line ends with LF, CR LF or CR, whichever it is, and its end stays byte for
 * byte; what follows the last line end is a line too, unless it is empty.
 *
 * - **Bytes held**: the line that is not complete yet, at most `maxRecord` bytes.
 * - **Delay added**: until a line is complete; it goes in the call that brings its end. A CR is an end: it
 *   does not wait for a LF, which follows by itself if it comes later.
 * - **Memory**: at most three times the longest line that spans chunks. Lines that are left as they are are
 *   passed on as subarrays.
 *
 * @param map Gets a line's bytes without its end, and must not change them; returns what to put in their
 * place, `null` to leave the line out together with its end, or nothing to leave it as it is.
 * @param options The limit.
 * @returns The transform; it `retains`, as `map` may keep what it is shown.
 * @throws {TypeError} If `map` is no function, or `maxRecord` no number.
 * @throws {RangeError} If `maxRecord` is not a whole number, or less than 1; the body fails with one when a
 * line is longer than `maxRecord`.
 *
 * @example Leave out comments
 * ```ts
 * import { mapLines } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const code = mapLines((line) => line[0] === "#".charCodeAt(0) ? null : undefined);
 * const body = new Response("# one\ntwo\r\n# three").body!.pipeThrough(code);
 * assert.equal(await new Response(body).text(), "two\r\n");
 * ```
 */
export function mapLines(map: RecordFunction, options: MapRecordsOptions = {}): Transform {
  return makeMapper(new LineFraming(), map, options, "line");
}
