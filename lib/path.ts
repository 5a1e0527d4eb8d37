/**
 * A body's way from the source's codec to the sink's: straight, through fused transforms, or through streams.
 *
 * All three take the source's data events one by one. What comes out is put to the sink's codec before `data` returns,
 * but for streams, which take their time; `ready` is how those hold the source back.
 */
import type { Connection } from "./h1/connection.ts";
import type { DataEvent } from "./h1/events.ts";

/** Where a path puts what comes out: a codec, or nothing for a message that may not have a body. */
export type Outlet = Pick<Connection, "sendData">;

/** One body's way. */
export interface BodyPath {
  /** Whether the body has ended before its source did (a transform has terminated it): the rest is not wanted. */
  readonly over: boolean;
  /** Takes a piece of the body. */
  data(event: DataEvent): void;
  /** `null` when more is wanted now, else a promise for when it is. */
  ready(): Promise<void> | null;
  /** The source has ended; `null` when everything is put out, else a promise for that. */
  end(): Promise<void> | null;
  /** The body will not end: whoever holds something lets go of it. */
  cancel(reason: unknown): void;
}

/** An outlet that drops everything: responses to `HEAD`, 204, 304. */
export const nowhere: Outlet = { sendData: () => {} };
