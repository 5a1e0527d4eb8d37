/**
 * Replaces what a regular expression matches, wherever the body is cut.
 *
 * A window of text slides over the body: what is undecided, with a little of what was before it for `^`, `\b`
 * and lookbehind to see. From where a match could still begin, or become another one, with more of the body
 * (`regexp-finder.ts` tells) the text is held. Bytes that are not replaced are handed on as they came: of text
 * only the length is taken, to find the bytes again.
 */

import { ByteQueue } from "./byte-queue.ts";
import { RegExpFinder } from "./regexp-finder.ts";
import type { Pattern } from "./regexp-pattern.ts";
import type { RegExpMatch } from "./regexp-template.ts";
import type { TextCodec } from "./text-codec.ts";
import type { Controller, Transformer } from "./transform.ts";

/** How much of a chunk becomes text at once, in bytes. */
const SLICE_BYTES = 64 * 1024;

const none = new Uint8Array();

/** How a replacer works: a pattern, and options that were checked. */
export interface RegExpSettings {
  /** What is searched for. */
  readonly pattern: Pattern;
  /** The charset of the body. */
  readonly codec: TextCodec;
  /** Makes what goes in place of a match. */
  readonly replace: (match: RegExpMatch, offset: number) => Uint8Array;
  /** How long a match may be, in bytes. */
  readonly maxMatch: number;
  /** How much of the text before is seen, in code units. */
  readonly context: number;
  /** Whether each line is a text by itself. */
  readonly perLine: boolean;
  /** Told where a match is too long; may throw. */
  readonly onOverflow: (offset: number) => void;
}

/** Replaces what a pattern matches. */
export class RegExpReplacer implements Transformer {
  readonly #pattern: Pattern;
  readonly #finder: RegExpFinder;
  readonly #replace: (match: RegExpMatch, offset: number) => Uint8Array;
  readonly #codec: TextCodec;
  readonly #maxMatch: number;
  readonly #context: number;
  readonly #perLine: boolean;
  readonly #onOverflow: (offset: number) => void;

  /** The text before what is held, as far as it may be seen. */
  #before = "";
  #heldText = "";
  /** The bytes of the held text, and behind them the beginning of a character. */
  readonly #held = new ByteQueue();
  #begun = 0;
  /** Whether the only match that is to be replaced was found. */
  #finished = false;
  /** How many bytes of the body came before the slice at hand. */
  #offset = 0;

  /** The text at hand, with what is before it, and its bytes behind those that are held. */
  #text = "";
  #slice: Uint8Array = none;
  /** An index in the text, and in the slice that of its byte: from here on bytes are counted. */
  #index = 0;
  #byte = 0;
  /** The index in the slice behind the last byte of the text. */
  #endByte = 0;
  /** Whether each code unit is a byte. */
  #isBytes = false;
  /** The index in the slice up to which everything was handed on. */
  #done = 0;

  /**
   * @param settings How it works.
   */
  constructor(settings: RegExpSettings) {
    this.#pattern = settings.pattern;
    this.#finder = new RegExpFinder(settings.pattern, settings.codec, settings.maxMatch);
    this.#replace = settings.replace;
    this.#codec = settings.codec;
    this.#maxMatch = settings.maxMatch;
    this.#context = settings.context;
    this.#perLine = settings.perLine;
    this.#onOverflow = settings.onOverflow;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
      if (this.#finished && !this.#perLine) {
        controller.enqueue(start === 0 ? chunk : chunk.subarray(start));
        return;
      }
      const whole = chunk.length <= SLICE_BYTES;
      this.#take(whole ? chunk : chunk.subarray(start, start + SLICE_BYTES), controller);
    }
  }

  flush(controller: Controller): void {
    const begun = this.#codec.decode(this.#held.copy(none, -this.#begun, 0));
    const begunBytes = this.#codec.byteLength(begun, 0, begun.length);
    this.#open(none, this.#heldText + begun, this.#held.length - this.#begun + begunBytes);
    const isLine = !this.#perLine || this.#text !== "";
    if (isLine && !this.#finished) this.#search(this.#text, 0, this.#before.length, true, controller);
    this.#held.pass(none, this.#done, 0, controller);
    this.cancel();
  }

  cancel(): void {
    this.#held.clear();
    this.#before = this.#heldText = this.#text = "";
    this.#slice = none;
  }

  /** Takes a slice of the body. */
  #take(slice: Uint8Array, controller: Controller): void {
    const { text, begun } = this.#decode(slice);
    this.#open(slice, this.#heldText + text, this.#held.length + slice.length - begun);
    const lineStart = this.#perLine ? this.#searchLines(controller) : 0;
    const line = lineStart === 0 ? this.#text : this.#text.slice(lineStart);
    const first = Math.max(this.#before.length, lineStart) - lineStart;
    const undecided = lineStart + this.#search(line, lineStart, first, false, controller);
    const isOver = this.#finished && !this.#perLine;
    const live = isOver ? slice.length : this.#byteAt(undecided);
    this.#held.pass(slice, this.#done, live, controller);
    this.#held.append(slice, Math.max(live, 0), slice.length);
    this.#before = this.#text.slice(Math.max(lineStart, undecided - this.#context), undecided);
    this.#heldText = this.#text.slice(undecided);
    this.#begun = isOver ? 0 : begun;
    this.#offset += slice.length;
    this.#slice = none;
    this.#text = "";
  }

  /** Makes text of a slice, and of the character that began before it; tells how many bytes begin another. */
  #decode(slice: Uint8Array): { readonly text: string; readonly begun: number } {
    const codec = this.#codec;
    let character = "";
    let taken = 0;
    if (this.#begun > 0) {
      let bytes = this.#held.copy(none, -this.#begun, 0);
      let next = this.#begun;
      while (next > taken && taken < slice.length) {
        bytes = Uint8Array.of(...bytes, slice[taken++] as number);
        next = codec.incomplete(bytes);
      }
      character = codec.decode(bytes.subarray(0, bytes.length - next));
      if (next > taken) return { text: character, begun: next };
      taken -= next;
    }
    const rest = taken === 0 ? slice : slice.subarray(taken);
    const begun = codec.incomplete(rest);
    return { text: character + codec.decode(rest.subarray(0, rest.length - begun)), begun };
  }

  /** Lays out the text that is undecided, and where its bytes are. */
  #open(slice: Uint8Array, text: string, byteLength: number): void {
    this.#text = this.#before + text;
    this.#slice = slice;
    this.#index = this.#before.length;
    this.#byte = this.#done = -this.#held.length;
    this.#endByte = this.#byte + byteLength;
    this.#isBytes = text.length === byteLength;
  }

  /** Replaces in all lines that are complete; returns where the last one begins. */
  #searchLines(controller: Controller): number {
    const text = this.#text;
    let start = 0;
    for (let end = text.indexOf("\n", this.#before.length); end >= 0; end = text.indexOf("\n", start)) {
      const first = Math.max(this.#before.length, start) - start;
      if (!this.#finished) this.#search(text.slice(start, end), start, first, true, controller);
      this.#finished = false;
      start = end + 1;
    }
    return start;
  }

  /**
   * Replaces in a text, which begins at an index of the text at hand.
   *
   * @returns From where on nothing is decided.
   */
  #search(text: string, start: number, first: number, ends: boolean, controller: Controller): number {
    for (let at = first; !this.#finished && at <= text.length;) {
      const verdict = ends ? this.#finder.last(text, at) : this.#finder.next(text, at, this.#isBytes);
      const isMatch = "match" in verdict;
      const from = isMatch ? verdict.match.index : verdict.undecidedFrom;
      const to = isMatch ? from + verdict.match[0].length : text.length;
      const startByte = this.#byteAt(start + from);
      const length = this.#byteAt(start + to, false) - startByte;
      if (length > this.#maxMatch && (isMatch || this.#pattern.live !== null)) {
        this.#onOverflow(this.#offset + startByte);
        at = this.#finder.behind(text, from);
      } else if (!isMatch) {
        return from;
      } else {
        this.#put(verdict.match, startByte, this.#byteAt(start + to), controller);
        at = to > from ? to : this.#finder.behind(text, to);
        this.#finished = !this.#pattern.all;
      }
    }
    return text.length;
  }

  /** Hands on what is before a match, and what replaces it. */
  #put(match: RegExpMatch, start: number, end: number, controller: Controller): void {
    this.#held.pass(this.#slice, this.#done, start, controller);
    const bytes = this.#replace(match, this.#offset + start);
    if (bytes.length > 0) controller.enqueue(bytes);
    this.#held.drop(start, end);
    this.#done = end;
  }

  /**
   * Finds the byte in the slice of an index in the text, which is never before the last one that was kept; by
   * counting from there or from the end, whichever is nearer.
   */
  #byteAt(index: number, keeps: boolean = true): number {
    const text = this.#text;
    const byte = this.#isBytes
      ? this.#byte + index - this.#index
      : index - this.#index < text.length - index
      ? this.#byte + this.#codec.byteLength(text, this.#index, index)
      : this.#endByte - this.#codec.byteLength(text, index, text.length);
    if (keeps) {
      this.#index = index;
      this.#byte = byte;
    }
    return byte;
  }
}
