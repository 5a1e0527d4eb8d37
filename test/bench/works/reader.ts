// A client that takes a body at the pace that a work wants, and none of it before it is told to.

import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A connection with one request on it. */
export class Reader {
  readonly #socket: Socket;
  #bytes = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // A proxy that ends resets it.
    socket.on("error", () => socket.destroy());
  }

  /**
   * Connects and asks for something.
   *
   * @param port Where the proxy listens.
   * @param path What to get.
   * @returns The connection; what comes waits in the kernel.
   */
  static async open(port: number, path: string): Promise<Reader> {
    const socket = connect({ port, host: "127.0.0.1" }).pause();
    const reader = new Reader(socket);
    await once(socket, "connect");
    socket.write(`GET /${path} HTTP/1.1\r\nhost: origin\r\n\r\n`);
    return reader;
  }

  /**
   * Reads on and throws it away.
   *
   * @param bytes How much has to have come in all, the head included.
   * @throws {Error} If the connection ends before that.
   */
  async readTo(bytes: number): Promise<void> {
    if (this.#bytes >= bytes) return;
    await new Promise<void>((resolve, reject) => {
      const socket = this.#socket;
      const settle = (action: () => void): void => {
        socket.pause().off("data", take).off("close", fail).off("end", fail);
        action();
      };
      const take = (data: Buffer): void => {
        this.#bytes += data.length;
        if (this.#bytes >= bytes) settle(resolve);
      };
      const fail = (): void =>
        settle(() => reject(new Error(`Cannot read ${bytes} bytes: ${this.#bytes} came`)));
      socket.on("data", take).once("close", fail).once("end", fail).resume();
    });
  }

  /** Reads all that comes, until it is closed. */
  flow(): void {
    this.#socket.resume();
  }

  /** Goes away. */
  close(): void {
    this.#socket.destroy();
  }
}
