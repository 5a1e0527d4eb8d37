/**
 * One end of a raw connection, over `node:net` on every runtime: it sends what it is told, keeps what comes, and knows
 * how the other end has ended.
 *
 * libuv tells of an end where a reset came right behind the last bytes; an empty write tells the two apart.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** How the other end has ended its side. */
export type Ending = "end" | "reset";

/** What a wire does by itself. */
export interface WireOptions {
  /** Whether it stays open when the other end has ended; default: it ends too. */
  readonly halfOpen?: boolean;
  /** Whether it reads nothing until `resume`; default `false`. */
  readonly paused?: boolean;
}

const nothing = new Uint8Array(0);

/** One end of a raw connection. */
export class Wire {
  /** Settles when the other end has ended its side, or the connection is closed from here. */
  readonly ended: Promise<Ending>;
  /** Settles when the connection is closed. */
  readonly closed: Promise<void>;
  /** What came, an octet a character. */
  text = "";
  #socket: Socket;
  #checks = new Set<() => void>();
  #ending: Ending | null = null;
  #settle!: (ending: Ending) => void;

  constructor(socket: Socket, { halfOpen = false, paused = false }: WireOptions = {}) {
    this.#socket = socket.setNoDelay(true);
    this.ended = new Promise((resolve) => {
      this.#settle = (ending) => {
        this.#ending ??= ending;
        resolve(ending);
        for (const check of this.#checks) check();
        if (!halfOpen) socket.end();
      };
    });
    this.closed = new Promise((resolve) => {
      socket.on("close", () => {
        this.#settle("reset");
        resolve();
      });
    });
    socket.on("error", () => this.#settle("reset"));
    socket.on("end", () => this.#ask());
    if (!paused) this.resume();
  }

  /** How the other end has ended its side, if it has. */
  get ending(): Ending | null {
    return this.#ending;
  }

  /** Reads. */
  resume(): void {
    if (this.#socket.listenerCount("data") === 0) {
      this.#socket.on("data", (chunk) => {
        this.text += chunk.toString("latin1");
        for (const check of this.#checks) check();
      });
    }
    this.#socket.resume();
  }

  /** Reads nothing until `resume`. */
  pause(): void {
    this.#socket.pause();
  }

  /** Sends text, an octet a character; settles when the kernel has it, or the connection is closed. */
  async send(text: string): Promise<void> {
    const written = new Promise<void>((resolve) => {
      this.#socket.write(text, "latin1", () => resolve());
    });
    await Promise.race([written, this.closed]);
  }

  /** Sends FIN. */
  end(): void {
    this.#socket.end();
  }

  /** Closes both directions: what the other end sends from now on is answered with a reset. */
  close(): void {
    this.#socket.destroy();
  }

  /** Breaks the connection off. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Waits until enough has come; fails if the other end ends before that. */
  until(enough: (text: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!enough(this.text)) {
          if (this.#ending === null) return;
          reject(new Error(`The connection has ended (${this.#ending}) after ${JSON.stringify(this.text)}`));
        }
        this.#checks.delete(check);
        resolve();
      };
      this.#checks.add(check);
      check();
    });
  }

  #ask(): void {
    if (this.#socket.writableEnded || this.#socket.writableLength > 0) return this.#settle("end");
    this.#socket.write(nothing, (error) => this.#settle(error ? "reset" : "end"));
  }
}

/** A client's connection to a port of this machine. */
export async function dial(port: number, options?: WireOptions): Promise<Wire> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  await once(socket, "connect");
  return new Wire(socket, options);
}

/** A port that accepts raw connections. */
export class WireServer {
  /** The connections that were accepted, the first one first. */
  readonly wires: Wire[] = [];
  #server: Server;
  #waiters: ((wire: Wire) => void)[] = [];
  #taken = 0;

  constructor(server: Server, options?: WireOptions) {
    this.#server = server;
    server.on("connection", (socket: Socket) => {
      this.wires.push(new Wire(socket, options));
      if (this.#waiters.length > 0) this.#waiters.shift()!(this.wires[this.#taken++]!);
    });
  }

  /** The port. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The next connection that nobody has taken yet. */
  next(): Promise<Wire> {
    if (this.#taken < this.wires.length) return Promise.resolve(this.wires[this.#taken++]!);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Stops accepting; settles when every connection is closed. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }
}

/** Listens on a free port of this machine. */
export async function serve(options?: WireOptions): Promise<WireServer> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return new WireServer(server, options);
}
