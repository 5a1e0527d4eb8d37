/** Puts the lines of a block of an event stream together, in one buffer however many there are. */

import { type EventFieldName, writeEventLine } from "./event-lines.ts";
import { Hold } from "./hold.ts";
import { CR, LF } from "./line-ends.ts";

const LINE_FEED: Uint8Array = Uint8Array.of(LF);

/**
 * Puts lines together. Where a CR and a LF that are line ends of their own would come to stand side by side,
 * which would make them one, a LF between them keeps two.
 */
export class LineOutput {
  readonly #bytes: Hold = new Hold();
  #lastByte = -1;

  /** Adds a part that ends with a line, or ends it. */
  add(bytes: Uint8Array, start: number, end: number): void {
    if (start >= end) return;
    if (this.#lastByte === CR && bytes[start] === LF) this.#bytes.append(LINE_FEED, 0, 1);
    this.#bytes.append(bytes, start, end);
    this.#lastByte = bytes[end - 1] as number;
  }

  /** Adds the whole of some bytes. */
  addAll(bytes: Uint8Array): void {
    this.add(bytes, 0, bytes.length);
  }

  /**
   * Adds a line for each value of a field.
   *
   * @param name The field.
   * @param values The values, with LF between them.
   * @param separator What stands between the name and a value.
   * @param lineEnd What ends all lines but the last.
   * @param lastEnd What ends the last.
   */
  addField(
    name: EventFieldName,
    values: Uint8Array,
    separator: ":" | ": ",
    lineEnd: Uint8Array,
    lastEnd: Uint8Array,
  ): void {
    let start = 0;
    for (let end = values.indexOf(LF); end >= 0; end = values.indexOf(LF, start)) {
      this.addAll(writeEventLine(name, values.subarray(start, end), separator));
      this.addAll(lineEnd);
      start = end + 1;
    }
    this.addAll(writeEventLine(name, values.subarray(start), separator));
    this.addAll(lastEnd);
  }

  /** Gives it all away. */
  take(): Uint8Array {
    return this.#bytes.take();
  }
}
