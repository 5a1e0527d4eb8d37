/**
 * Puts the text in the events of a stream through transformers, as if it were one text, not a piece in each
 * event.
 *
 * Each text has a transformer of its own. What that makes of a piece goes into the event that brought it, so
 * events keep their number and order, and one whose piece comes out as it went in stays byte for byte. When a
 * text ends, its transformer may still hold something: that goes into the event that ends it if this has a
 * piece of the text, else into an event in front of it, made of the last one that had a piece.
 *
 * What does not end a text lets it be: keep-alive comments, pings, pieces of other texts. If the held
 * beginning of a match were let go whenever another event passes, a match could slip through around it.
 */

import { EventView } from "./event-view.ts";
import { isolateJson, type JsonEdit, spliceJson } from "./json-splice.ts";
import { type EventJudge, makeEventTransform } from "./map-events.ts";
import { parseJson } from "./parse-json.ts";
import type { Verdict } from "./records.ts";
import { type Found, type FoundText, TextFinder } from "./text-finder.ts";
import { type TextFormat, type TextFormatName, textFormats } from "./text-formats.ts";
import { TextUnderWay } from "./text-under-way.ts";
import type { Transform, Transformer } from "./transform.ts";

/** How many texts may be under way at once: far more than any origin sends side by side. */
const MAX_TEXTS = 1024;

const encoder: TextEncoder = new TextEncoder();
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** What `sseText` can be told. */
export interface SseTextOptions {
  /** The most that an event may have, in bytes, its line ends included; default 16 MiB. */
  readonly maxEvent?: number;
}

/** What the JSON of an event says. */
interface EventData {
  readonly bytes: Uint8Array;
  readonly found: Found;
}

/** The edit that puts a text in place of the one that was found, if it is another. */
function textEdit({ path, text }: FoundText, output: string): JsonEdit[] {
  return output === text ? [] : [{ path, json: encoder.encode(JSON.stringify(output)) }];
}

class TextJudge implements EventJudge {
  readonly #finder: TextFinder;
  readonly #make: () => Transformer;
  readonly #underWay: Map<string, TextUnderWay> = new Map();

  constructor(finder: TextFinder, make: () => Transformer) {
    this.#finder = finder;
    this.#make = make;
  }

  judge(event: EventView, isLast: boolean): Verdict | undefined {
    const data = event.hasData ? this.#read(event) : undefined;
    const pieces = data?.found.pieces.filter(({ text }) => text !== "") ?? [];
    const outputs = new Map(pieces.map((piece) => [piece, this.#textOf(piece).write(piece.text)]));
    const endsAll = isLast || (event.hasData && data === undefined && event.data.trim() === "[DONE]");
    const inFront: Uint8Array[] = [];
    for (const text of this.#underWay.values()) {
      if (!endsAll && !isEndedBy(data?.found, text)) continue;
      const rest = this.#end(text);
      const place = data?.found.pieces.findLast(({ id }) => id === text.id);
      if (place !== undefined) outputs.set(place, (outputs.get(place) ?? "") + rest);
      else if (rest !== "") inFront.push(this.#eventWith(text, rest));
    }
    if (data !== undefined) this.#edit(event, data, outputs);
    const isSame = !event.isChanged && inFront.length === 0;
    const goesOn = pieces.flatMap(({ id }) => this.#underWay.get(id) ?? []);
    if (isSame && goesOn.length === 0) return undefined;
    const bytes = event.toBytes();
    const copy = isSame || goesOn.length === 0 ? bytes : bytes.slice();
    for (const text of goesOn) text.lastEvent = copy;
    return isSame ? undefined : { pieces: [...inFront, bytes], endsAsBefore: true, after: [] };
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
    return value === undefined ? undefined : { bytes, found: this.#finder.find(value) };
  }

  #textOf(piece: FoundText): TextUnderWay {
    const known = this.#underWay.get(piece.id);
    if (known !== undefined) return known;
    if (this.#underWay.size === MAX_TEXTS) {
      throw new RangeError(
        `Cannot rewrite the text as at most ${MAX_TEXTS} texts may be under way at once: one more has begun`,
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

  /** Makes another event of the last one that had a piece of a text: it has this piece and no other. */
  #eventWith(text: TextUnderWay, rest: string): Uint8Array {
    const last = text.lastEvent ?? new Uint8Array();
    const event = new EventView(last, 0, last.length);
    const { bytes, found } = this.#read(event) as EventData;
    const place = found.pieces.find(({ id }) => id === text.id) as FoundText;
    const edits = found.pieces.flatMap((piece) => textEdit(piece, piece === place ? rest : ""));
    event.dataBytes = isolateJson(spliceJson(bytes, edits), place.path);
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
  if (found === undefined) return false;
  const goesOn = found.pieces.some((piece) => piece.id === text.id && piece.text !== "");
  return found.ends(text) || (!goesOn && found.goesOnElsewhere(text));
}

/**
 * Puts the text of an event stream through transforms, wherever the events and the chunks cut it, as LLM
 * streams cut theirs: a piece in each event, in a field of its JSON. Every text has transforms of its own;
 * the choices of a completion, for instance, are texts of their own.
 *
 * A piece that comes out as it went in leaves its event byte for byte; else only the string in the JSON is
 * written anew. All events go, in order and at once, also one whose text is all held back: then that is
 * empty. What a text's transforms hold when it ends goes into the event that ends it, or into one in front of
 * that, a copy of the last event that had a piece. A text ends with what its format says, with text in
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
 * - **Memory**: for each text under way, its transforms and a copy of the last event that had a piece of it;
 *   at most 1024 texts. At most three times the longest event that spans chunks.
 *
 * @param format Where the text is: the name of a format, a path such as `"choices[*].delta.content"` if there
 * is one field only, or a description.
 * @param make Makes the transform of a text, a new one each time it is called; it gets UTF-8.
 * @param options The limit.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `format` is neither text nor an object with fields, `make` no function, or
 * `maxEvent` no number.
 * @throws {SyntaxError} If a path can't be read.
 * @throws {RangeError} If `maxEvent` is not a whole number, or less than 1; the body fails with one when an
 * event is longer than `maxEvent`, or when more than 1024 texts are under way.
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
  return makeEventTransform(new TextJudge(new TextFinder(toFormat(format)), make), options.maxEvent);
}

function toFormat(format: TextFormat | string): TextFormat {
  if (typeof format === "string") {
    return Object.hasOwn(textFormats, format)
      ? textFormats[format as TextFormatName]
      : { fields: [{ path: format }] };
  }
  if (typeof format === "object" && format !== null && Array.isArray(format.fields)) return format;
  throw new TypeError(
    `Cannot rewrite the text as its format must be a name, a path or an object with fields: got ${
      format === null ? "null" : typeof format
    }`,
  );
}
