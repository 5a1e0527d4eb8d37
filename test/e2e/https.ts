/**
 * Servers that speak TLS, for sluice to be a client of, and the files that it is told about.
 */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer, type ServerOptions } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { TlsIdentity } from "../../lib/tls.ts";

/** A server that runs. */
export interface TlsOrigin extends AsyncDisposable {
  /** The port, on 127.0.0.1. */
  readonly port: number;
  /** How many connections it has accepted so far. */
  readonly connections: number;
}

/** Starts a server that answers as it is told. */
export async function startTlsOrigin(
  identity: TlsIdentity,
  serve: RequestListener,
  options: ServerOptions = {},
): Promise<TlsOrigin> {
  const sockets = new Set<Socket>();
  const server = createServer({ ...identity, ...options }, serve);
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections++;
    sockets.add(socket.on("close", () => sockets.delete(socket)));
  });
  // Who doesn't trust it hangs up: that is what some tests are about.
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Starts a server that answers each request with some octets, and then ends the connection: by TLS's own goodbye, or by a
 * FIN of TCP without one, as somebody on the way could.
 */
export async function startEndingOrigin(
  identity: TlsIdentity,
  answer: (request: string) => { readonly octets: string; readonly goodbye: boolean },
  maxVersion: "TLSv1.2" | "TLSv1.3" = "TLSv1.3",
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("error", () => {}));
    const below = new Duplex({
      read() {},
      write: (chunk: Uint8Array, _encoding, done) => void socket.write(chunk, () => done()),
      final: (done) => void socket.end(() => done()),
    });
    socket.on("data", (chunk: Uint8Array) => below.push(chunk)).on("end", () => below.push(null));
    const secure = new TLSSocket(below, { isServer: true, ...identity, maxVersion });
    secure.on("error", () => {}).once("data", (request: Uint8Array) => {
      const { octets, goodbye } = answer(String(request));
      if (goodbye) secure.end(octets, "latin1");
      else secure.write(octets, "latin1", () => socket.end());
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** Says which request came. */
export function echoRequest(request: IncomingMessage): string {
  return `${request.method} ${request.url} at ${request.headers.host}, for ${
    request.headers["x-forwarded-proto"]
  }`;
}

/** Writes a certificate and its key as files. */
export async function writeIdentity(
  folder: string,
  name: string,
  { cert, key }: TlsIdentity,
): Promise<{ readonly cert: string; readonly key: string }> {
  const paths = { cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) };
  await writeFile(paths.cert, cert);
  await writeFile(paths.key, key);
  return paths;
}
