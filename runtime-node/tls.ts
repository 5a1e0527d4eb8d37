/**
 * TLS under Node: its own, straight on the descriptor where the socket below has one.
 */
import type { Duplex } from "node:stream";
import * as keys from "node:crypto";
import * as module from "node:tls";
import { DuplexSocket } from "../lib/duplex-socket.ts";
import { nodeTls } from "../lib/node-tls.ts";
import type { Socket } from "../lib/socket.ts";
import type { Tls } from "../lib/tls.ts";
import { NodeSocket } from "./socket.ts";

/** TLS over sockets of this runtime, and over itself. */
export const tls: Tls = nodeTls(module, keys, duplexOf);

function duplexOf(socket: Socket, first: Uint8Array): Duplex {
  if (socket instanceof NodeSocket) return socket.release(first);
  if (!(socket instanceof DuplexSocket)) {
    throw new TypeError("Cannot speak TLS over a socket as it must be one of this runtime: got another");
  }
  const duplex = socket.release() as unknown as Duplex;
  if (first.length > 0) duplex.unshift(first);
  return duplex;
}
