/**
 * The straight path: the body is not changed. A chunked body keeps its wire chunks, sizes and order.
 */
import type { DataEvent } from "./h1/events.ts";
import type { BodyPath, Outlet } from "./path.ts";

/** Passes a body on as it comes. */
export class DirectPath implements BodyPath {
  readonly over = false;
  #out: Outlet;
  // Whether the frame that is open at the source was begun at the sink too. It wasn't if its beginning was buffered and
  // has left as part of another piece; then what is left of it is sent as frames of its own.
  #inFrame = false;

  constructor(out: Outlet) {
    this.#out = out;
  }

  data(event: DataEvent): void {
    if (event.frameSize > 0) this.#inFrame = true;
    if (this.#inFrame) this.#out.sendData(event.bytes, event.frameSize, event.frameEnd);
    else this.#out.sendData(event.bytes);
    if (event.frameEnd) this.#inFrame = false;
  }

  ready(): null {
    return null;
  }

  end(): null {
    return null;
  }

  cancel(): void {}
}
