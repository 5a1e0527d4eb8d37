/** What the runtime suite needs besides the sockets: pairs of them, bytes to send, and ways to read. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket as NetSocket } from "node:net";
import { SocketError, type SocketErrorCode } from "../../lib/errors.ts";
import type { Network, Socket } from "../../lib/socket.ts";

/** Two ends of one connection. */
export interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/** Connects once to a port of its own. */
export async function connectPair(network: Network): Promise<Pair> {
  let accept!: (socket: Socket) => void;
  const accepted = new Promise<Socket>((resolve) => {
    accept = resolve;
  });
  const listener = await network.listen({ host: "127.0.0.1", port: 0, onSocket: accept });
  const client = await network.connect(listener.address);
  const server = await accepted;
  await listener.close();
  return { client, server };
}

/** Runs `body` with both ends of a connection, and closes what it leaves open. */
export async function withPair(network: Network, body: (pair: Pair) => Promise<void>): Promise<void> {
  const pair = await connectPair(network);
  try {
    await body(pair);
  } finally {
    pair.client.abort();
    pair.server.abort();
  }
  await Promise.all([pair.client.closed, pair.server.closed]);
}

/** Runs `body` with a socket whose other end is one of `node:net`, which can reset a connection on every runtime. */
export async function withNetPeer(
  network: Network,
  body: (socket: Socket, peer: NetSocket) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const socket = await network.connect({ host: "127.0.0.1", port: (server.address() as AddressInfo).port });
  const [peer] = await accepted as [NetSocket];
  peer.on("error", () => {});
  try {
    await body(socket, peer);
  } finally {
    socket.abort();
    peer.destroy();
    server.close();
  }
  await socket.closed;
}

/** Bytes that differ from place to place, so that a mistake in order or offset shows. */
export function pattern(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = Math.imul(state, 1664525) + 1013904223 | 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** Bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Writes, and waits until the kernel has it. */
export async function send(socket: Socket, ...pieces: Uint8Array[]): Promise<void> {
  await socket.write(pieces);
}

/** Reads as many bytes; fails if the other end sends fewer. */
export async function readBytes(socket: Socket, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const chunk = await socket.read();
    assert.ok(chunk !== null, `FIN came after ${at} of ${length} bytes`);
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

/** What came until FIN: how much, and its SHA-256. */
export async function readDigest(socket: Socket): Promise<{ length: number; digest: string }> {
  const hash = createHash("sha256");
  let length = 0;
  for (let chunk = await socket.read(); chunk !== null; chunk = await socket.read()) {
    hash.update(chunk);
    length += chunk.length;
  }
  return { length, digest: hash.digest("hex") };
}

/** Reads until the connection has ended, however that is. */
export async function drain(socket: Socket): Promise<SocketError | null> {
  try {
    while (await socket.read() !== null);
    return null;
  } catch (error) {
    assert.ok(error instanceof SocketError);
    return error;
  }
}

/** Echoes until FIN, then sends FIN. */
export async function echo(socket: Socket): Promise<void> {
  for (let chunk = await socket.read(); chunk !== null; chunk = await socket.read()) {
    await socket.write([chunk]);
  }
  socket.end();
}

/** Lets the event loop turn many times, with traffic: what could settle by itself has settled then. */
export async function turns(network: Network): Promise<void> {
  await withPair(network, async ({ client, server }) => {
    const echoing = echo(server);
    for (let i = 0; i < 100; i++) {
      await send(client, bytesOf("."));
      await readBytes(client, 1);
    }
    client.end();
    await echoing;
  });
}

/** Matches a `SocketError` with this code. */
export function withCode(code: SocketErrorCode): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof SocketError, String(error));
    assert.equal(error.code, code, error.message);
    return true;
  };
}
