/**
 * One text that comes in pieces, and the transformer that it goes through.
 *
 * Pieces are JavaScript strings, and the transformer's bytes are UTF-8, so what is cut in between is kept
 * here: the first half of a surrogate pair that a piece ends with goes with the next piece, and bytes that
 * are no whole character yet wait for their rest.
 */

import type { JsonPath } from "./json-splice.ts";
import type { FoundText, TextKey } from "./text-finder.ts";
import { claimTransform, type Controller, type Transformer } from "./transform.ts";

const encoder: TextEncoder = new TextEncoder();

/** Whether a text ends with the first half of a surrogate pair. */
function endsWithinPair(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}

/** The last event that had a piece of a text. */
export interface LastEvent {
  /** The event, or a smaller one that says as much of it; several texts may share them. */
  readonly bytes: Uint8Array;
  /** Where the piece is. */
  readonly path: JsonPath;
}

/** A text that has begun, and not ended. */
export class TextUnderWay implements Controller {
  readonly id: string;
  readonly field: number;
  readonly key: TextKey;
  /** What an event can be made of that carries it on. */
  last: LastEvent | undefined;
  readonly #transformer: Transformer;
  readonly #decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #half = "";
  #output = "";
  #hasTerminated = false;

  /**
   * @param found Its first piece.
   * @param transformer What it goes through, fresh.
   * @throws {TypeError} If that has had another text.
   */
  constructor({ id, field, key }: FoundText, transformer: Transformer) {
    this.id = id;
    this.field = field;
    this.key = key;
    claimTransform(transformer);
    this.#transformer = transformer;
  }

  enqueue(chunk: Uint8Array): void {
    this.#output += this.#decoder.decode(chunk, { stream: true });
  }

  terminate(): void {
    this.#hasTerminated = true;
  }

  /**
   * Takes the next piece.
   *
   * @param piece The piece.
   * @returns What is to go in its place.
   */
  write(piece: string): string {
    const text = this.#half + piece;
    const end = text.length - (endsWithinPair(text) ? 1 : 0);
    this.#half = text.slice(end);
    this.#transform(text.slice(0, end));
    return this.#take();
  }

  /** Ends it; returns what is still to go. */
  end(): string {
    this.#transform(this.#half);
    if (!this.#hasTerminated) this.#transformer.flush?.(this);
    this.#output += this.#decoder.decode();
    return this.#take();
  }

  /** The rest of it will not come. */
  cancel(reason: unknown): void {
    if (!this.#hasTerminated) this.#transformer.cancel?.(reason);
  }

  #transform(text: string): void {
    if (text !== "" && !this.#hasTerminated) this.#transformer.transform(encoder.encode(text), this);
  }

  #take(): string {
    const output = this.#output;
    this.#output = "";
    return output;
  }
}
