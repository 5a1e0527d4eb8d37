/**
 * `node:net` as the engine's network.
 *
 * Outgoing sockets carry the bulk of the bytes, responses, and read them by the documented `onread`. Node has no such
 * option for accepted sockets; these read by `'data'` events, which costs about 1.5 µs more for a request's head.
 *
 * When descriptors run out Node closes, unasked and untold, the connections that it can't accept; the listener stays.
 */
import {
  type AddressInfo,
  connect as netConnect,
  createServer,
  type Server,
  type Socket as NetSocket,
} from "node:net";
import type { ConnectOptions, Listener, ListenOptions, Network, Socket } from "../lib/socket.ts";
import { socketError } from "../lib/system-errors.ts";
import { Inbox, scratch } from "./inbox.ts";
import { NodeSocket } from "./socket.ts";

const OPTIONS = { noDelay: true, keepAlive: true, allowHalfOpen: true };

/** How many connections may wait to be accepted; the kernel caps it. */
const BACKLOG = 511;

/** TCP under Node. */
export const network: Network = { connect, listen };

function connect({ host, port, signal }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const inbox = new Inbox(() => socket.resume());
    const onread = { buffer: scratch, callback: (count: number) => inbox.receive(count) };
    const socket: NetSocket = netConnect({ host, port, ...OPTIONS, onread });
    const onAbort = () => {
      reject(signal?.reason);
      socket.destroy();
    };
    const onError = (error: Error) => {
      signal?.removeEventListener("abort", onAbort);
      reject(socketError(error, `connect to ${host}:${port}`));
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once("connect", () => {
      signal?.removeEventListener("abort", onAbort);
      socket.off("error", onError);
      resolve(new NodeSocket(socket, inbox));
    });
  });
}

function accept(socket: NetSocket): Socket {
  const inbox = new Inbox(() => socket.resume());
  socket.on("data", (chunk: Uint8Array) => {
    if (!inbox.arrive(chunk)) socket.pause();
  });
  return new NodeSocket(socket, inbox);
}

async function listen({ host, port, onSocket, onError }: ListenOptions): Promise<Listener> {
  const server = createServer(OPTIONS, (socket) => onSocket(accept(socket)));
  await bind(server, host, port);
  server.on("error", (error) => onError?.(socketError(error, "accept a connection")));
  const bound = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    address: { host: bound.address, port: bound.port },
    close: () => closing ??= release(server),
  };
}

function bind(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(socketError(error, `listen on ${host}:${port}`));
    server.once("error", onError);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off("error", onError);
      resolve();
    });
  });
}

/** Closes the server; unlike Node's own callback this does not wait for the accepted connections to end. */
function release(server: Server): Promise<void> {
  server.close();
  return new Promise((resolve) => setImmediate(resolve));
}
