/**
 * One direction of a tunnel: what is read on one side is written on the other, straight or through what a script has put
 * there. Only when the kernel has it is the source read again.
 */
import { pathFor, type Sink } from "./body-path.ts";
import type { Exchange } from "./exchange.ts";
import type { Outlet } from "./path.ts";
import type { Peer } from "./peer.ts";
import type { Plan } from "./plan.ts";

/** A direction. */
export interface Direction {
  /** Who sends. */
  readonly from: Peer;
  /** Who is sent it. */
  readonly to: Peer;
  /** What happens to the bytes. */
  readonly plan: Plan;
  /** Told how many bytes go out. */
  readonly count: (bytes: number) => void;
}

/**
 * Passes bytes on until their end, which is passed on too.
 *
 * @param x The flow; it fails if this does, as the other direction waits for bytes that will never come.
 * @param direction The direction.
 * @param first What has been read already, lent until the next read.
 */
export async function pump(x: Exchange, direction: Direction, first: Uint8Array): Promise<void> {
  const { from, to, plan } = direction;
  const out = new RawSink(direction);
  const { tunnelMs } = x.context.timeouts;
  try {
    const path = pathFor(x, plan, { kind: "close-delimited" }, from, out);
    const pressure = to.flush();
    if (pressure !== null) await pressure;
    let bytes: Uint8Array | null = first;
    while (bytes !== null) {
      if (bytes.length > 0) path.data({ type: "data", bytes, frameSize: 0, frameEnd: false });
      const written = out.flush();
      if (written !== null) await written;
      const wanted = path.ready();
      if (wanted !== null) await wanted;
      if (path.over) break;
      // Bytes that go one way show that the tunnel is in use, both ways.
      from.wait(tunnelMs, "the next bytes of a tunnel");
      to.wait(tunnelMs, "the next bytes of a tunnel");
      try {
        bytes = await from.read();
      } catch (error) {
        // What ends the bytes early stops the wait for more of them.
        if (!path.over) throw error;
        bytes = null;
      }
    }
    const ended = path.over ? null : path.end();
    if (ended !== null) await ended;
    const written = out.flush();
    if (written !== null) await written;
    x.paths.delete(path);
    to.socket.end();
  } catch (error) {
    x.fail(error);
    throw error;
  }
}

/** Where bytes leave as they are, without a codec. */
class RawSink implements Sink {
  readonly h1: Outlet = { sendData: (bytes) => void this.#pieces.push(bytes) };
  #direction: Direction;
  #pieces: Uint8Array[] = [];

  constructor(direction: Direction) {
    this.#direction = direction;
  }

  flush(): Promise<void> | null {
    if (this.#pieces.length === 0) return null;
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const piece of pieces) this.#direction.count(piece.length);
    return this.#direction.to.send(pieces);
  }
}
