/**
 * A content coding made of a synchronous decoder and encoder, for streams and for whole bodies alike: both find the same
 * faults.
 */
import type { ContentCoding } from "./codings.ts";
import { Decoder, type DecoderFormat } from "./decoder.ts";
import { Encoder, type EncoderFormat } from "./encoder.ts";
import type { Transformer } from "../transforms/transform.ts";

/**
 * Makes a content coding.
 *
 * @param decoding How it is decoded.
 * @param encoding How it is encoded.
 * @returns The coding.
 */
export function synchronousCoding(decoding: DecoderFormat, encoding: EncoderFormat): ContentCoding {
  return {
    decoder: (options) => new Decoder(decoding, options),
    encoder: () => new Encoder(encoding),
    decode: (bytes, maxBytes) =>
      runWhole(new Decoder(decoding, { expansion: { maxBytes }, reuses: false }), bytes),
    encode: (bytes) => {
      const encoder = new Encoder(encoding);
      encoder.cork();
      return runWhole(encoder, bytes);
    },
  };
}

function runWhole(transformer: Transformer, bytes: Uint8Array): Uint8Array {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const controller = {
    enqueue(piece: Uint8Array): void {
      pieces.push(piece);
      size += piece.length;
    },
    terminate(): void {},
  };
  transformer.transform(bytes, controller);
  transformer.flush?.(controller);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
