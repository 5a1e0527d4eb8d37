/**
 * Connections without HTTP: an origin that does what a test says with each, and clients that see every octet.
 */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** An origin that runs. */
export interface RawOrigin extends AsyncDisposable {
  /** Its URL, without a path. */
  readonly url: string;
}

/** Starts an origin that hands each connection over once a request's head has come, and sends what has come with it. */
export async function startRawOrigin(serve: (socket: Socket, received: string) => void): Promise<RawOrigin> {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    // A connection that breaks is what some tests are about; they watch "close".
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    let received = "";
    const onData = (data: Buffer) => {
      received += data.toString("latin1");
      if (!received.includes("\r\n\r\n")) return;
      socket.off("data", onData);
      serve(socket, received);
    };
    socket.on("data", onData);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Connects to a port, and asks for a path; the connection is over after the answer. */
export async function ask(port: number, path: string = "/"): Promise<Socket> {
  const socket = connect({ host: "127.0.0.1", port, noDelay: true }).on("error", () => {});
  await once(socket, "connect");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`);
  return socket;
}

/** Reads all that comes until the end, one character an octet. */
export async function readToEnd(socket: Socket): Promise<string> {
  let octets = "";
  socket.on("data", (data: Buffer) => octets += data.toString("latin1"));
  await once(socket, "close");
  return octets;
}
