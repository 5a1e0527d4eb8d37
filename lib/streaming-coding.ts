/**
 * A content coding made of nothing but what the zlib module documents, as pairs of streams.
 */
import type { ContentCoding } from "./codings.ts";
import { CodingError } from "./errors.ts";
import { zlibPair } from "./zlib-pair.ts";
import type { ZlibFunction, ZlibStream } from "./zlib-module.ts";

/** The parts of the module that one coding takes. */
export interface StreamingFormat {
  /** Decodes a whole body. */
  readonly decode: ZlibFunction;
  /** Encodes a whole body. */
  readonly encode: (bytes: Uint8Array) => Uint8Array;
  /** Makes an engine that decodes. */
  readonly decoder: () => ZlibStream;
  /** Makes an engine that encodes. */
  readonly encoder: () => ZlibStream;
  /** The encoder's flush. */
  readonly flush: number;
}

/**
 * Makes a content coding.
 *
 * @param format The parts of the module.
 * @returns The coding, or `null` if its decoder takes a body for whole that isn't.
 */
export function streamingCoding(format: StreamingFormat): ContentCoding | null {
  const coding: ContentCoding = {
    decoder: ({ expansion }) => zlibPair(format.decoder(), { flush: null, expansion }),
    encoder: () => zlibPair(format.encoder(), { flush: format.flush, expansion: { maxBytes: Infinity } }),
    encode: format.encode,
    decode: (bytes, maxBytes) => {
      try {
        return format.decode(bytes, Number.isFinite(maxBytes) ? { maxOutputLength: maxBytes } : {});
      } catch (error) {
        throw told(error, maxBytes);
      }
    },
  };
  return isTrusted(coding) ? coding : null;
}

/** Whether the decoder tells of a body that is cut short, wherever it is. */
function isTrusted(coding: ContentCoding): boolean {
  const whole = coding.encode(new TextEncoder().encode("a body that is cut short, and so, and so on"));
  return whole.every((_, size) => size === 0 || refuses(coding, whole.subarray(0, size)));
}

function refuses(coding: ContentCoding, bytes: Uint8Array): boolean {
  try {
    coding.decode(bytes, Infinity);
    return false;
  } catch (error) {
    if (error instanceof CodingError) return true;
    throw error;
  }
}

function told(error: unknown, maxBytes: number): unknown {
  if (!(error instanceof Error)) return error;
  const { code } = error as { code?: unknown };
  const kind = code === "ERR_BUFFER_TOO_LARGE"
    ? "expansion"
    : code === "Z_BUF_ERROR"
    ? "truncated"
    : "corrupt";
  const message =
    `Cannot decode the body as it must be sound and give at most ${maxBytes} bytes: ${error.message}`;
  return new CodingError(kind, message, { cause: error });
}
