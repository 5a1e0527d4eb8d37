/**
 * An engine of the zlib module as a pair of streams, for runtimes whose engines can't be driven synchronously.
 *
 * Only what is documented of the module is used. Backpressure goes through: a write is done when the engine has taken it,
 * and the engine is paused while nobody reads.
 */
import { CodingError } from "./errors.ts";
import { checkExpansion, type Expansion } from "./expansion.ts";
import type { Pair } from "./stages.ts";
import { streams } from "./streams.ts";
import type { ZlibStream } from "./zlib-module.ts";

/** What a pair does besides. */
export interface ZlibPairOptions {
  /** The flush that follows every chunk; `null` for an engine that gives out what it can anyway. */
  readonly flush: number | null;
  /** How much may come out. */
  readonly expansion: Expansion;
}

/**
 * Makes a pair of streams of an engine.
 *
 * @param engine The engine; it is freed when either side is cancelled or aborted, fails, or has ended.
 * @param options What it does besides.
 * @returns The pair.
 */
export function zlibPair(engine: ZlibStream, options: ZlibPairOptions): Pair {
  let count = 0;
  let over: Error | null = null;
  let reject: (error: Error) => void = () => {};
  let output!: ReadableStreamDefaultController<Uint8Array>;
  const end = (error: Error) => {
    if (over !== null) return;
    over = error;
    engine.close();
    reject(error);
  };
  const fail = (error: Error) => {
    if (over === null) output.error(error);
    end(error);
  };
  const readable = new streams.ReadableStream<Uint8Array>({
    start: (controller) => {
      output = controller;
    },
    pull: () => void engine.resume(),
    cancel: (reason) => end(gone(reason)),
  }, { highWaterMark: 0 });
  engine.on("data", (chunk: Uint8Array) => {
    if (over !== null) return;
    count += chunk.length;
    try {
      checkExpansion(count, options.expansion);
    } catch (error) {
      return fail(error as CodingError);
    }
    engine.pause();
    output.enqueue(chunk);
  });
  engine.on("end", () => {
    if (over === null) output.close();
    end(new TypeError("Cannot write as the body must not have ended: it has"));
  });
  engine.on("error", (error: Error) => fail(asCodingError(error)));
  engine.pause();

  /** Runs something that calls back, or never does if the engine fails before. */
  function attempt(work: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, fault) => {
      if (over !== null) return fault(over);
      reject = fault;
      work((error) => error ? fault(asCodingError(error)) : resolve());
    });
  }
  const writable = new streams.WritableStream<Uint8Array>({
    async write(chunk) {
      await attempt((done) => engine.write(chunk, done));
      const { flush } = options;
      if (flush !== null) await attempt((done) => engine.flush(flush, done));
    },
    close: () => {
      if (over !== null) throw over;
      engine.end();
    },
    abort: (reason) => fail(gone(reason)),
  });
  return { readable, writable };
}

function gone(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error("The other side of the coding was given up", { cause: reason });
}

function asCodingError(error: Error): CodingError {
  if (error instanceof CodingError) return error;
  const code = (error as { code?: unknown }).code === "Z_BUF_ERROR" ? "truncated" : "corrupt";
  const message = `Cannot decode the body as its coding must be sound: ${error.message}`;
  return new CodingError(code, message, { cause: error });
}
