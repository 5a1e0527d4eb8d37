/**
 * The content codings under test, and what the runtime's own zlib makes of the same bytes.
 */
import * as zlib from "node:zlib";
import type { ContentCoding, ContentCodings } from "../../lib/codings.ts";
import type { Controller, Transformer } from "../../transforms/mod.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import type { ZlibModule, ZlibStream } from "../../lib/zlib-module.ts";

/** The runtime's zlib; the types know nothing of zstd. */
const module = zlib as typeof zlib & {
  zstdCompressSync: (bytes: Uint8Array) => Uint8Array;
  zstdDecompressSync: (bytes: Uint8Array, options?: object) => Uint8Array;
};

/** One format, as the runtime's whole-body functions read and write it. */
export interface Oracle {
  readonly encode: (bytes: Uint8Array) => Uint8Array;
  readonly decode: (bytes: Uint8Array) => Uint8Array;
  /** Decodes what can be known of a body that goes on. */
  readonly decodePart: (bytes: Uint8Array) => Uint8Array;
}

const flushZlib = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
const flushBrotli = { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH };
const flushZstd = { finishFlush: 1 };

const gzip: Oracle = {
  encode: (bytes) => plain(zlib.gzipSync(bytes)),
  decode: (bytes) => zlib.gunzipSync(bytes),
  decodePart: (bytes) => zlib.gunzipSync(bytes, flushZlib),
};

/** A `Uint8Array` of a `Buffer`, which no strict comparison takes for one. */
export function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

/** The formats by the names of their codings. */
export const oracles: Readonly<Record<string, Oracle>> = {
  "gzip": gzip,
  "x-gzip": gzip,
  "deflate": {
    encode: (bytes) => plain(zlib.deflateSync(bytes)),
    decode: (bytes) => zlib.inflateSync(bytes),
    decodePart: (bytes) => zlib.inflateSync(bytes, flushZlib),
  },
  "br": {
    encode: (bytes) => plain(zlib.brotliCompressSync(bytes)),
    decode: (bytes) => zlib.brotliDecompressSync(bytes),
    decodePart: (bytes) => zlib.brotliDecompressSync(bytes, flushBrotli),
  },
  "zstd": {
    encode: (bytes) => plain(module.zstdCompressSync(bytes)),
    decode: (bytes) => module.zstdDecompressSync(bytes),
    decodePart: (bytes) => module.zstdDecompressSync(bytes, flushZstd),
  },
};

/** The codings of this runtime. */
export const codings: ContentCodings = zlibCodings(zlib);

/** A coding of this runtime. */
export function coding(name: string, of: ContentCodings = codings): ContentCoding {
  const found = of.get(name);
  if (found === undefined) throw new Error(`This runtime must have ${name}`);
  return found;
}

/** A bound that no body reaches. */
export const unbounded: { readonly maxBytes: number } = { maxBytes: Infinity };

/** A decoder that is known to be a transformer. */
export function decoder(of: ContentCoding, expansion: { maxBytes: number } = unbounded): Transformer {
  return of.decoder({ expansion, reuses: false }) as Transformer;
}

/** An encoder that is known to be a transformer. */
export function encoder(of: ContentCoding): Transformer {
  return of.encoder() as Transformer;
}

/** A controller that keeps what it is given. */
export interface Sink extends Controller {
  readonly pieces: Uint8Array[];
  /** All that has come, in one. */
  bytes(): Uint8Array;
}

/** Makes a controller that keeps copies of what it is given. */
export function sink(): Sink {
  const pieces: Uint8Array[] = [];
  return {
    pieces,
    enqueue: (chunk) => void pieces.push(chunk.slice()),
    terminate: () => {},
    bytes: () => concat(pieces),
  };
}

/** Joins pieces. */
export function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Bytes of text, in UTF-8. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Text of bytes in UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** A text that shrinks as texts do, and is a little different everywhere. */
export function prose(length: number): string {
  let text = "";
  for (let i = 0; text.length < length; i++) {
    text += `line ${(i * 7919) % 1009}: the quick foobar of ${i % 13}\n`;
  }
  return text.slice(0, length);
}

/** The module, with a look at every engine that it makes. */
export function watched(look: (engine: ZlibStream) => ZlibStream): ZlibModule {
  const wrapped = Object.entries(zlib).map(([name, value]) => {
    if (!name.startsWith("create")) return [name, value];
    const make = value as (options?: object) => ZlibStream;
    return [name, (options?: object) => look(make(options))];
  });
  return Object.fromEntries(wrapped) as ZlibModule;
}

/** The module as it would be without its native handles. */
export function withoutHandles(): ZlibModule {
  return watched((engine) =>
    new Proxy(engine, {
      get(target, name) {
        if (name === "_handle" || name === "_writeState") return undefined;
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    })
  );
}
