/**
 * `node:net` as the engine's network.
 *
 * All sockets read by `onread`, into one buffer of the process: outgoing ones as documented, accepted ones as
 * `accepted.ts` tells.
 *
 * When descriptors run out Node closes, unasked and untold, the connections that it can't accept; the listener stays.
 */
import { lookup } from "node:dns";
import {
  type AddressInfo,
  connect as netConnect,
  createServer,
  isIP,
  type LookupFunction,
  type Server,
  type Socket as NetSocket,
} from "node:net";
import { admitted } from "../lib/admitted.ts";
import type { Address, ConnectOptions, Listener, ListenOptions, Network, Socket } from "../lib/socket.ts";
import { socketError } from "../lib/system-errors.ts";
import { accepted } from "./accepted.ts";
import { Inbox, onread } from "./inbox.ts";
import { NodeSocket } from "./socket.ts";

const OPTIONS = { noDelay: true, keepAlive: true, allowHalfOpen: true };

/** TCP under Node. */
export const network: Network = { connect, listen, catchUp };

function connect({ host, port, signal, check }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    if (isIP(host) !== 0) check?.({ host, port });
    // Node asks nobody for a numeric host.
    const lookup = lookupFor((addresses) => admitted(addresses, port, check), reject);
    const inbox = new Inbox(() => socket.resume());
    const socket: NetSocket = netConnect({ host, port, lookup, ...OPTIONS, onread: onread(inbox) });
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

/** The loop asks the kernel between two turns of immediates, wherever it is now. */
function catchUp(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

/** Resolves names to what `admit` lets through; what it throws goes to `refuse`. */
function lookupFor(admit: (hosts: string[]) => string[], refuse: (reason: unknown) => void): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "");
      try {
        const hosts = admit(found.map(({ address }) => address));
        const addresses = hosts.map((address) => ({ address, family: isIP(address) }));
        if (options.all === true) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      } catch (refusal) {
        refuse(refusal);
        callback(refusal as Error, "");
      }
    });
  };
}

function accept(socket: NetSocket): Socket {
  const { socket: reading, inbox } = accepted(socket);
  return new NodeSocket(reading, inbox);
}

async function listen({ host, port, backlog, onSocket, onError }: ListenOptions): Promise<Listener> {
  const server = createServer({ ...OPTIONS, pauseOnConnect: true }, (socket) => onSocket(accept(socket)));
  await bind(server, { host, port, ...(backlog === undefined ? {} : { backlog }) });
  server.on("error", (error) => onError?.(socketError(error, "accept a connection")));
  const bound = server.address() as AddressInfo;
  let closing: Promise<void> | undefined;
  return {
    address: { host: bound.address, port: bound.port },
    close: () => closing ??= release(server),
  };
}

function bind(server: Server, where: Address & { backlog?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: Error) => reject(socketError(error, `listen on ${where.host}:${where.port}`));
    server.once("error", onError);
    server.listen(where, () => {
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
