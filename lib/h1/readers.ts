/**
 * A reader for each way a body ends. Each hands on what has come as subarrays of it, and knows what the end of the
 * connection means to it: the end of the body, or that it was cut short.
 */
import { TruncatedError } from "../errors.ts";
import type { Limits } from "../limits.ts";
import type { Framing } from "../message.ts";
import { ChunkLineReader } from "./chunk-line.ts";
import type { DataEvent, EndEvent } from "./events.ts";
import { FIELD_LINE } from "./head-grammar.ts";
import { HeadScanner } from "./head-scanner.ts";
import { readFields } from "./head.ts";
import { latin1Text } from "./octets.ts";
import type { ReceiveBuffer } from "./receive-buffer.ts";
import { trailerFields } from "./trailers.ts";

/** Reads a body. */
export interface BodyReader {
  /** The next event, or `null` if more bytes are needed. */
  read(buffer: ReceiveBuffer): DataEvent | EndEvent | null;
  /**
   * The event that the end of the connection makes; throws if the body is cut short by it.
   *
   * @param cut Whether that end may be somebody else's doing.
   */
  finish(cut: boolean): EndEvent;
}

const END: EndEvent = { type: "end", trailers: null };

const noBody: BodyReader = {
  read: () => END,
  finish: () => END,
};

const closeDelimited: BodyReader = {
  read: (buffer) => buffer.length === 0 ? null : plainData(buffer, buffer.length),
  finish: (cut) => {
    if (!cut) return END;
    throw new TruncatedError(
      "Cannot end the body as it must end with TLS's close_notify: the connection has ended without",
    );
  },
};

class ContentLengthReader implements BodyReader {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  read(buffer: ReceiveBuffer): DataEvent | EndEvent | null {
    if (this.#left === 0) return END;
    const count = Math.min(this.#left, buffer.length);
    if (count === 0) return null;
    this.#left -= count;
    return plainData(buffer, count);
  }

  finish(): never {
    throw new TruncatedError(
      `Cannot end the body as ${this.#left} bytes of its Content-Length have not come`,
    );
  }
}

class ChunkedReader implements BodyReader {
  readonly #lines: ChunkLineReader;
  readonly #limits: Limits;
  // How much of a chunk's data has not come, and the chunk's size until its first piece has said it.
  #left = 0;
  #announced = 0;
  // Set behind the last chunk.
  #trailers: HeadScanner | null = null;

  constructor(limits: Limits) {
    this.#lines = new ChunkLineReader(limits);
    this.#limits = limits;
  }

  read(buffer: ReceiveBuffer): DataEvent | EndEvent | null {
    if (this.#left === 0 && this.#trailers === null) this.#readLine(buffer);
    if (this.#trailers !== null) return this.#readTrailers(buffer, this.#trailers);
    return this.#left > 0 && buffer.length > 0 ? this.#readData(buffer) : null;
  }

  finish(): never {
    throw new TruncatedError(
      this.#trailers === null
        ? "Cannot end the body as its last chunk has not come"
        : "Cannot end the body as its trailer section has not ended",
    );
  }

  #readLine(buffer: ReceiveBuffer): void {
    const next = this.#lines.read(buffer.bytes, buffer.start, buffer.end);
    buffer.skip((next < 0 ? buffer.end : next) - buffer.start);
    if (next < 0) return;
    this.#left = this.#announced = this.#lines.size;
    if (this.#left > 0) return;
    const { lineBytes, trailerBytes, trailerCount } = this.#limits;
    const limits = { lineBytes, bytes: trailerBytes, count: trailerCount, lineStatus: 431 };
    this.#trailers = new HeadScanner("trailer section", FIELD_LINE, limits);
  }

  #readData(buffer: ReceiveBuffer): DataEvent {
    const count = Math.min(this.#left, buffer.length);
    const frameSize = this.#announced;
    this.#announced = 0;
    this.#left -= count;
    if (this.#left === 0) this.#lines.endData();
    return { type: "data", bytes: buffer.take(count), frameSize, frameEnd: this.#left === 0 };
  }

  #readTrailers(buffer: ReceiveBuffer, scanner: HeadScanner): EndEvent | null {
    if (scanner.scan(buffer.bytes, buffer.start, buffer.end) !== "section") return null;
    const text = latin1Text(buffer.bytes, buffer.start, buffer.start + scanner.length);
    buffer.skip(scanner.length);
    return scanner.count === 0 ? END : { type: "end", trailers: trailerFields(readFields(text, scanner)) };
  }
}

function plainData(buffer: ReceiveBuffer, count: number): DataEvent {
  return { type: "data", bytes: buffer.take(count), frameSize: 0, frameEnd: false };
}

/**
 * Makes the reader of a body.
 *
 * @param framing How the body ends.
 * @param limits The bounds of chunk lines and trailer sections.
 * @returns The reader.
 */
export function bodyReader(framing: Framing, limits: Limits): BodyReader {
  switch (framing.kind) {
    case "none":
      return noBody;
    case "content-length":
      return new ContentLengthReader(framing.length);
    case "chunked":
      return new ChunkedReader(limits);
    case "close-delimited":
      return closeDelimited;
  }
}
