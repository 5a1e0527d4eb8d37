/**
 * One end of a connection, and all that came in on it.
 */
import type { Socket } from "node:net";
import type { WireEnding } from "./strict-reader.ts";

/** A socket that keeps a record. */
export class Peer {
  readonly socket: Socket;
  /** All that came, one character an octet. */
  octets = "";
  /** When the last of it came, by `performance.now()`. */
  lastAt: number = performance.now();
  #fin = false;
  #rst = false;
  #closed = false;
  #waiting = new Set<() => void>();

  /** Starts to record. */
  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (data: Buffer) => {
      this.octets += data.toString("latin1");
      this.lastAt = performance.now();
      this.#wake();
    });
    socket.on("end", () => {
      this.#fin = true;
      this.#wake();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "ECONNRESET") this.#rst = true;
    });
    socket.on("close", () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** How the connection has ended for who reads here. */
  get ending(): WireEnding {
    if (this.#rst) return "rst";
    return this.#fin || this.#closed ? "fin" : "open";
  }

  /** Whether the other end sends no more. */
  get gone(): boolean {
    return this.ending !== "open";
  }

  /** Waits for something to happen here, at most so many milliseconds. */
  async event(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, Math.max(0, ms));
      this.#waiting.add(done);
    });
  }

  /** Sends; settles when the kernel has it, or never will. */
  async send(octets: string): Promise<void> {
    if (this.socket.destroyed || this.socket.writableEnded) return;
    await new Promise<void>((resolve) => this.socket.write(octets, "latin1", () => resolve()));
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}
