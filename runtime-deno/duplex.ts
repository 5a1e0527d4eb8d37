/**
 * A socket as a stream of Node's kind, for Deno's `node:tls` to lie over. That reads all that it can get, so it gets nothing
 * while nobody wants more than it has.
 */
import { Duplex } from "node:stream";
import { DuplexSocket } from "../lib/duplex-socket.ts";
import type { Socket } from "../lib/socket.ts";
import { DenoSocket } from "./socket.ts";

/** A socket as a stream. */
export class SocketDuplex extends Duplex {
  readonly #socket: Socket;
  #wanted = true;
  #told = false;
  /** Whether a read was asked for while nothing was wanted. */
  #owed = false;
  /** The read that waited when the socket came here. */
  #waiting: Promise<Uint8Array | null> | null = null;

  /**
   * @param socket The socket, which belongs to the stream from now on; whoever waits for a read has given it up.
   * @param first What has been read from it already.
   */
  constructor(socket: Socket, first: Uint8Array) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    if (socket instanceof DenoSocket || socket instanceof DuplexSocket) this.#waiting = socket.waiting;
    if (first.length > 0) this.unshift(first);
    this.on("end", () => this.#told = true);
  }

  /** Whether the end has been told, behind all bytes. */
  get told(): boolean {
    return this.#told;
  }

  /** Says whether bytes are wanted; from the beginning on they are. */
  want(on: boolean): void {
    this.#wanted = on;
    if (on && this.#owed) this._read();
  }

  override _read(): void {
    this.#owed = !this.#wanted;
    if (this.#owed) return;
    const read = this.#waiting ?? this.#socket.read();
    this.#waiting = null;
    read.then(
      // What is lent by the socket is given to the stream.
      (chunk) => void this.push(chunk === null ? null : chunk.slice()),
      (error: Error) => void this.destroy(error),
    );
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    const written = this.#socket.write([chunk]);
    if (written === null) done();
    else written.then(() => done(), done);
  }

  override _final(done: () => void): void {
    this.#socket.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.close();
    done(error);
  }
}
