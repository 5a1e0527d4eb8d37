/**
 * The writing side of a socket: one `writev` for several pieces, and no promise where the kernel takes them at once. Small
 * writes leave when the turn of the event loop ends.
 *
 * Node calls back once for each write, in order, so counting the calls tells which writes are done; one callback for the
 * whole socket serves them all.
 */
import type { Socket } from "node:net";
import { SocketError } from "../lib/errors.ts";
import { LateBytes, LateWrites, totalLength } from "./late-writes.ts";

const lateWrites = new LateWrites((run) => void setImmediate(run));

interface Waiter {
  /** How many writes must be done. */
  readonly count: number;
  readonly resolve: () => void;
  readonly reject: (error: SocketError) => void;
}

/** The writing side of a socket. */
export class Outbox {
  readonly #socket: Socket;
  readonly #waiters: Waiter[] = [];
  readonly #onHeld: (written: Promise<void>, bytes: number) => void;
  readonly #onWritten: (error?: Error | null) => void;
  #begun = 0;
  #done = 0;
  #failure: SocketError | null = null;
  #late: LateBytes | null = null;

  /**
   * @param socket Where to write.
   * @param onHeld Called if the kernel doesn't take at once what left late; see `Socket.onHeld`.
   */
  constructor(socket: Socket, onHeld: (written: Promise<void>, bytes: number) => void) {
    this.#socket = socket;
    this.#onHeld = onHeld;
    this.#onWritten = (error) => {
      // What failed is settled by `fail`, which knows why.
      if (error === undefined || error === null) this.#count();
    };
  }

  /** Writes the pieces; see `Socket.write`. */
  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    const socket = this.#socket;
    if (this.#failure !== null) return rejected(this.#failure);
    if (socket.writableEnded) {
      return rejected(new SocketError("closed", "Cannot write as the writing side is closed"));
    }
    if (this.#putOff(pieces)) return null;
    const late = this.#late;
    this.#late = null;
    socket.cork();
    if (late !== null) this.#write(late.bytes);
    for (const piece of pieces) this.#write(piece);
    socket.uncork();
    // A write that failed at once has left the queue as well; `fail` follows with the reason.
    if (socket.writableLength === 0 && !socket.destroyed) return null;
    return this.#whenWritten();
  }

  /** Writes what has been put off. */
  flush(): void {
    const late = this.#late;
    if (late === null) return;
    this.#late = null;
    const { bytes } = late;
    this.#write(bytes);
    // Where the kernel has not taken it at once, Node still has it.
    if (this.#socket.writableLength === 0) late.giveBack();
    else this.#onHeld(this.#whenWritten(), bytes.length);
  }

  #whenWritten(): Promise<void> {
    return handled(
      new Promise((resolve, reject) => {
        this.#waiters.push({ count: this.#begun, resolve, reject });
      }),
    );
  }

  #putOff(pieces: readonly Uint8Array[]): boolean {
    const length = totalLength(pieces);
    const { writableLength, destroyed } = this.#socket;
    if (writableLength > 0 || destroyed || !LateBytes.fit(length)) return false;
    if (this.#late !== null) return this.#late.add(pieces, length);
    if (length === 0) return true;
    if (!lateWrites.rush()) return false;
    this.#late = new LateBytes();
    this.#late.add(pieces, length);
    lateWrites.add(this); // which may flush at once
    return true;
  }

  #write(piece: Uint8Array): void {
    if (piece.length === 0) return;
    this.#begun++;
    this.#socket.write(piece, this.#onWritten);
  }

  /** Nothing more will be written: who waits gets the reason, and so does who writes from now on. */
  fail(failure: SocketError): void {
    this.#failure ??= failure;
    this.#late?.giveBack();
    this.#late = null;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(this.#failure);
  }

  #count(): void {
    this.#done++;
    while (this.#waiters.length > 0 && this.#waiters[0]!.count <= this.#done) {
      this.#waiters.shift()!.resolve();
    }
  }
}

function rejected(error: SocketError): Promise<void> {
  return handled(Promise.reject(error));
}

/** The promise, which may be left alone: the failure shows at the next call and in `closed` as well. */
function handled(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
