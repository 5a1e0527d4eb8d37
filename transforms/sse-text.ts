/**
 * Puts the text in the events of a stream through transformers, as if it were one text, not a piece in each
 * event.
 *
 * Each text has a transformer of its own. What that makes of a piece goes into the event that brought it, so
 * events keep their number and order, and one whose piece comes out as it went in stays byte for byte. When a
 * text ends, its transformer may still hold something: that goes into the event that ends it if this has a
 * piece of the text, else into an event in front of it, made of the last one that had a piece: a copy if that
 * was small, else one with little more than the text, as one large event may have pieces of many texts.
 *
 * What does not end a text lets it be: keep-alive comments, pings, pieces of other texts. If the held
 * beginning of a match were let go whenever another event passes, a match could slip through around it.
 */

import { EventView } from "./event-view.ts";
import { isolateJson, type JsonEdit, type JsonPath, spliceJson } from "./json-splice.ts";
import { leanJson } from "./lean-event.ts";
import { LF } from "./line-ends.ts";
import { type EventJudge, makeEventTransform } from "./map-events.ts";
import { parseJson } from "./parse-json.ts";
import type { Verdict } from "./records.ts";
import { type Found, type FoundText, TextFinder } from "./text-finder.ts";
import { type TextFormat, type TextFormatName, textFormats } from "./text-formats.ts";
import { type LastEvent, TextUnderWay } from "./text-under-way.ts";
import type { Transform, Transformer } from "./transform.ts";
import { writeEvent } from "./write-event.ts";

/** How many texts may be under way at once, by default: far more than any origin sends side by side. */
const DEFAULT_MAX_TEXTS = 128;

/** Up to how many bytes an event is kept whole, to make another of it: more than most have. */
const MAX_KEPT_BYTES = 4096;

const none: Uint8Array = new Uint8Array();
const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What `sseText` can be told. */
export interface SseTextOptions {
  /** The most that an event may have, in bytes, its line ends included; default 16 MiB. */
  readonly maxEvent?: number;
  /** The most texts that may be under way at once; default 128. */
  readonly maxTexts?: number;
}

/** What the JSON of an event says. */
interface EventData {
  readonly bytes: Uint8Array;
  readonly value: unknown;
  readonly found: Found;
}

function samePath(a: JsonPath, b: JsonPath): boolean {
  return a.length === b.length && a.every((step, index) => step === b[index]);
}

/** The edit that puts a text in place of the one that was found, if it is another. */
function textEdit({ path, text }: FoundText, output: string): JsonEdit[] {
  return output === text ? [] : [{ path, json: encoder.encode(JSON.stringify(output)) }];
}

class TextJudge implements EventJudge {
  readonly #finder: TextFinder;
  readonly #make: () => Transformer;
  readonly #maxTexts: number;
  readonly #underWay: Map<string, TextUnderWay> = new Map();

  constructor(finder: TextFinder, make: () => Transformer, maxTexts: number) {
    this.#finder = finder;
    this.#make = make;
    this.#maxTexts = maxTexts;
  }

  judge(event: EventView, isLast: boolean): Verdict | undefined {
    const data = event.hasData ? this.#read(event) : undefined;
    const pieces = data?.found.pieces.filter(({ text }) => text !== "") ?? [];
    const outputs = new Map(pieces.map((piece) => [piece, this.#textOf(piece).write(piece.text)]));
    const endsAll = isLast || (event.hasData && data === undefined && event.data.trim() === "[DONE]");
    const inFront: Uint8Array[] = [];
    const places = new Map(data?.found.pieces.map((piece) => [piece.id, piece]));
    for (const text of endsAll || data !== undefined ? this.#underWay.values() : []) {
      if (!endsAll && !isEndedBy(data?.found, text)) continue;
      const rest = this.#end(text);
      const place = places.get(text.id);
      if (place !== undefined) outputs.set(place, (outputs.get(place) ?? "") + rest);
      else if (rest !== "") inFront.push(this.#eventWith(text, rest));
    }
    if (data !== undefined) this.#edit(event, data, outputs);
    const isSame = !event.isChanged && inFront.length === 0;
    if (data !== undefined) this.#keep(event, data, pieces);
    return isSame ? undefined : { pieces: [...inFront, event.toBytes()], endsAsBefore: true, after: [] };
  }

  finish(): readonly Uint8Array[] {
    return [...this.#underWay.values()].flatMap((text) => {
      const rest = this.#end(text);
      return rest === "" ? [] : [this.#eventWith(text, rest)];
    });
  }

  cancel(reason: unknown): void {
    const texts = [...this.#underWay.values()];
    this.#underWay.clear();
    for (const text of texts) text.cancel(reason);
  }

  #read(event: EventView): EventData | undefined {
    const bytes = event.dataBytes;
    const value = parseJson(decoder.decode(bytes));
    return value === undefined ? undefined : { bytes, value, found: this.#finder.find(value) };
  }

  #textOf(piece: FoundText): TextUnderWay {
    const known = this.#underWay.get(piece.id);
    if (known !== undefined) return known;
    if (this.#underWay.size === this.#maxTexts) {
      throw new RangeError(
        `Cannot rewrite the text as at most ${this.#maxTexts} texts may be under way at once: ` +
          "one more has begun; raise maxTexts, or take it for an attack",
      );
    }
    const text = new TextUnderWay(piece, this.#make());
    this.#underWay.set(piece.id, text);
    return text;
  }

  #end(text: TextUnderWay): string {
    this.#underWay.delete(text.id);
    return text.end();
  }

  /** Keeps, for each text that goes on, what an event can be made of. */
  #keep(event: EventView, { value }: EventData, pieces: readonly FoundText[]): void {
    const goesOn = new Map(pieces.map((piece) => [this.#underWay.get(piece.id), piece]));
    goesOn.delete(undefined);
    if (goesOn.size === 0) return;
    const whole = event.byteLength > MAX_KEPT_BYTES ? null : event.toBytes();
    for (const [text, { path }] of goesOn) {
      if (text === undefined) continue;
      const small = whole !== null && whole.length <= MAX_KEPT_BYTES;
      text.last = small ? { bytes: whole, path } : this.#leanEvent(event.type, value, path);
    }
  }

  /** An event with a text, empty, and without any other. */
  #leanEvent(type: string, value: unknown, path: JsonPath): LastEvent {
    const lean = leanJson(value, path);
    const { pieces, wholes, repeats } = this.#finder.find(lean.value);
    const edits = [
      ...[...pieces, ...wholes].flatMap((found) => textEdit(found, "")),
      ...repeats.map(({ path, empty }) => ({ path, json: encoder.encode(empty) })),
    ];
    const json = spliceJson(encoder.encode(JSON.stringify(lean.value)), edits);
    const typed = type === "message" || type.length > MAX_KEPT_BYTES ? {} : { type };
    const bytes = writeEvent({ ...typed, data: decoder.decode(json) }, Uint8Array.of(LF));
    return { bytes, path: lean.path };
  }

  /** Makes another event of the last one that had a piece of a text: it has this piece and no other. */
  #eventWith({ last }: TextUnderWay, rest: string): Uint8Array {
    if (last === undefined) return none;
    const event = new EventView(last.bytes, 0, last.bytes.length);
    const { bytes, found } = this.#read(event) as EventData;
    const edits = found.pieces.flatMap((piece) =>
      textEdit(piece, samePath(piece.path, last.path) ? rest : "")
    );
    event.dataBytes = isolateJson(spliceJson(bytes, edits), last.path);
    return event.toClosedBytes();
  }

  #edit(event: EventView, { bytes, found }: EventData, outputs: ReadonlyMap<FoundText, string>): void {
    const edits = [
      ...[...outputs].flatMap(([piece, output]) => textEdit(piece, output)),
      ...found.wholes.flatMap((whole) => textEdit(whole, this.#whole(whole))),
      ...found.repeats.map(({ path, empty }) => ({ path, json: encoder.encode(empty) })),
    ];
    if (edits.length > 0) event.dataBytes = spliceJson(bytes, edits);
  }

  #whole(whole: FoundText): string {
    const text = new TextUnderWay(whole, this.#make());
    return text.write(whole.text) + text.end();
  }
}

/** Whether an event ends a text: it says so, or goes on with another text of the same thing instead. */
function isEndedBy(found: Found | undefined, text: TextUnderWay): boolean {
  return found !== undefined && (found.ends(text) || found.goesOnElsewhere(text));
}

/**
 * Puts the text of an event stream through transforms, wherever the events and the chunks cut it, as LLM
 * streams cut theirs: a piece in each event, in a field of its JSON. Every text has transforms of its own;
 * the choices of a completion, for instance, are texts of their own.
 *
 * A piece that comes out as it went in leaves its event byte for byte; else only the string in the JSON is
 * written anew. All events go, in order and at once, also one whose text is all held back: then that is
 * empty. What a text's transforms hold when it ends goes into the event that ends it, or into one in front of
 * that, made of the last event that had a piece: a copy up to 4 KiB, else its short members. A text ends with what its format says, with text in
 * another field of the same thing, with `[DONE]` and with the stream.
 *
 * What is no JSON, and what the format does not call text, passes: think of the arguments of tool calls. What
 * repeats the text token by token (`logprobs`) is emptied. Half a surrogate pair that never gets its other
 * half becomes U+FFFD.
 *
 * - **Bytes held**: the event that is not complete yet, at most `maxEvent` bytes; of a text, what its
 *   transforms hold.
 * - **Delay added**: until an event is complete; it goes in the call that brings the last byte of its empty
 *   line, as a chunk by itself. The text that transforms hold waits for the next piece.
 * - **Memory**: for each text under way, at most `maxTexts`, its transforms and a few KiB to make an event of.
 *   At most three times the longest event that spans chunks.
 *
 * @param format Where the text is: the name of a format, a path such as `"choices[*].delta.content"` if there
 * is one field only, or a description.
 * @param make Makes the transform of a text, a new one each time it is called; it gets UTF-8.
 * @param options The limits.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `format` is neither a name, a path with a dot or `[*]`, nor an object with fields, `make` no function, or
 * a limit no number.
 * @throws {SyntaxError} If a path can't be read.
 * @throws {RangeError} If a limit is not a whole number, or less than 1; the body fails with one when an
 * event is longer than `maxEvent`, or when more than `maxTexts` texts are under way.
 *
 * @example A secret that two events share
 * ```ts
 * import { replace, sseText } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const delta = (content: string) => `data: {"choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
 * const stream = delta("It is hun") + delta("ter2, he said") + "data: [DONE]\n\n";
 * const redacted = new Response(stream).body!.pipeThrough(sseText("llm", () => replace("hunter2", "***")));
 * assert.equal(
 *   await new Response(redacted).text(),
 *   delta("It is ") + delta("***, he said") + "data: [DONE]\n\n",
 * );
 * ```
 */
export function sseText(
  format: TextFormat | TextFormatName | string,
  make: () => Transformer,
  options: SseTextOptions = {},
): Transform {
  if (typeof make !== "function") {
    throw new TypeError(
      `Cannot rewrite the text as what makes its transforms must be a function: got ${typeof make}`,
    );
  }
  const maxTexts = options.maxTexts ?? DEFAULT_MAX_TEXTS;
  if (typeof maxTexts !== "number" || !Number.isSafeInteger(maxTexts) || maxTexts < 1) {
    const wanted = "Cannot rewrite the text as maxTexts must be a whole number, 1 or more: got";
    throw typeof maxTexts === "number"
      ? new RangeError(`${wanted} ${maxTexts}`)
      : new TypeError(`${wanted} ${typeof maxTexts}`);
  }
  const judge = new TextJudge(new TextFinder(toFormat(format)), make, maxTexts);
  return makeEventTransform(judge, options.maxEvent);
}

function toFormat(format: TextFormat | string): TextFormat {
  if (typeof format === "string") {
    if (Object.hasOwn(textFormats, format)) return textFormats[format as TextFormatName];
    if (/^[^.[\]]+$/.test(format)) {
      throw new TypeError(
        `Cannot rewrite the text as its format must be one of ${
          Object.keys(textFormats).join(", ")
        }, or a path ` +
          `with a dot or [*]: got ${JSON.stringify(format)}; for a member of that name, ` +
          `give { fields: [{ path: ${JSON.stringify(format)} }] }`,
      );
    }
    return { fields: [{ path: format }] };
  }
  if (typeof format === "object" && format !== null && Array.isArray(format.fields)) return format;
  throw new TypeError(
    `Cannot rewrite the text as its format must be a name, a path or an object with fields: got ${
      format === null ? "null" : typeof format
    }`,
  );
}
