/**
 * The one place that chooses the stream classes: native where the runtime has them whole, else the ponyfill of
 * `web-streams-polyfill`; `SLUICE_STREAMS=ponyfill` in the environment chooses the ponyfill.
 *
 * Native and ponyfill streams can't be piped into one another on any runtime (it throws a `TypeError`), so whoever makes
 * a stream makes it from here, and `pipeThrough` bridges to what users bring.
 */
import * as ponyfill from "web-streams-polyfill";
import { transformStreamClass } from "../transforms/transform-stream.ts";
import { useTransformStream } from "../transforms/transform.ts";
import type { Pair } from "./stages.ts";

/** The classes of the WHATWG Streams standard. */
export interface StreamClasses {
  /** What bodies are. */
  readonly ReadableStream: typeof ReadableStream;
  /** What bodies are written to. */
  readonly WritableStream: typeof WritableStream;
  /** What bodies are piped through. */
  readonly TransformStream: typeof TransformStream;
}

function choose(): StreamClasses {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  const native = globalThis as unknown as Partial<StreamClasses>;
  const whole = native.ReadableStream !== undefined && native.WritableStream !== undefined &&
    native.TransformStream !== undefined;
  if (!whole || process?.env?.["SLUICE_STREAMS"] === "ponyfill") return ponyfill as unknown as StreamClasses;
  const { ReadableStream, WritableStream } = native as StreamClasses;
  return {
    ReadableStream,
    WritableStream,
    TransformStream: transformStreamClass() as typeof TransformStream,
  };
}

/** The stream classes that the engine uses. */
export const streams: StreamClasses = choose();

if (streams.TransformStream !== globalThis.TransformStream) useTransformStream(streams.TransformStream);

/** `body.pipeThrough(pair)`, whichever classes the two are of. */
export function pipeThrough(body: ReadableStream<Uint8Array>, pair: Pair): ReadableStream<Uint8Array> {
  const { ReadableStream, WritableStream } = streams;
  const { readable } = pair;
  const writable = pair.writable as WritableStream<Uint8Array>;
  const ours = readable instanceof ReadableStream && writable instanceof WritableStream;
  if (ours && body instanceof ReadableStream) return body.pipeThrough({ readable, writable });
  // A failure on either side reaches the other through the streams themselves.
  void pump(body, writable).catch(() => {});
  return readable instanceof ReadableStream ? readable : bridge(readable);
}

/** A stream of the chosen classes with what an iterable gives: `ReadableStream.from`, which Chromium hasn't. */
export function fromIterable(
  source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  const iterator = Symbol.asyncIterator in source
    ? source[Symbol.asyncIterator]()
    : source[Symbol.iterator]();
  return new streams.ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  }, { highWaterMark: 0 });
}

/** A stream of the chosen classes with the chunks of one that may be foreign. */
export function bridge(foreign: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return ofClass(streams.ReadableStream, foreign);
}

/** A stream of the runtime's own classes, for the runtime's own `Response`. */
export function nativeStream(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return ofClass(globalThis.ReadableStream, body);
}

function ofClass(
  wanted: typeof ReadableStream,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (body instanceof wanted) return body;
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  return new wanted<Uint8Array>({
    async pull(controller) {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

async function pump(body: ReadableStream<Uint8Array>, writable: WritableStream<Uint8Array>): Promise<void> {
  const reader = body.getReader();
  const writer = writable.getWriter();
  writer.closed.catch((error) => reader.cancel(error)).catch(() => {});
  try {
    for (;;) {
      await writer.ready;
      const { done, value } = await reader.read();
      if (done) break;
      await writer.write(value);
    }
    await writer.close();
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error)]);
  }
}
