/**
 * The zlib module of Node, Deno and Bun, as far as the content codings need it. A runtime hands its own over; nothing
 * here imports one.
 */

/** Parameters of an engine: zlib's own, or those of brotli and zstd by number. */
export interface ZlibOptions {
  /** zlib's level, 0 to 9. */
  readonly level?: number;
  /** The parameters of brotli and zstd. */
  readonly params?: Record<number, number>;
  /** The most bytes that may come out of a whole body. */
  readonly maxOutputLength?: number;
}

/** An engine as the module makes it: a stream, with the native handle inside. */
export interface ZlibStream {
  /** The native handle; undocumented. */
  readonly _handle?: unknown;
  /** Where the handle tells how much room and how much input is left; undocumented. */
  readonly _writeState?: unknown;
  /** Takes a chunk. */
  write(chunk: Uint8Array, done: (error?: Error | null) => void): boolean;
  /** Asks for all that can be known by now. */
  flush(kind: number, done: () => void): void;
  /** The input has ended. */
  end(): unknown;
  /** Listens. */
  on(event: string, listener: (...args: never[]) => void): unknown;
  /** Stops handing out data. */
  pause(): unknown;
  /** Hands out data. */
  resume(): unknown;
  /** Frees the native handle. */
  close(): void;
}

/** Makes an engine. */
export type ZlibFactory = (options?: ZlibOptions) => ZlibStream;

/** Codes a whole body. */
export type ZlibFunction = (bytes: Uint8Array, options?: ZlibOptions) => Uint8Array;

/** The module. Node has zstd from 22.15 on. */
export interface ZlibModule {
  /** Encodes gzip. */
  readonly createGzip: ZlibFactory;
  /** Decodes gzip. */
  readonly createGunzip: ZlibFactory;
  /** Encodes deflate. */
  readonly createDeflate: ZlibFactory;
  /** Decodes deflate, in the zlib format. */
  readonly createInflate: ZlibFactory;
  /** Decodes deflate without the zlib format around it. */
  readonly createInflateRaw: ZlibFactory;
  /** Encodes br. */
  readonly createBrotliCompress: ZlibFactory;
  /** Decodes br. */
  readonly createBrotliDecompress: ZlibFactory;
  /** Encodes zstd. */
  readonly createZstdCompress?: ZlibFactory | undefined;
  /** Decodes zstd. */
  readonly createZstdDecompress?: ZlibFactory | undefined;
  /** Encodes a whole body as gzip. */
  readonly gzipSync: ZlibFunction;
  /** Decodes a whole gzip body. */
  readonly gunzipSync: ZlibFunction;
  /** Encodes a whole body as br. */
  readonly brotliCompressSync: ZlibFunction;
  /** Decodes a whole br body. */
  readonly brotliDecompressSync: ZlibFunction;
}
