/**
 * A writer for each way a body ends: the mirror of the readers. A writer checks before it writes, so what is refused
 * leaves no trace.
 */
import { LocalProtocolError } from "../errors.ts";
import type { HeaderList } from "../headers.ts";
import type { Framing } from "../message.ts";
import type { Output } from "./output.ts";
import { trailerFields } from "./trailers.ts";

/** Writes a body. */
export interface BodyWriter {
  /** Writes bytes; in a chunked body as a frame, or as a part of one. */
  data(output: Output, bytes: Uint8Array, frameSize: number | undefined, frameEnd: boolean | undefined): void;
  /** Ends the body. Only a chunked one has a place for trailers; elsewhere they are dropped (RFC 9110 6.5.1). */
  end(output: Output, trailers: HeaderList | null): void;
}

const noBody: BodyWriter = {
  data: (_output, bytes) => {
    throw new LocalProtocolError(
      `Cannot send data as the message must have no body: got ${bytes.length} bytes`,
    );
  },
  end: () => {},
};

const closeDelimited: BodyWriter = {
  data: (output, bytes) => output.bytes(bytes),
  end: () => {},
};

class ContentLengthWriter implements BodyWriter {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  data(output: Output, bytes: Uint8Array): void {
    if (bytes.length > this.#left) {
      throw new LocalProtocolError(
        `Cannot send data as ${this.#left} bytes of the Content-Length are left: got ${bytes.length} bytes`,
      );
    }
    this.#left -= bytes.length;
    output.bytes(bytes);
  }

  end(): void {
    if (this.#left === 0) return;
    throw new LocalProtocolError(`Cannot end the body as ${this.#left} bytes of the Content-Length are left`);
  }
}

class ChunkedWriter implements BodyWriter {
  // How many bytes of the frame that was begun are left.
  #left = 0;

  data(
    output: Output,
    bytes: Uint8Array,
    frameSize: number | undefined,
    frameEnd: boolean | undefined,
  ): void {
    const whole = frameSize === undefined && frameEnd === undefined;
    const begins = whole ? bytes.length : frameSize ?? 0;
    const left = (begins > 0 ? begins : this.#left) - bytes.length;
    const ends = whole || frameEnd === true;
    if (bytes.length === 0) {
      throw new LocalProtocolError("Cannot send a chunk as it must have data: got 0 bytes");
    }
    if (begins > 0 && this.#left > 0) {
      throw new LocalProtocolError(`Cannot begin a chunk as ${this.#left} bytes of the one before are left`);
    }
    if (left < 0 || (left === 0) !== ends) {
      throw new LocalProtocolError(
        `Cannot send a piece of ${bytes.length} bytes that ${ends ? "ends" : "does not end"} its chunk as ${
          left + bytes.length
        } bytes of the chunk are left`,
      );
    }
    if (begins > 0) output.text(`${begins.toString(16)}\r\n`);
    output.bytes(bytes);
    if (ends) output.text("\r\n");
    this.#left = left;
  }

  end(output: Output, trailers: HeaderList | null): void {
    if (this.#left > 0) {
      throw new LocalProtocolError(`Cannot end the body as ${this.#left} bytes of a chunk are left`);
    }
    const fields = trailers === null ? null : trailerFields(trailers);
    output.text(fields === null ? "0\r\n\r\n" : `0\r\n${fields.serialise()}\r\n`);
  }
}

/**
 * Makes the writer of a body.
 *
 * @param framing How the body ends.
 * @returns The writer.
 */
export function bodyWriter(framing: Framing): BodyWriter {
  switch (framing.kind) {
    case "none":
      return noBody;
    case "content-length":
      return new ContentLengthWriter(framing.length);
    case "chunked":
      return new ChunkedWriter();
    case "close-delimited":
      return closeDelimited;
  }
}
