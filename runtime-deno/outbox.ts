/**
 * The writing side of a socket: calls in order, short writes made whole, neighbouring small pieces as one.
 *
 * Deno has no vectored write. Pieces that cost less to copy than to write by themselves are joined in a pooled buffer.
 */
import { BufferPool } from "../lib/buffer-pool.ts";
import type { SocketError } from "../lib/errors.ts";

/** Up to here a piece is copied rather than written by itself. */
const SMALL_BYTES = 16 * 1024;
/** The most bytes that are joined to one write. */
const JOINED_BYTES = 64 * 1024;

const pool = new BufferPool(JOINED_BYTES, 16);

interface Entry {
  readonly pieces: readonly Uint8Array[];
  readonly resolve: () => void;
  readonly reject: (error: SocketError) => void;
}

/** The writing side of a socket. */
export class Outbox {
  readonly #conn: Deno.Conn;
  readonly #onIdle: () => void;
  readonly #onError: (error: unknown) => void;
  readonly #entries: Entry[] = [];
  #busy = false;
  #failure: SocketError | null = null;

  /**
   * @param conn Where to write.
   * @param onIdle Called each time everything is written.
   * @param onError Called when a write fails; it calls `fail`.
   */
  constructor(conn: Deno.Conn, onIdle: () => void, onError: (error: unknown) => void) {
    this.#conn = conn;
    this.#onIdle = onIdle;
    this.#onError = onError;
  }

  /** Whether something is still to be written. */
  get busy(): boolean {
    return this.#busy;
  }

  /** Writes the pieces; see `Socket.write`. */
  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    if (pieces.every((piece) => piece.length === 0)) return null;
    const written = new Promise<void>((resolve, reject) => {
      if (this.#failure !== null) reject(this.#failure);
      else this.#entries.push({ pieces, resolve, reject });
    });
    // The promise may be left alone: a failure shows at the next call and in `closed` as well.
    written.catch(() => {});
    if (!this.#busy && this.#failure === null) void this.#run();
    return written;
  }

  /** Nothing more will be written: who waits gets the reason, and so does who writes from now on. */
  fail(failure: SocketError): void {
    this.#failure ??= failure;
    for (const entry of this.#entries.splice(0)) entry.reject(this.#failure);
  }

  async #run(): Promise<void> {
    this.#busy = true;
    try {
      while (this.#entries.length > 0) {
        await this.#writePieces(this.#entries[0]!.pieces);
        this.#entries.shift()?.resolve();
      }
    } catch (error) {
      this.#onError(error);
    }
    this.#busy = false;
    this.#onIdle();
  }

  async #writePieces(pieces: readonly Uint8Array[]): Promise<void> {
    for (let at = 0; at < pieces.length;) {
      const end = joinable(pieces, at);
      if (end - at < 2) {
        await this.#writeWhole(pieces[at]!);
        at++;
        continue;
      }
      const buffer = pool.take();
      await this.#writeWhole(join(pieces, at, end, buffer));
      pool.give(buffer);
      at = end;
    }
  }

  async #writeWhole(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
  }
}

/** Where the run of small pieces ends that begins at `at`. */
function joinable(pieces: readonly Uint8Array[], at: number): number {
  let end = at;
  for (let total = 0; end < pieces.length; end++) {
    const { length } = pieces[end]!;
    total += length;
    if (length > SMALL_BYTES || total > JOINED_BYTES) break;
  }
  return end;
}

function join(pieces: readonly Uint8Array[], from: number, to: number, buffer: ArrayBuffer): Uint8Array {
  const bytes = new Uint8Array(buffer);
  let length = 0;
  for (const piece of pieces.slice(from, to)) {
    bytes.set(piece, length);
    length += piece.length;
  }
  return bytes.subarray(0, length);
}
