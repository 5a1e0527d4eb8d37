/**
 * An engine of the zlib module, driven synchronously: bytes in, bytes out, before the call returns.
 *
 * The module's public streams hop to a thread and back for every chunk (50–80 µs), and nothing synchronous keeps its
 * state between chunks. What does is the native handle's `writeSync`, which the module's own `gunzipSync` is made of. It
 * is undocumented, but the same on Node 20 to 26, Deno and Bun, and packages that half of npm is installed with lean on
 * it. `reliabilityOf` finds out whether it is there and does as it should; where it isn't, streams are used instead.
 */
import { CodingError } from "./errors.ts";
import type { ZlibFactory, ZlibStream } from "./zlib-module.ts";

/** The native handle of an engine. */
interface Handle {
  /** Runs the engine once: an operation, the input and its part to read, the output and its part to fill. */
  writeSync: Run;
  /** The same on a thread of its own, but for runtimes that have none. */
  write: Run;
  /** Called with what is wrong with the input. */
  onerror: (message: string, errno: number) => void;
}

type Run = (
  operation: number,
  input: Uint8Array,
  inputAt: number,
  inputLength: number,
  output: Uint8Array,
  outputAt: number,
  room: number,
) => void;

/**
 * What becomes of errors: `"told"` by `writeSync`; `"asked"`, told only when the engine is run by `write`, which is
 * synchronous there (brotli on Deno 2.9); or `"lost"`, or there is no such handle.
 */
export type Reliability = "told" | "asked" | "lost";

/** How an engine gives out its output. */
export interface EngineOptions {
  /** The size of the memory that output is written into, in bytes. */
  readonly slabBytes: number;
  /** Whether the same memory may be written again with the next output: nobody keeps what was given out. */
  readonly reuses: boolean;
  /** What becomes of errors. */
  readonly reliability: Reliability;
}

/** The least room for output, in bytes; a flush marker must fit, or it is written twice. */
const LEAST_ROOM = 1024;
const PROCESS = 0;
/** zlib's Z_BUF_ERROR: told to finish, it wanted more input. */
const ENDS_EARLY = -5;
const nothing = new Uint8Array(0);
const probe = new Uint8Array(1);

/** One engine, for one body. */
export class ZlibEngine {
  #stream: ZlibStream;
  #handle: Handle;
  #state: Uint32Array;
  #options: EngineOptions;
  #slab: Uint8Array<ArrayBuffer>;
  #used = 0;
  #failure: CodingError | null = null;
  #open = true;

  /**
   * @param stream The engine.
   * @param options How it gives out its output.
   */
  constructor(stream: ZlibStream, options: EngineOptions) {
    this.#stream = stream;
    this.#handle = stream._handle as Handle;
    this.#state = stream._writeState as Uint32Array;
    this.#options = options;
    this.#slab = new Uint8Array(options.slabBytes);
    this.#handle.onerror = (message, errno) => {
      this.#failure ??= errno === ENDS_EARLY ? truncated() : corrupt(new Error(message));
    };
  }

  /**
   * Runs the engine until it has taken the input and given all output that the operation asks for.
   *
   * @param operation To go on, to flush or to finish, as a number of the engine's library.
   * @param input Read before the call returns, never kept.
   * @param give Takes the output, in pieces of at most a slab.
   * @returns How many bytes of the input the engine doesn't want: what it makes had ended before them.
   * @throws {CodingError} If the input is corrupt.
   */
  run(operation: number, input: Uint8Array, give: (output: Uint8Array) => void): number {
    let left = input.length;
    while (this.#open) {
      const room = this.#room();
      this.#call("writeSync", operation, input, input.length - left, left, room);
      const [roomLeft = 0, inputLeft = 0] = this.#state;
      left = inputLeft;
      const from = this.#used;
      this.#used += room - roomLeft;
      if (this.#used > from) give(this.#slab.subarray(from, this.#used));
      if (roomLeft > 0) break;
    }
    return left;
  }

  /** Runs the engine without input. */
  finish(operation: number, give: (output: Uint8Array) => void): void {
    this.run(operation, nothing, give);
  }

  /** Whether the engine wants more input; asks by giving it a byte, so it is of no use afterwards. */
  isHungry(): boolean {
    try {
      return this.run(PROCESS, probe, ignore) === 0;
    } catch (error) {
      // It has taken the byte, and doesn't like it.
      if (error instanceof CodingError) return true;
      throw error;
    }
  }

  /**
   * Makes sure that an engine that takes no more input has ended, and not failed.
   *
   * @throws {CodingError} If it has failed.
   */
  check(): void {
    if (this.#options.reliability !== "asked") return;
    const room = this.#room();
    try {
      this.#call("write", PROCESS, probe, 0, 1, room);
    } catch (error) {
      // Its completion expects to have been called by the module itself, and says so; what counts is `onerror`.
      if (error instanceof CodingError && error === this.#failure) throw error;
    }
  }

  /** Frees the native handle, at once. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#stream.close();
  }

  #call(
    how: "write" | "writeSync",
    operation: number,
    input: Uint8Array,
    at: number,
    length: number,
    room: number,
  ): void {
    try {
      this.#handle[how](operation, input, at, length, this.#slab, this.#used, room);
    } catch (error) {
      if (this.#failure === null) throw corrupt(error);
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #room(): number {
    if (this.#options.reuses || this.#slab.length - this.#used < LEAST_ROOM) {
      if (!this.#options.reuses) this.#slab = new Uint8Array(this.#options.slabBytes);
      this.#used = 0;
    }
    return this.#slab.length - this.#used;
  }
}

/**
 * Finds out what becomes of errors, by giving a decoder what can't be decoded.
 *
 * @param factory Makes the decoder.
 * @param operation Its operation to flush.
 * @returns What becomes of errors.
 */
export function reliabilityOf(factory: ZlibFactory, operation: number): Reliability {
  const levels: Reliability[] = ["told", "asked"];
  return levels.find((reliability) => tells(factory(), operation, reliability)) ?? "lost";
}

function tells(stream: ZlibStream, operation: number, reliability: Reliability): boolean {
  const handle = stream._handle as Partial<Handle> | null | undefined;
  if (typeof handle?.writeSync !== "function" || !(stream._writeState instanceof Uint32Array)) return false;
  const engine = new ZlibEngine(stream, { slabBytes: LEAST_ROOM, reuses: true, reliability });
  try {
    engine.run(operation, garbage, ignore);
    engine.check();
    return false;
  } catch (error) {
    if (error instanceof CodingError) return true;
    throw error;
  } finally {
    engine.close();
  }
}

/** What no format begins with. */
const garbage = new TextEncoder().encode("nothing that was ever coded begins like this");

function ignore(): void {}

/** The error of a body that ends before its coding does. */
export function truncated(): CodingError {
  return new CodingError(
    "truncated",
    "Cannot decode the body as it must be whole: it ends within its coding",
  );
}

function corrupt(cause: unknown): CodingError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CodingError("corrupt", `Cannot decode the body as its coding must be sound: ${reason}`, {
    cause,
  });
}
