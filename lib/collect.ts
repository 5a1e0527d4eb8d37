/**
 * Buffering a body, up to a size.
 *
 * The bytes are copied into one array that doubles, so that a flood of one-byte pieces costs no more than the same bytes
 * in one.
 */
import { BodyLimitError } from "./errors.ts";
import { NEED_DATA, PAUSED } from "./h1/events.ts";
import type { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";
import type { TransferOptions } from "./transfer.ts";

/** What was buffered. */
export interface Collected {
  /** The bytes; memory of their own. */
  readonly bytes: Uint8Array;
  /** Whether that is the whole body; if not, it has grown over the size up to which it is buffered. */
  readonly whole: boolean;
  /** The trailer section of a whole body. */
  readonly trailers: HeaderList | null;
}

/**
 * Buffers a body.
 *
 * @param source Where it comes from; its head has been read.
 * @param streamOver Stops buffering as soon as there are more bytes than this.
 * @param options Bounds.
 * @returns What was buffered.
 * @throws {BodyLimitError} If the body is larger than the limit.
 */
export async function collect(
  source: Peer,
  streamOver: number,
  options: TransferOptions,
): Promise<Collected> {
  let buffer = new Uint8Array(1024);
  let size = 0;
  for (;;) {
    const event = source.next();
    if (event === NEED_DATA) {
      source.wait(options.stallMs, "the next bytes of a body");
      await source.more();
      source.arrived();
    } else if (event !== PAUSED && event.type === "data") {
      const { bytes } = event;
      if (size + bytes.length > options.limit) throw new BodyLimitError(options.limit, options.overLimit);
      if (size + bytes.length > buffer.length) buffer = grow(buffer, size, size + bytes.length);
      buffer.set(bytes, size);
      size += bytes.length;
      if (size > streamOver) return { bytes: buffer.subarray(0, size), whole: false, trailers: null };
    } else {
      const trailers = event !== PAUSED && event.type === "end" ? event.trailers : null;
      return { bytes: buffer.subarray(0, size), whole: true, trailers };
    }
  }
}

function grow(buffer: Uint8Array, used: number, needed: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(needed, 2 * buffer.length));
  larger.set(buffer.subarray(0, used));
  return larger;
}
