/** Maps the values of a body of JSON lines (NDJSON). */

import { LineFraming } from "./framings.ts";
import { inPlace } from "./map-records.ts";
import {
  DEFAULT_MAX_RECORD_BYTES,
  LEFT_OUT,
  makeRecordTransform,
  type RecordJudge,
  type Verdict,
} from "./records.ts";
import type { Transform } from "./transform.ts";

/** What a function for `mapJson` returns to leave a line out; `null` is a value like any other. */
export const drop: unique symbol = Symbol("drop");

/** What `mapJson` can be told. */
export interface MapJsonOptions {
  /** The most that a line may have, in bytes, without its end; default 16 MiB. */
  readonly maxRecord?: number;
  /** What becomes of a line that is no JSON: the body fails, or the line goes as it is; default `"error"`. */
  readonly onInvalid?: "error" | "pass";
}

class JsonMapper implements RecordJudge {
  readonly #map: (value: unknown) => unknown;
  readonly #passesInvalid: boolean;
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", { fatal: true });
  #line = 0;

  constructor(map: (value: unknown) => unknown, passesInvalid: boolean) {
    this.#map = map;
    this.#passesInvalid = passesInvalid;
  }

  judge(bytes: Uint8Array, start: number, end: number, endBytes: number): Verdict | undefined {
    this.#line++;
    const parsed = this.#parse(bytes.subarray(start, end - endBytes));
    if (parsed === undefined) return undefined;
    const map = this.#map;
    const result = map(parsed.value);
    if (result === undefined) return undefined;
    if (result === drop) return LEFT_OUT;
    return inPlace(new TextEncoder().encode(this.#stringify(result)), bytes.subarray(end - endBytes, end));
  }

  /** Parses a line; an empty one has no value, and an invalid one that is to pass has none either. */
  #parse(content: Uint8Array): { readonly value: unknown } | undefined {
    try {
      const text = this.#decoder.decode(content);
      return /^[ \t]*$/.test(text) ? undefined : { value: JSON.parse(text) };
    } catch (cause) {
      if (this.#passesInvalid) return undefined;
      throw new SyntaxError(
        `Cannot map line ${this.#line} as it must be JSON: ${(cause as Error).message}; ` +
          'let such lines pass with { onInvalid: "pass" }',
        { cause },
      );
    }
  }

  #stringify(value: unknown): string {
    const text = value instanceof Promise ? undefined : JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
    throw new TypeError(
      `Cannot map line ${this.#line} as its function must return a JSON value, drop or undefined: ` +
        `got ${value instanceof Promise ? "a promise" : typeof value}`,
    );
  }
}

/**
 * Maps the values of a body that has a JSON value on each line (NDJSON). Empty lines go as they are.
 *
 * - **Bytes held**: the line that is not complete yet, at most `maxRecord` bytes.
 * - **Delay added**: until a line is complete; it goes in the call that brings its end.
 * - **Memory**: at most three times the longest line that spans chunks, and the value of one line. Lines that
 *   are left as they are are passed on as subarrays.
 *
 * @param map Gets a value; returns the one to put in its place, `drop` to leave the line out, or nothing to
 * leave the line's bytes as they are. A value that was changed in place must be returned to count.
 * @param options The limit, and what becomes of lines that are no JSON.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `map` is no function, `maxRecord` no number, or `onInvalid` none of its values; the
 * body fails with one when `map` returns what JSON can't say.
 * @throws {RangeError} If `maxRecord` is not a whole number, or less than 1; the body fails with one when a
 * line is longer than `maxRecord`.
 * @throws {SyntaxError} The body fails with one when a line is no JSON in UTF-8, unless such lines pass.
 *
 * @example Leave out some, change others
 * ```ts
 * import { drop, mapJson } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const even = mapJson((value) => (value as number) % 2 === 0 ? { value } : drop);
 * const body = new Response("1\n2\n3\n4").body!.pipeThrough(even);
 * assert.equal(await new Response(body).text(), '{"value":2}\n{"value":4}');
 * ```
 */
export function mapJson(map: (value: unknown) => unknown, options: MapJsonOptions = {}): Transform {
  if (typeof map !== "function") {
    throw new TypeError(`Cannot map JSON as what maps it must be a function: got ${typeof map}`);
  }
  const onInvalid: string = options.onInvalid ?? "error";
  if (onInvalid !== "error" && onInvalid !== "pass") {
    throw new TypeError(`Cannot map JSON as onInvalid must be "error" or "pass": got ${onInvalid}`);
  }
  return makeRecordTransform(new LineFraming(), new JsonMapper(map, onInvalid === "pass"), {
    name: "line",
    limitName: "maxRecord",
    maxBytes: options.maxRecord ?? DEFAULT_MAX_RECORD_BYTES,
    alone: false,
    retains: false,
  });
}
