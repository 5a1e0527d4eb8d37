/**
 * Moving a body: events from the source's codec, through a path, to the sink's codec and socket.
 *
 * One rule makes this fast and keeps memory constant: all that one read brought is worked off synchronously, leaves as one
 * vectored write, and only when the kernel has it is the source read again. A sink that is not read stops the source.
 */
import type { BodyPath } from "./path.ts";
import { BodyLimitError } from "./errors.ts";
import { NEED_DATA, PAUSED } from "./h1/events.ts";
import type { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";

/** Output that piles up within one read (a transform that inflates) is written from this size on, in bytes. */
const WRITE_BYTES = 512 * 1024;

/** What a transfer is bounded by, and what it counts. */
export interface TransferOptions {
  /** The most bytes that the body may have. */
  readonly limit: number;
  /** The status to answer with when it has more. */
  readonly overLimit: number;
  /** How long the source may take for the next bytes, in milliseconds. */
  readonly stallMs: number;
  /** How many bytes of the body have come before (they were buffered). */
  readonly already: number;
}

/**
 * Moves a body.
 *
 * @param source Where it comes from; its head has been read.
 * @param path Its way.
 * @param sink Where it goes; its head has been put out, perhaps not yet written.
 * @param options Bounds.
 * @returns The trailer section. When the promise resolves, all of the body has been put out (not yet written), and either
 * the source's message has ended or `path.over` is true.
 * @throws {BodyLimitError} If the body is larger than the limit.
 * @throws {ProtocolError} If the source breaks the framing, or ends before the body does.
 */
export async function transfer(
  source: Peer,
  path: BodyPath,
  sink: Peer,
  options: TransferOptions,
): Promise<HeaderList | null> {
  const { limit, stallMs } = options;
  let count = options.already;
  for (;;) {
    const event = source.next();
    if (event === NEED_DATA) {
      const pressure = sink.flush();
      if (pressure !== null) await pressure;
      const wanted = path.ready();
      if (wanted !== null) await wanted;
      if (path.over) return null;
      source.wait(stallMs, "the next bytes of a body");
      try {
        await source.more();
      } catch (error) {
        if (path.over) return null;
        throw error;
      }
      source.arrived();
    } else if (event !== PAUSED && event.type === "data") {
      count += event.bytes.length;
      if (count > limit) throw new BodyLimitError(limit, options.overLimit);
      path.data(event);
      if (path.over) return null;
      if (sink.h1.pending > WRITE_BYTES) {
        const pressure = sink.flush();
        if (pressure !== null) await pressure;
      }
    } else {
      const ended = path.end();
      if (ended !== null) await ended;
      return event !== PAUSED && event.type === "end" ? event.trailers : null;
    }
  }
}
