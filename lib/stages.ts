/**
 * What `stream` may be set to, and how the engine tells the kinds apart.
 */
import type { Transformer } from "../transforms/transform.ts";
import type { Flow } from "./flow.ts";

/** A `WritableStream` that takes chunks of a body, and perhaps other kinds of bytes too, as that of a `CompressionStream`. */
export interface WritableBytes extends Pick<WritableStream, "locked" | "abort" | "close"> {
  /** As a `WritableStream` has it. */
  getWriter(): {
    /** Writes a chunk. */
    write(chunk: Uint8Array<ArrayBuffer>): Promise<void>;
  };
}

/** A pair of streams: what goes into `writable` comes out of `readable`, changed. A `CompressionStream` is one. */
export interface Pair {
  /** The output side. */
  readonly readable: ReadableStream<Uint8Array>;
  /** The input side. */
  readonly writable: WritableBytes;
}

/** One step of a pipeline: a transform (synchronous, fused with its neighbours), or a pair of streams. */
export type Stage = Transformer | Pair;

/** A function over the whole stream: mitmproxy's `modify(chunks)`, as an `async function*` or anything that returns a stream. */
export type StreamFunction = (
  body: ReadableStream<Uint8Array>,
  flow: Flow,
) => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * What `message.stream` may be: `false` buffers the body, `true` passes it on as it comes, all else changes it while it
 * passes.
 */
export type StreamValue = boolean | Stage | StreamFunction | readonly (Stage | StreamFunction)[];

/** Whether a value is a transformer (a transform is one, though it has `readable` and `writable` too). */
export function isTransformer(value: unknown): value is Transformer {
  return typeof value === "object" && value !== null && "transform" in value &&
    typeof value.transform === "function";
}

/** Whether a value is a pair of streams. */
export function isPair(value: unknown): value is Pair {
  if (typeof value !== "object" || value === null || !("readable" in value && "writable" in value)) {
    return false;
  }
  const { readable, writable } = value as { readonly [side in keyof Pair]: Partial<Pair[side]> | null };
  return typeof readable?.getReader === "function" && typeof writable?.getWriter === "function";
}
