/**
 * Decoding as a synchronous transform: all that a chunk allows to know comes out with it.
 *
 * A body that is cut short is an error, always. How that is found out differs:
 *
 * | ending     | a whole body                                                                   |
 * | ---------- | ------------------------------------------------------------------------------ |
 * | `"finish"` | zlib says so when it is told to finish                                         |
 * | `"probe"`  | brotli's decoder takes no more input (not every runtime tells when it still would) |
 * | `"frames"` | the frames have come to an end                                                 |
 *
 * Zeros behind the end are padding, and dropped, as gzip(1) does; anything else there is an error, as what follows is not
 * what the sender says it sent. A body of no bytes at all decodes to none: servers send those.
 */
import type { Controller, Transformer } from "../transforms/transform.ts";
import { CodingError } from "./errors.ts";
import { checkExpansion, type Expansion } from "./expansion.ts";
import { type Reliability, truncated, ZlibEngine } from "./zlib-engine.ts";
import type { ZlibStream } from "./zlib-module.ts";
import { ZstdFrames } from "./zstd-frames.ts";

/** How a format is decoded. */
export interface DecoderFormat {
  /** Makes the engine; `null` if it takes more than these bytes to know which. */
  readonly open: (head: Uint8Array) => ZlibStream | null;
  /** The operation that gives out all that can be known. */
  readonly flush: number;
  /** The operation that ends the body. */
  readonly finish: number;
  /** How a whole body is told from a part. */
  readonly ending: "finish" | "probe" | "frames";
  /** What becomes of errors. */
  readonly reliability: Reliability;
}

/** What a decoder is told of the body and of who takes what comes out. */
export interface DecoderOptions {
  /** How large the body may get. */
  readonly expansion: Expansion;
  /** Whether what comes out may be overwritten with what comes next: nobody keeps a chunk. */
  readonly reuses: boolean;
}

/**
 * Output comes in pieces of at most so many bytes, however much a chunk expands; each is worked off before the next is made.
 * One call does all of its chunk, so what it may take is bounded by the size of a read times the ratio that is allowed.
 */
const SLAB_BYTES = 64 * 1024;

/** Decodes one body. */
export class Decoder implements Transformer {
  readonly retains = false;
  #format: DecoderFormat;
  #options: DecoderOptions;
  #engine: ZlibEngine | null = null;
  #frames: ZstdFrames | null;
  #held: Uint8Array | null = null;
  #ended = false;
  #count = 0;

  /**
   * @param format How the body is coded.
   * @param options The body, and who takes what comes out.
   */
  constructor(format: DecoderFormat, options: DecoderOptions) {
    this.#format = format;
    this.#options = options;
    this.#frames = format.ending === "frames" ? new ZstdFrames() : null;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    const bytes = this.#held === null ? chunk : join(this.#held, chunk);
    const engine = this.#engine ??= this.#open(bytes);
    this.#held = engine === null ? bytes.slice() : null;
    if (engine !== null) this.#guard(engine, () => this.#decode(engine, bytes, controller));
  }

  flush(controller: Controller): void {
    if (this.#held !== null) throw truncated();
    const engine = this.#engine;
    if (engine === null) return;
    this.#guard(engine, () => this.#finish(engine, controller));
    engine.close();
  }

  cancel(): void {
    this.#engine?.close();
  }

  #open(head: Uint8Array): ZlibEngine | null {
    const stream = this.#format.open(head);
    if (stream === null) return null;
    const { reuses } = this.#options;
    return new ZlibEngine(stream, { slabBytes: SLAB_BYTES, reuses, reliability: this.#format.reliability });
  }

  #guard(engine: ZlibEngine, work: () => void): void {
    try {
      work();
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  #decode(engine: ZlibEngine, bytes: Uint8Array, controller: Controller): void {
    const give = this.#giver(controller);
    let at = 0;
    while (at < bytes.length) {
      const end = this.#frames === null ? bytes.length : this.#frames.advance(bytes, at);
      const part = at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end);
      const left = this.#ended ? part.length : engine.run(this.#format.flush, part, give);
      if (left > 0) this.#behindEnd(engine, part.subarray(part.length - left));
      at = end;
    }
  }

  #behindEnd(engine: ZlibEngine, rest: Uint8Array): void {
    if (!this.#ended) engine.check();
    this.#ended = true;
    if (rest.every((byte) => byte === 0)) return;
    throw new CodingError(
      "corrupt",
      `Cannot decode the body as it must end where its coding ends: got ${rest.length} bytes more`,
    );
  }

  #finish(engine: ZlibEngine, controller: Controller): void {
    if (this.#frames !== null && !this.#frames.whole) throw truncated();
    if (this.#format.ending === "probe") {
      if (this.#ended) return;
      if (engine.isHungry()) throw truncated();
      return engine.check();
    }
    if (this.#format.ending === "finish") engine.finish(this.#format.finish, this.#giver(controller));
  }

  #giver(controller: Controller): (output: Uint8Array) => void {
    return (output) => {
      this.#count += output.length;
      checkExpansion(this.#count, this.#options.expansion);
      controller.enqueue(output);
    };
  }
}

function join(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
