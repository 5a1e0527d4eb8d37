/**
 * The engine's socket over one of `node:net`: an inbox, an outbox, and the endings.
 *
 * Whatever ends the connection comes by here once: FIN, an error, `close`, `abort`. Each of them tells both boxes why.
 */
import type { Socket as NetSocket } from "node:net";
import { SocketError } from "../lib/errors.ts";
import type { Address, Socket } from "../lib/socket.ts";
import { readableOf, writableOf } from "../lib/socket-streams.ts";
import { socketError } from "../lib/system-errors.ts";
import type { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";

const NOTHING = new Uint8Array(0);

/** A connected TCP socket under Node. */
export class NodeSocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  readonly resets = true;
  readonly closed: Promise<void>;
  readonly #socket: NetSocket;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  onHeld: ((written: Promise<void>, bytes: number) => void) | null = null;
  readonly #onEnd = () => this.#ended();
  readonly #onError = (error: Error) => this.#fail(socketError(error, "go on with the connection"));
  #readable: ReadableStream<Uint8Array> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;

  /**
   * @param socket A connected socket, with `allowHalfOpen`.
   * @param inbox Where what it reads goes.
   */
  constructor(socket: NetSocket, inbox: Inbox) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.#outbox = new Outbox(socket, (written, bytes) => this.onHeld?.(written, bytes));
    this.local = { host: socket.localAddress ?? "", port: socket.localPort ?? 0 };
    this.remote = { host: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 };
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#fail(new SocketError("closed", "Cannot go on as the connection is closed"));
        resolve();
      });
    });
    socket.on("end", this.#onEnd);
    socket.on("error", this.#onError);
  }

  get readable(): ReadableStream<Uint8Array> {
    return this.#readable ??= readableOf(this);
  }

  get writable(): WritableStream<Uint8Array> {
    return this.#writable ??= writableOf(this);
  }

  read(): Promise<Uint8Array | null> {
    return this.#inbox.read();
  }

  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    return this.#outbox.write(pieces);
  }

  end(): void {
    this.#outbox.flush();
    this.#socket.end();
  }

  close(): void {
    this.#inbox.drop(new SocketError("closed", "Cannot read as the connection was closed from this side"));
    this.#outbox.flush();
    this.#socket.destroySoon();
  }

  abort(): void {
    const socket = this.#socket;
    const failure = new SocketError("closed", "Cannot go on as the connection was aborted from this side");
    this.#inbox.drop(failure);
    this.#outbox.flush();
    this.#outbox.fail(failure);
    if (socket.destroyed) return;
    // While FIN is on its way to the kernel, which takes one turn, Node would fail to reset and leak the descriptor.
    const finishing = socket.writableEnded && socket.writableLength === 0 && !socket.writableFinished;
    if (finishing) socket.once("finish", () => socket.resetAndDestroy());
    else socket.resetAndDestroy();
  }

  /**
   * Gives Node's own socket away, to whoever reads and writes it from now on; what closes it still tells `closed`.
   *
   * @param first What has been read already.
   * @returns Node's socket, from which that comes again.
   */
  release(first: Uint8Array): NetSocket {
    const socket = this.#socket;
    this.#outbox.flush();
    socket.pause();
    socket.removeAllListeners("data");
    socket.off("end", this.#onEnd);
    const kept = this.#inbox.release();
    // In front of what the stream itself holds, the oldest first.
    if (kept !== null) socket.unshift(kept);
    if (first.length > 0) socket.unshift(first);
    return socket;
  }

  /**
   * libuv tells of an end, too, where a reset came right behind the last bytes, and a cut would look complete. The kernel
   * knows better: it refuses even an empty write then, which Node tells as an error.
   */
  #ended(): void {
    const socket = this.#socket;
    const inbox = this.#inbox;
    this.#outbox.flush();
    if (socket.writableEnded) inbox.end();
    else if (socket.writableLength > 0) setImmediate(() => inbox.end());
    else socket.write(NOTHING, (error) => error ? undefined : inbox.end());
  }

  #fail(failure: SocketError): void {
    this.#inbox.fail(failure);
    this.#outbox.fail(failure);
  }
}
