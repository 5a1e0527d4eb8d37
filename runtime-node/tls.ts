/**
 * TLS under Node: its own, straight on the descriptor where the socket below has one.
 *
 * Node tells of a missing close_notify (RFC 8446 6.1) nowhere, and reading the records here instead, to look for it, would
 * cost much of the speed. But a descriptor that has told its end has stopped reading, and one that has not goes on behind a
 * close_notify: whether it can be started tells which it is. TLS that lies over TLS starts the descriptor below both, but
 * only while the lower one has not ended.
 */
import * as keys from "node:crypto";
import * as module from "node:tls";
import { DuplexSocket } from "../lib/duplex-socket.ts";
import { nodeTls } from "../lib/node-tls.ts";
import type { Socket } from "../lib/socket.ts";
import type { Tls } from "../lib/tls.ts";
import type { NodeDuplex, NodeTlsStream } from "../lib/tls-module.ts";
import { share } from "./shared-records.ts";
import { NodeSocket } from "./socket.ts";

/** TLS over sockets of this runtime, and over itself. */
export const tls: Tls = nodeTls(module, keys, (socket, first) => {
  const stream = streamOf(socket, first);
  const hasEnded = socket instanceof NodeSocket ? descriptorHasEnded : tlsHasEnded;
  return { stream, ended: (above) => hasEnded(stream, above), share };
});

function streamOf(socket: Socket, first: Uint8Array): NodeDuplex {
  if (socket instanceof NodeSocket) return socket.release(first);
  if (!(socket instanceof DuplexSocket)) {
    throw new TypeError("Cannot speak TLS over a socket as it must be one of this runtime: got another");
  }
  const stream = socket.release();
  if (first.length > 0) stream.unshift(first);
  return stream;
}

/** What lies below a stream of Node's. */
interface Handled {
  readonly _handle?: {
    /** Whether it is being read, as far as this stream wants that. */
    readonly reading?: boolean;
    /** Has the descriptor read; 0 if that is new, or not possible any more; the number of an error if it already does. */
    readStart(): number;
  } | null;
}

function descriptorHasEnded(below: NodeDuplex, above: NodeTlsStream): boolean {
  // One that is held back can't have told its end.
  if ((above as Handled)._handle?.reading === false) return false;
  return canStart(below);
}

/** All that one read of the descriptor has brought is handed on, held back or not; so the first start may be the first. */
function tlsHasEnded(below: NodeDuplex): boolean {
  canStart(below);
  return canStart(below);
}

function canStart(below: NodeDuplex): boolean {
  const handle = (below as Handled)._handle;
  return handle === undefined || handle === null || handle.readStart() === 0;
}
