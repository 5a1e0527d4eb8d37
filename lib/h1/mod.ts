/**
 * The HTTP/1 codec: bytes to events and events to bytes, without any I/O.
 *
 * @module
 */
export { Connection } from "./connection.ts";
export type { Role } from "./cycle.ts";
export {
  type ClosedEvent,
  type DataEvent,
  type EndEvent,
  type Event,
  type InterimEvent,
  NEED_DATA,
  PAUSED,
  type RequestEvent,
  type ResponseEvent,
} from "./events.ts";
export type { State } from "./states.ts";
