/** Bodies that are as large as one likes: an origin that sends them, as fast as they are taken, and what it counts. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What is sent at a time: text in which there is something to be replaced every now and then. */
export const BLOCK: Uint8Array = new TextEncoder().encode(
  `a line with foobar in it\n${"x".repeat(999)}`.repeat(16),
);

/** Someone who sends as fast as the other end takes it. */
export class Flood {
  /** The bytes that the kernel has taken, but for the block that is under way. */
  taken = 0;
  /** The connection. */
  readonly socket: Socket;
  /** Settles when all is sent, or the connection has closed. */
  readonly done: Promise<void>;

  /**
   * Begins to send.
   *
   * @param socket Where to.
   * @param head What is sent first.
   * @param size How many bytes follow.
   * @param frame Puts a block into a frame; default: it is sent as it is.
   */
  constructor(
    socket: Socket,
    head: string,
    size: number,
    frame: (block: Uint8Array) => Uint8Array = (block) => block,
  ) {
    this.socket = socket;
    this.done = this.#run(head, size, frame);
  }

  async #run(head: string, size: number, frame: (block: Uint8Array) => Uint8Array): Promise<void> {
    let open = await this.#send(new TextEncoder().encode(head));
    for (let rest = size; rest > 0 && open; rest -= BLOCK.length) {
      open = await this.#send(frame(rest < BLOCK.length ? BLOCK.subarray(0, rest) : BLOCK));
    }
  }

  /** Tells whether the connection is still open. */
  #send(bytes: Uint8Array): Promise<boolean> {
    const { socket } = this;
    return new Promise((resolve) => {
      const closed = () => resolve(false);
      socket.once("close", closed);
      socket.write(bytes, (error) => {
        socket.off("close", closed);
        if (!error) this.taken += bytes.length;
        resolve(!error);
      });
    });
  }
}

/** An origin that answers each connection's first request with a flood. */
export class FloodOrigin {
  #server: Server;
  #floods: Flood[] = [];
  #waiters: ((flood: Flood) => void)[] = [];
  #taken = 0;

  constructor(server: Server, size: number) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      socket.on("error", () => socket.destroy());
      socket.once("data", () => {
        this.#floods.push(new Flood(socket, `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`, size));
        this.#waiters.shift()?.(this.#floods[this.#taken++]!);
      });
    });
  }

  /** The port. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next flood; one call for each. */
  next(): Promise<Flood> {
    if (this.#taken < this.#floods.length) return Promise.resolve(this.#floods[this.#taken++]!);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Stops, and breaks off what is under way. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const { socket } of this.#floods) socket.destroy();
    await closed;
  }
}

/** Starts an origin on a free port that answers with bodies of `size` bytes. */
export async function startFloods(size: number): Promise<FloodOrigin> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new FloodOrigin(server, size);
}

/** Connects, and sends a request; what comes is left to the caller. */
export async function request(port: number, text: string): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  // A connection that is broken off is closed, which is all that anybody here wants to know.
  socket.on("error", () => socket.destroy());
  socket.write(text);
  return socket;
}

/** The text of a GET. */
export function get(path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: proxy\r\n\r\n`;
}
