/**
 * The origin of the soak: it answers by the path, `/treatment/kind/size/fault`, with what that asks for, faults included;
 * and an echo for tunnels.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { judge } from "../faults/judge.ts";

/** How a body is framed; `gzip` is chunked and coded. */
export type Kind = "length" | "chunked" | "close" | "gzip";

/** A body of so many characters, with something to be replaced. */
export function bodyOf(size: number): string {
  return "some foobar, and more of it; ".repeat(Math.ceil(size / 29)).slice(0, size);
}

/** What the soak talks to. */
export interface Origin {
  /** The port of the origin. */
  readonly port: number;
  /** The port of the echo. */
  readonly echoPort: number;
  /** Stops both. */
  close(): Promise<void>;
}

/** Starts the origin and the echo. */
export async function startSoakOrigin(): Promise<Origin> {
  const sockets = new Set<Socket>();
  const listen = async (serve: (socket: Socket) => void): Promise<Server> => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      // Whatever breaks off a connection here was meant to: who asked for it knows what should come of it.
      socket.on("error", () => socket.destroy());
      socket.on("close", () => sockets.delete(socket));
      serve(socket);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  const origin = await listen((socket) => void new Connection(socket));
  const echo = await listen((socket) => void socket.pipe(socket));
  return {
    port: (origin.address() as AddressInfo).port,
    echoPort: (echo.address() as AddressInfo).port,
    close: async () => {
      const closed = [once(origin, "close"), once(echo, "close")];
      origin.close();
      echo.close();
      for (const socket of sockets) socket.destroy();
      await Promise.all(closed);
    },
  };
}

/** One connection: requests in, answers out, in order. */
class Connection {
  #socket: Socket;
  #text = "";
  #answering = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => {
      this.#text += chunk.toString("latin1");
      void this.#next();
    });
    socket.on("end", () => socket.end());
  }

  async #next(): Promise<void> {
    if (this.#answering) return;
    const { verdict, body, rest } = judge(this.#text, null, "request");
    if (verdict !== "whole") return;
    const [method, path] = this.#text.split(" ", 2);
    this.#text = rest;
    this.#answering = true;
    await this.#answer(path!, method === "POST" ? body : null);
    this.#answering = false;
    if (this.#text !== "") void this.#next();
  }

  async #answer(path: string, echoed: string | null): Promise<void> {
    const [, , kind, size, fault] = path.split("/") as [string, string, Kind, string, string];
    const body = Buffer.from(echoed ?? bodyOf(Number(size)), "latin1");
    const pieces = framed(kind, kind === "gzip" ? gzipSync(body) : body);
    const stop = fault === "none" ? pieces.length : Math.max(1, pieces.length >> 1);
    for (const piece of pieces.slice(0, stop)) {
      if (!await this.#send(piece)) return;
    }
    if (fault === "reset") this.#socket.resetAndDestroy();
    else if (fault === "truncate" || kind === "close") this.#socket.end();
  }

  #send(bytes: Uint8Array): Promise<boolean> {
    return new Promise((resolve) => {
      const closed = () => resolve(false);
      this.#socket.once("close", closed);
      this.#socket.write(bytes, (error) => {
        this.#socket.off("close", closed);
        resolve(!error);
      });
    });
  }
}

const STEP = 5000;

/** A response in pieces; half of them are never a whole message. */
function framed(kind: Kind, body: Buffer): Uint8Array[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += STEP) pieces.push(body.subarray(at, at + STEP));
  const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
  if (kind === "close") return [Buffer.from(`${ok}\r\n`), ...pieces];
  if (kind === "length") return [Buffer.from(`${ok}Content-Length: ${body.length}\r\n\r\n`), ...pieces];
  const coding = kind === "gzip" ? "Content-Encoding: gzip\r\n" : "";
  const frames = pieces.map((piece) =>
    Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n")])
  );
  return [
    Buffer.from(`${ok}${coding}Transfer-Encoding: chunked\r\n\r\n`),
    ...frames,
    Buffer.from("0\r\n\r\n"),
  ];
}
