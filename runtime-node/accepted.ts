/**
 * Accepted sockets, reading as outgoing ones do.
 *
 * Node has `onread` for the sockets that it connects, but no way to ask for it on those that a server accepts; they read by
 * `'data'` events, each in 64 KiB of fresh memory, which costs an upload three times as much. A socket's constructor takes
 * a handle, though, as Node's own server calls it with one: so the accepted socket's handle, which has not read yet, goes
 * to a socket made with `onread`. Neither `handle` nor `_handle` is documented. Where they are not what they have always
 * been, the socket stays as it came and reads by `'data'`.
 */
import { Socket as NetSocket, type SocketConstructorOpts } from "node:net";
import { Inbox, onread } from "./inbox.ts";

interface Handle {
  readonly useUserBuffer: unknown;
  readonly reading: boolean;
}

interface WithHandle {
  _handle: unknown;
}

/** A socket that reads into an inbox. */
export interface Accepted {
  /** The socket. */
  readonly socket: NetSocket;
  /** Where what it reads goes. */
  readonly inbox: Inbox;
}

/**
 * Makes an accepted socket read into an inbox.
 *
 * @param socket What a server with `pauseOnConnect` has accepted.
 * @returns The socket to use, and its inbox.
 */
export function accepted(socket: NetSocket): Accepted {
  const holder = socket as unknown as WithHandle;
  const handle = holder._handle;
  if (!isUnread(handle)) return byEvents(socket);
  const inbox = new Inbox(() => adopted.resume());
  const options = { handle, allowHalfOpen: true, onread: onread(inbox) } as SocketConstructorOpts;
  holder._handle = null;
  // Without its handle there is nothing to close, and the server no longer counts it.
  socket.destroy();
  const adopted = new NetSocket(options);
  return { socket: adopted, inbox };
}

/** An accepted socket that reads by events. */
export function byEvents(socket: NetSocket): Accepted {
  const inbox = new Inbox(() => socket.resume());
  socket.on("data", (chunk: Uint8Array) => {
    if (!inbox.arrive(chunk)) socket.pause();
  });
  // With `pauseOnConnect` nobody has started it.
  socket.resume();
  return { socket, inbox };
}

function isUnread(handle: unknown): handle is Handle {
  if (typeof handle !== "object" || handle === null) return false;
  const { useUserBuffer, reading } = handle as Partial<Handle>;
  return typeof useUserBuffer === "function" && reading === false;
}
