/**
 * The content codings that the web has streams for, `CompressionStream` and `DecompressionStream`: for browsers, and
 * whatever else has no zlib module.
 *
 * Which formats there are is asked of the runtime each time, as only making a stream tells.
 */
import { Adler32 } from "./adler32.ts";
import type { Decoding, Named, StreamCodings } from "./codings.ts";
import { checkExpansion, type Expansion } from "./expansion.ts";
import { pipeline } from "./pipeline.ts";
import type { Pair } from "./stages.ts";
import { streams } from "./streams.ts";
import { webDecoder } from "./web-decoder.ts";
import type { Transformer } from "../transforms/transform.ts";

/**
 * How many coded bytes a `DecompressionStream` gets at once. Most decode all that they get before anybody sees a byte of
 * it (Deno: in one chunk), so a bomb must not be given to them whole: gzip gives up to 1,000 times as much, zstd 30,000,
 * br 700,000. That is at most 17 MB, 33 MB and 42 MB ahead of the check. In bytes.
 */
const sliceBytes: Readonly<Record<string, number>> = {
  gzip: 16_384,
  deflate: 16_384,
  zstd: 1024,
  brotli: 64,
};

type StreamClass = "CompressionStream" | "DecompressionStream";

/** The names by which the streams know codings. Not every runtime has all of them. */
const formats: Readonly<Record<string, string>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "deflate",
  "br": "brotli",
  "zstd": "zstd",
};

/**
 * The content codings of a runtime without a zlib module, for `transformResponse`: gzip and deflate everywhere, br and
 * zstd where its `CompressionStream` has them.
 *
 * `CompressionStream` can't be told to flush: what goes in comes out when its window is full or the body ends, so a live
 * stream is delayed. Take `zlibCodings` where there is zlib, and no codings at all for live streams where there is none:
 * they go out plain then. A "deflate" body without the zlib format around it fails, and so do, on most runtimes, a gzip
 * body of several members and one with padding behind it.
 *
 * @example A stored response that stays gzip
 * ```ts
 * import { transformResponse, webCodings } from "sluice";
 * import { replace } from "sluice/transforms";
 * import assert from "node:assert/strict";
 *
 * const body = new Blob(["foobar"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const stored = new Response(body, { headers: { "Content-Encoding": "gzip" } });
 * const changed = transformResponse(stored, [replace("foo", "")], { codings: webCodings });
 * assert.equal(changed.headers.get("content-encoding"), "gzip");
 * const plain = changed.body!.pipeThrough(new DecompressionStream("gzip"));
 * assert.equal(await new Response(plain).text(), "bar");
 * ```
 */
export const webCodings: StreamCodings = {
  get(name) {
    const decoding = webDecodings.get(name);
    const format = formats[name];
    if (decoding === undefined || format === undefined || make("CompressionStream", format) === null) {
      return undefined;
    }
    return { ...decoding, encoder: () => make("CompressionStream", format)! };
  },
};

/** The same, for those who only decode. */
export const webDecodings: Named<Decoding> = {
  get(name) {
    const format = formats[name];
    if (format === undefined || make("DecompressionStream", format) === null) return undefined;
    return {
      decoder({ expansion }) {
        const slice = holdsBack() ? Infinity : sliceBytes[format]!;
        const pair = webDecoder(make("DecompressionStream", format)!, slice);
        return format === "deflate" ? summed(pair, expansion) : within(pair, [checked(expansion)]);
      },
    };
  },
};

/** Node's streams give 16 KiB at a time, and go on when those are taken; Node 20 has no name. */
function holdsBack(): boolean {
  const { navigator } = globalThis as { navigator?: { userAgent?: string } };
  return navigator === undefined || navigator.userAgent?.startsWith("Node.js/") === true;
}

function make(name: StreamClass, format: string): Pair | null {
  const { [name]: Class } = globalThis as { [name in StreamClass]?: new (format: string) => Pair };
  if (Class === undefined) return null;
  try {
    return new Class(format);
  } catch (error) {
    // That is how a runtime says that it does not know a format.
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** A pair with stages behind it. */
function within({ readable, writable }: Pair, stages: Transformer[]): Pair {
  return { readable: pipeline(readable, stages), writable };
}

/** A decoder of deflate that is sure to see where a body is cut short. */
function summed(pair: Pair, expansion: Expansion): Pair {
  const sum = new Adler32();
  const { readable, writable } = new streams.TransformStream<Uint8Array, Uint8Array>(sum.coded);
  return { readable: pipeline(readable, [pair, checked(expansion), sum.decoded]), writable };
}

/** Checks how much comes out. */
function checked(expansion: Expansion): Transformer {
  let bytes = 0;
  return {
    transform(chunk, controller) {
      bytes += chunk.length;
      checkExpansion(bytes, expansion);
      if (chunk.length > 0) controller.enqueue(chunk);
    },
  };
}
