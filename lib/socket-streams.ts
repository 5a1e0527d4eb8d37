/**
 * A socket's two directions as streams, for a `Socket`'s `readable` and `writable`.
 *
 * A stream's reader may keep its chunks, a socket only lends them: each chunk is a copy. Neither stream holds more than
 * the chunk that is on its way, so backpressure reaches the other end of the connection.
 */
import { SocketError } from "./errors.ts";
import type { Socket } from "./socket.ts";
import { streams } from "./streams.ts";

/**
 * The bytes that come, as a stream.
 *
 * It closes with the other end's FIN and fails when the connection breaks. Cancelling it closes the connection, as
 * nothing else can tell the other end that nobody reads; what was written is still delivered.
 *
 * @param socket The socket; from now on nobody else may call its `read`.
 * @returns A stream that reads only when somebody asks for a chunk.
 */
export function readableOf(socket: Socket): ReadableStream<Uint8Array> {
  return new streams.ReadableStream<Uint8Array>({
    async pull(controller) {
      const chunk = await socket.read();
      if (chunk === null) controller.close();
      else controller.enqueue(chunk.slice());
    },
    cancel: () => socket.close(),
  }, { highWaterMark: 0 });
}

/**
 * The bytes that go, as a stream.
 *
 * A write is done when the kernel has the bytes. Closing the stream sends FIN, aborting it resets the connection, and it
 * fails when the connection breaks.
 *
 * @param socket The socket; from now on nobody else may call its `write` and `end`.
 * @returns A stream that holds one chunk at most.
 */
export function writableOf(socket: Socket): WritableStream<Uint8Array> {
  return new streams.WritableStream<Uint8Array>({
    start(controller) {
      void socket.closed.then(() =>
        controller.error(new SocketError("closed", "Cannot write as the connection is closed"))
      );
    },
    async write(chunk) {
      await socket.write([chunk]);
    },
    close: () => socket.end(),
    abort: () => socket.abort(),
  });
}
