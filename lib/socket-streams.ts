/**
 * A socket as a pair of web streams, for whoever wants streams instead of `read` and `write`. The engine doesn't: a hop
 * through a stream costs more than the whole way of a small message.
 *
 * A chunk that `read` lends is copied, since whoever reads a stream may keep what it gives.
 */
import type { Socket } from "./socket.ts";
import { streams } from "./streams.ts";

/** The bytes that come over a socket; cancelling the stream closes the socket. */
export function readableOf(socket: Pick<Socket, "read" | "close">): ReadableStream<Uint8Array> {
  return new streams.ReadableStream<Uint8Array>({
    async pull(controller) {
      const bytes = await socket.read();
      if (bytes === null) controller.close();
      else controller.enqueue(bytes.slice());
    },
    cancel: () => socket.close(),
  }, { highWaterMark: 0 });
}

/** The bytes that go over a socket; closing the stream sends FIN, aborting it resets the connection. */
export function writableOf(socket: Pick<Socket, "write" | "end" | "abort">): WritableStream<Uint8Array> {
  return new streams.WritableStream<Uint8Array>({
    write: async (chunk) => {
      const written = socket.write([chunk]);
      if (written !== null) await written;
    },
    close: () => socket.end(),
    abort: () => socket.abort(),
  });
}
