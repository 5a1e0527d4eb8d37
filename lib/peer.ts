/**
 * One side of the proxy: a socket and the codec that reads and writes it.
 *
 * Events are pulled synchronously with `next()` until it needs data; only then is the socket awaited with `more()`. The
 * rule that lets sockets read into one buffer for ever: whatever was made of the last bytes has been written out
 * (`flush()` settled) before `more()` asks for the next.
 */
import { deadlineIn, enter, leave, type Waiter } from "./clock.ts";
import { SocketError } from "./errors.ts";
import { Connection } from "./h1/connection.ts";
import type { Role } from "./h1/cycle.ts";
import { type Event, NEED_DATA, type PAUSED } from "./h1/events.ts";
import type { Limits } from "./limits.ts";
import type { Socket } from "./socket.ts";

/** A write has as much time as it has pieces of this many bytes: what a slow reader must take in one `writeMs`. */
const WRITE_STEP_BYTES = 64 * 1024;

/** What it is called that the other side has broken the connection off, by the role of this one. */
const RESETS: Readonly<Record<Role, string>> = {
  server: "The client left",
  client: "The origin reset the connection",
};

/** Who is told of what happens while nobody reads. */
interface Watcher {
  readonly onGone: (error: unknown) => void;
  readonly onBytes: ((bytes: Uint8Array | null) => void) | undefined;
}

/** A socket with its codec. */
export class Peer implements Waiter {
  /** The codec. */
  readonly h1: Connection;
  /** The socket. */
  readonly socket: Socket;
  /** When the current wait is late; see `wait`. */
  deadline: number = Infinity;
  /** The beginning of a message is held back until there is so much of it, or its end: see `putHead`. In bytes. */
  holdBytes = 0;
  /** Whether anything has come; the pool forgets it when it lends the connection again. */
  heard = false;
  /** What broke the connection, if something other than this side did; tells whose fault an error is. */
  broken: unknown = null;
  #role: Role;
  #what = "";
  #ahead: Promise<Uint8Array | null> | null = null;
  #watcher: Watcher | null = null;
  #watches = 0;
  #interrupt: ((reason: unknown) => void) | null = null;
  #ended = false;
  // Writes that the kernel has not taken yet.
  #writes = 0;
  #failure: unknown = null;

  #writeMs: number;
  #toCodec = (bytes: Uint8Array | null): void => this.h1.receive(bytes, this.socket.cut);
  #slowReader: Waiter | null = null;

  /** Takes a socket that nobody else reads; an other end that does not read for `writeMs` is cut off. */
  constructor(role: Role, socket: Socket, limits: Limits, writeMs: number) {
    this.h1 = new Connection(role, limits);
    this.#role = role;
    this.socket = socket;
    this.#writeMs = writeMs;
    // Nobody waits for it: if the connection breaks, that shows at the next call.
    socket.onHeld = (written, bytes) => void this.#written(written, bytes).catch(() => {});
    enter(this);
    void socket.closed.then(() => this.#leave());
  }

  /** Whether nothing can be sent any more. After a wait for bytes that took too long, it can. */
  get gone(): boolean {
    const { broken } = this;
    return this.#failure !== null || (broken instanceof SocketError && broken.code !== "timeout");
  }

  /** Sets how long the wait that begins now may take, in milliseconds, and what it is for. */
  wait(ms: number, what: string): void {
    this.deadline = deadlineIn(ms);
    this.#what = what;
  }

  /** Ends the wait. */
  arrived(): void {
    this.deadline = Infinity;
  }

  /** The wait was too long: whoever waits gets the reason. The socket stays, so that an answer can still be sent. */
  expire(): void {
    const late = this.#blame(new SocketError("timeout", `Cannot go on as ${this.#what} took too long`));
    if (this.#interrupt === null) this.#watcher?.onGone(late);
    else this.interrupt(late);
  }

  /** Whoever waits for bytes gets `reason` instead; the connection goes on. */
  interrupt(reason: unknown): void {
    const interrupt = this.#interrupt;
    this.#interrupt = null;
    interrupt?.(reason);
  }

  /** Breaks the connection off; whoever waits on it gets `reason`. */
  fail(reason: unknown): void {
    this.#failure ??= reason;
    this.socket.abort();
    this.#leave();
  }

  /** Closes the connection: what was written is still delivered. */
  close(): void {
    this.deadline = Infinity;
    this.socket.close();
  }

  /** Gives the socket away, to who reads and writes it from now on. What a read that still waits gets is theirs. */
  release(): Socket {
    this.arrived();
    this.#watcher = null;
    return this.socket;
  }

  /** Goes on with the same connection, but with a codec that knows of nothing: for what is within a tunnel. */
  within(limits: Limits): Peer {
    const inner = new Peer(this.#role, this.release(), limits, this.#writeMs);
    // A socket has one read at a time, and the one that waits may be for what comes next.
    inner.#ahead = this.#ahead;
    return inner;
  }

  /** The next event among the bytes that are here. */
  next(): Event | typeof NEED_DATA | typeof PAUSED {
    try {
      return this.h1.nextEvent();
    } catch (error) {
      this.broken ??= error;
      throw error;
    }
  }

  /** The next event, waiting for bytes as long as it takes. */
  async event(): Promise<Event | typeof PAUSED> {
    for (;;) {
      const event = this.next();
      if (event !== NEED_DATA) return event;
      await this.more();
    }
  }

  /** Waits for more bytes (or the other side's FIN) and hands them to the codec. */
  more(): Promise<void> {
    this.h1.keep();
    return this.#nextBytes(this.#toCodec);
  }

  /** Waits for more bytes past the codec; `null` for the other side's FIN. */
  read(): Promise<Uint8Array | null> {
    return this.#nextBytes(asTheyAre);
  }

  /** Waits for bytes and does something with them at once: every promise less counts, as each message waits twice. */
  #nextBytes<T>(use: (bytes: Uint8Array | null) => T): Promise<T> {
    this.#watcher = null;
    const read = this.#ahead ??= this.#ended ? Promise.resolve(null) : this.socket.read();
    return new Promise((resolve, reject) => {
      this.#interrupt = reject;
      read.then((bytes) => {
        // A read that was interrupted stays as the one ahead: a socket has only one at a time.
        if (this.#interrupt !== reject) return;
        this.#interrupt = null;
        this.#ahead = null;
        if (bytes === null) this.#ended = true;
        else this.heard = true;
        resolve(use(bytes));
      }, (error: unknown) => {
        if (this.#interrupt === reject) this.#interrupt = null;
        reject(this.#blame(error));
      });
    });
  }

  /**
   * Reads ahead while nobody wants bytes, so that the other side's leaving is noticed. What comes waits for `more()`.
   *
   * @param onGone Called if the connection breaks; not for a FIN, which leaves the other direction open.
   * @param onBytes Called if bytes or FIN come; they wait for `more()`.
   */
  watch(onGone: (error: unknown) => void, onBytes?: (bytes: Uint8Array | null) => void): void {
    this.#watcher = { onGone, onBytes };
    if (this.#ended) return;
    if (this.#ahead === null) {
      this.h1.keep();
      this.#ahead = this.socket.read();
    }
    // Who has watched before, or reads by now, is told nothing any more. The promise may be pending for as long as the
    // connection is idle, so it knows the watcher by a number: a flow that is over would stay in memory with it.
    const turn = ++this.#watches;
    this.#ahead.then(
      (bytes) => {
        if (this.#watches === turn) this.#watcher?.onBytes?.(bytes);
      },
      (error: unknown) => {
        if (this.#watches === turn) this.#watcher?.onGone(this.#blame(error));
      },
    );
  }

  /** Writes what the codec has put out: `null` if the kernel took it at once, else a promise for when it has. */
  flush(): Promise<void> | null {
    const { pending, ourState } = this.h1;
    if (pending === 0 || (pending < this.holdBytes && ourState === "body")) return null;
    const written = this.send(this.h1.take());
    if (written === null && this.#writes === 0) this.h1.written();
    return written;
  }

  /** Writes bytes past the codec, as `flush` does. */
  send(pieces: readonly Uint8Array[]): Promise<void> | null {
    const written = this.socket.write(pieces);
    if (written === null) return null;
    let bytes = 0;
    for (const piece of pieces) bytes += piece.length;
    return this.#written(written, bytes);
  }

  async #written(written: Promise<void>, bytes: number): Promise<void> {
    const slow = this.#slowReader ??= this.#watchReader();
    slow.deadline = deadlineIn(this.#writeMs * Math.ceil(bytes / WRITE_STEP_BYTES));
    this.#writes++;
    try {
      await written;
    } catch (error) {
      throw this.#blame(error);
    }
    if (--this.#writes > 0) return;
    slow.deadline = Infinity;
    this.h1.written();
  }

  #watchReader(): Waiter {
    const waiter = {
      deadline: Infinity,
      expire: () => {
        const late = new SocketError(
          "timeout",
          "Cannot go on as the other side took too long to read what it was sent",
        );
        this.broken ??= late;
        this.fail(late);
      },
    };
    enter(waiter);
    return waiter;
  }

  #leave(): void {
    leave(this);
    if (this.#slowReader !== null) leave(this.#slowReader);
  }

  /** An error of the socket, or the reason for which it was broken off from this side. */
  #blame(error: unknown): unknown {
    if (this.#failure !== null) return this.#failure;
    const told = error instanceof SocketError && error.code === "reset"
      ? new SocketError("reset", RESETS[this.#role], { cause: error })
      : error;
    this.broken ??= told;
    return told;
  }
}

function asTheyAre(bytes: Uint8Array | null): Uint8Array | null {
  return bytes;
}
