/**
 * The content codings that the zlib module of a runtime gives: gzip, deflate, br, and zstd where the module has it.
 *
 * The levels are for bodies that are on their way: a proxy's encoder is its slowest part by far, and a chunk waits for it.
 * Measured on source text, 4 KiB a flush, Node 20: gzip 1 writes 87 MB/s (25 % of the size is left), 6 writes 43 (21 %);
 * brotli 2 writes 114 (19 %), 1 writes 140 (33 %), 5 writes 46 (16 %); zstd 1 on Node 24 178 (20 %).
 */
import { synchronousCoding } from "./coding.ts";
import type { ContentCoding, ContentCodings } from "./codings.ts";
import type { DecoderFormat } from "./decoder.ts";
import type { EncoderFormat } from "./encoder.ts";
import { streamingCoding } from "./streaming-coding.ts";
import { reliabilityOf } from "./zlib-engine.ts";
import type { ZlibFactory, ZlibModule, ZlibOptions, ZlibStream } from "./zlib-module.ts";

/** The numbers of the libraries: of zlib.h, brotli/encode.h and zstd.h. */
const zlib = { flush: 2, finish: 4 };
const brotli = { flush: 1, finish: 2, quality: 1, windowBits: 2 };
const zstd = { flush: 1, finish: 2, level: 100, windowBitsMax: 100 };

const gzipOptions: ZlibOptions = { level: 1 };
// A window of 256 KiB instead of 4 MiB: memory is held for every flow.
const brotliOptions: ZlibOptions = { params: { [brotli.quality]: 2, [brotli.windowBits]: 18 } };
const zstdOptions: ZlibOptions = { params: { [zstd.level]: 1 } };
// RFC 9659: a content coding's window is at most 8 MiB.
const unzstdOptions: ZlibOptions = { params: { [zstd.windowBitsMax]: 23 } };

/**
 * Makes content codings of a runtime's zlib module.
 *
 * A coding whose decoder can't be trusted to tell a corrupt or truncated body is left out: bodies in it pass untouched.
 *
 * @param module The runtime's own zlib.
 * @returns The codings, by name.
 *
 * @example The codings of this runtime
 * ```ts
 * import { zlibCodings } from "sluice";
 * import assert from "node:assert/strict";
 * import * as zlib from "node:zlib";
 *
 * const gzip = zlibCodings(zlib).get("gzip");
 * assert.equal(new TextDecoder().decode(gzip?.decode(zlib.gzipSync("foobar"), 1024)), "foobar");
 * ```
 */
export function zlibCodings(module: ZlibModule): ContentCodings {
  const found = synchronous(module);
  return found.size > 0 ? found : streaming(module);
}

/** The codings whose engines can be driven synchronously. */
function synchronous(module: ZlibModule): Map<string, ContentCoding> {
  const { createZstdCompress, createZstdDecompress } = module;
  const codings = new Map<string, ContentCoding>();
  const add = (
    names: string[],
    decoder: ZlibFactory,
    decoding: Rest<DecoderFormat>,
    encoding: EncoderFormat,
  ) => {
    const reliability = reliabilityOf(decoder, decoding.flush);
    if (reliability === "lost") return;
    const coding = synchronousCoding({ open: () => decoder(), ...decoding, reliability }, encoding);
    for (const name of names) codings.set(name, coding);
  };
  add(["gzip", "x-gzip"], module.createGunzip, { ...zlib, ending: "finish" }, {
    ...zlib,
    open: () => module.createGzip(gzipOptions),
  });
  add(["deflate"], module.createInflate, {
    ...zlib,
    ending: "finish",
    open: (head) => openInflate(module, head),
  }, {
    ...zlib,
    open: () => module.createDeflate(gzipOptions),
  });
  add(["br"], module.createBrotliDecompress, { ...brotli, ending: "probe" }, {
    ...brotli,
    open: () => module.createBrotliCompress(brotliOptions),
  });
  if (createZstdCompress === undefined || createZstdDecompress === undefined) return codings;
  add(["zstd"], () => createZstdDecompress(unzstdOptions), { ...zstd, ending: "frames" }, {
    ...zstd,
    open: () => createZstdCompress(zstdOptions),
  });
  return codings;
}

type Rest<Format extends DecoderFormat> =
  & Omit<Format, "open" | "reliability">
  & Partial<Pick<Format, "open">>;

/** The codings as pairs of streams: those whose public decoders are whole everywhere. */
function streaming(module: ZlibModule): Map<string, ContentCoding> {
  const gzip = streamingCoding({
    decode: module.gunzipSync,
    encode: (bytes) => module.gzipSync(bytes, gzipOptions),
    decoder: () => module.createGunzip(),
    encoder: () => module.createGzip(gzipOptions),
    flush: zlib.flush,
  });
  const br = streamingCoding({
    decode: module.brotliDecompressSync,
    encode: (bytes) => module.brotliCompressSync(bytes, brotliOptions),
    decoder: () => module.createBrotliDecompress(),
    encoder: () => module.createBrotliCompress(brotliOptions),
    flush: brotli.flush,
  });
  const named = [["gzip", gzip], ["x-gzip", gzip], ["br", br]] as const;
  return new Map(named.flatMap(([name, coding]) => coding === null ? [] : [[name, coding] as const]));
}

/** "deflate" means zlib's format (RFC 9110 8.4.1.2), but some send bare deflate; a zlib header is known by its sum. */
function openInflate(module: ZlibModule, head: Uint8Array): ZlibStream | null {
  const [first = 0, second] = head;
  const maybe = (first & 0x0f) === 8 && first >> 4 <= 7;
  if (maybe && second === undefined) return null;
  return maybe && (first * 256 + second!) % 31 === 0 ? module.createInflate() : module.createInflateRaw();
}
