/**
 * Memory for what TLS decrypts, shared by all connections.
 *
 * Node has `onread` for sockets that it connects, but none for TLS over a socket that is there already: that has fresh memory
 * for each record, and the collector cleans up after it all day, which costs a third of a large body. What `onread` leaves
 * on a socket is three symbols, though, and the handle's buffer; so those of a socket that was made with it go to the stream
 * of TLS. The symbols are not documented. Where they are not what they have always been, records are handed out as before.
 */
import { Socket, type SocketConstructorOpts } from "node:net";
import { RECORD_BYTES } from "../lib/kept-records.ts";
import type { NodeTlsStream } from "../lib/tls-module.ts";
import { turn } from "./turn.ts";

const scratch = new Uint8Array(RECORD_BYTES);

const NAMES = ["kBuffer", "kBufferCb", "kBufferGen"];

/** What `onread` leaves on a socket, by the symbols' names; `null` if this is another Node. */
const symbols: Readonly<Record<string, symbol>> | null = findSymbols();

interface Handle {
  readonly useUserBuffer?: unknown;
}

/**
 * Has a stream decrypt into shared memory.
 *
 * @param stream The stream, which has had its handshake and nothing else.
 * @param onRecord Called with each record, which is gone when it returns; answers whether more should come.
 * @returns Whether it could be done.
 */
export function share(stream: NodeTlsStream, onRecord: (record: Uint8Array) => boolean): boolean {
  const { _handle: handle, readableLength } = stream as { _handle?: Handle | null; readableLength?: number };
  if (symbols === null || typeof handle?.useUserBuffer !== "function" || readableLength !== 0) return false;
  Object.assign(stream, {
    [symbols["kBuffer"]!]: scratch,
    [symbols["kBufferCb"]!]: (count: number) => {
      turn.begin();
      const more = onRecord(scratch.subarray(0, count));
      if (!more || !turn.overdue()) return more;
      turn.next(() => void stream.resume());
      return false;
    },
    [symbols["kBufferGen"]!]: null,
  });
  handle.useUserBuffer(scratch);
  return true;
}

function findSymbols(): Record<string, symbol> | null {
  const callback = () => true;
  const model = new Socket({ onread: { buffer: scratch, callback } } as SocketConstructorOpts);
  const found = Object.fromEntries(
    Object.getOwnPropertySymbols(model).map((symbol) => [symbol.description, symbol]),
  );
  model.destroy();
  const values = NAMES.map((name) => (model as unknown as Record<symbol, unknown>)[found[name] ?? Symbol()]);
  const isKnown = values[0] === scratch && values[1] === callback && values[2] === null;
  return isKnown ? found : null;
}
