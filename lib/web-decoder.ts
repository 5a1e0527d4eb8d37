/**
 * A `DecompressionStream` as a decoder of bodies from strangers: it is given small slices, so that what comes out can be
 * checked before there is more of it; its errors are those of all decoders, but those of the source stay what they are;
 * and a body of no bytes at all decodes to none, as servers send those.
 */
import { CodingError } from "./errors.ts";
import type { Pair } from "./stages.ts";
import { streams } from "./streams.ts";

/**
 * Makes a decoder.
 *
 * @param pair The `DecompressionStream`.
 * @param sliceBytes How much it gets at once, in bytes.
 * @returns The decoder.
 */
export function webDecoder(pair: Pair, sliceBytes: number): Pair {
  const writer = (pair.writable as WritableStream<Uint8Array>).getWriter();
  const reader = pair.readable.getReader();
  let output!: ReadableStreamDefaultController<Uint8Array>;
  let phase: "empty" | "under way" | "ending" | "over" = "empty";
  let given: { readonly reason: unknown } | null = null;
  const fault = (error: unknown) => given === null ? asCodingError(error, phase === "ending") : given.reason;
  const readable = new streams.ReadableStream<Uint8Array>({
    start: (controller) => void (output = controller),
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (phase === "over") return;
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        if (phase !== "over") controller.error(fault(error));
      }
    },
    cancel(reason) {
      given ??= { reason };
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
  const writable = new streams.WritableStream<Uint8Array>({
    start(controller) {
      // So the source hears at once, and not with its next chunk.
      writer.closed.catch((error) => controller.error(fault(error)));
    },
    async write(chunk) {
      if (chunk.length > 0) phase = "under way";
      try {
        for (let at = 0; at < chunk.length; at += sliceBytes) {
          await writer.write(chunk.subarray(at, at + sliceBytes));
        }
      } catch (error) {
        throw fault(error);
      }
    },
    async close() {
      if (phase === "empty") {
        phase = "over";
        output.close();
        return await writer.abort();
      }
      phase = "ending";
      try {
        await writer.close();
      } catch (error) {
        throw fault(error);
      }
    },
    abort(reason) {
      given ??= { reason };
      return writer.abort(reason);
    },
  });
  return { readable, writable };
}

/** The runtimes say in words of their own what is wrong; what is wrong with the end is most often that it is missing. */
function asCodingError(error: unknown, atEnd: boolean): CodingError {
  const message = `Cannot decode the body as its coding must be sound: ${
    error instanceof Error ? error.message : String(error)
  }`;
  return new CodingError(atEnd ? "truncated" : "corrupt", message, { cause: error });
}
