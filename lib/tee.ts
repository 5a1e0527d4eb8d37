/** Copies a body to a sink while it passes, and lets the body wait for the sink. */
import type { RecordSink } from "../transforms/record.ts";
import type { TransformPair } from "../transforms/transform.ts";
import { checkBodyChunk } from "./check-chunk.ts";
import { streams } from "./streams.ts";

/** What `tee` can write to: a stream, whose writer it takes, or a sink as `record` has it. */
export type TeeSink = Pick<WritableStream<Uint8Array>, "getWriter"> | RecordSink;

/** The asynchronous transformer of one body. */
class Copying {
  readonly #sink: RecordSink;

  constructor(sink: RecordSink) {
    this.#sink = sink;
  }

  async transform(
    chunk: Uint8Array,
    controller: TransformStreamDefaultController<Uint8Array>,
  ): Promise<void> {
    try {
      checkBodyChunk(chunk);
    } catch (error) {
      await this.cancel(error);
      throw error;
    }
    if (chunk.length === 0) return;
    controller.enqueue(chunk);
    await this.#sink.write(chunk);
  }

  async flush(): Promise<void> {
    await this.#sink.close?.();
  }

  async cancel(reason: unknown): Promise<void> {
    await this.#sink.abort?.(reason);
  }
}

/**
 * Copies the body to a sink while it passes, at the pace of the slower of the two: a chunk is passed on at
 * once, and the next one waits until the sink has taken it. (`record` of `sluice/transforms` never waits.)
 *
 * The copy is as good as the body: a sink that fails fails the body. The sink is closed when the body has
 * ended well, before its end is passed on, and aborted when it is cut short.
 *
 * - **Bytes held**: none beyond the chunk that the sink takes.
 * - **Delay added**: the sink's time for the chunk before.
 * - **Memory**: what the sink keeps. It is given the chunks themselves, and must not change them.
 *
 * @param sink Where the copy goes.
 * @returns The pair.
 * @throws {TypeError} If `sink` is none, or a stream that is locked.
 *
 * @example A copy of a body
 * ```ts
 * import { tee } from "sluice";
 * import assert from "node:assert/strict";
 *
 * const copy: Uint8Array[] = [];
 * const sink = new WritableStream<Uint8Array>({ write: (chunk) => void copy.push(chunk) });
 * const body = new Blob(["hello"]).stream().pipeThrough(tee(sink));
 * assert.equal(await new Response(body).text(), "hello");
 * assert.equal(new TextDecoder().decode(copy[0]), "hello");
 * ```
 */
export function tee(sink: TeeSink): TransformPair {
  return new streams.TransformStream<Uint8Array, Uint8Array>(new Copying(writerOf(sink)));
}

function writerOf(sink: TeeSink): RecordSink {
  if (typeof sink === "object" && sink !== null) {
    if ("getWriter" in sink) return sink.getWriter();
    if (typeof sink.write === "function") return sink;
  }
  throw new TypeError(
    `Cannot copy the body as the sink must be a WritableStream or an object with write: got ${
      sink === null ? "null" : typeof sink
    }`,
  );
}
