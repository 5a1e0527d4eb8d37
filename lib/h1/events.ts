/**
 * What the codec hands out and takes: one small record for each thing that happens on the wire.
 *
 * A body is a sequence of `data` events. In a chunked body they carry the wire's frames: the first piece of a wire chunk
 * says how long the whole chunk is, the last one says that it ends there. A frame is never put together in memory: a
 * chunk of 1 GiB comes as the pieces in which it was read.
 */
import type { HeaderList } from "../headers.ts";
import type { Framing, RequestHead, ResponseHead } from "../message.ts";

/** A request's head, and how its body ends. */
export interface RequestEvent extends RequestHead {
  /** What this is. */
  readonly type: "request";
  /** How the body ends. */
  readonly framing: Framing;
}

/** A final response's head, and how its body ends. */
export interface ResponseEvent extends ResponseHead {
  /** What this is. */
  readonly type: "response";
  /** How the body ends. */
  readonly framing: Framing;
}

/** An interim response (1xx); a 101 too, after which both directions are raw bytes. */
export interface InterimEvent extends ResponseHead {
  /** What this is. */
  readonly type: "interim";
}

/** Bytes of a body. */
export interface DataEvent {
  /** What this is. */
  readonly type: "data";
  /** The bytes, lent: valid until the next `receive`. Not empty. */
  readonly bytes: Uint8Array;
  /** In a chunked body: the size of the wire chunk that begins with this piece; 0 if it began before. */
  readonly frameSize: number;
  /** In a chunked body: whether the wire chunk ends with this piece. */
  readonly frameEnd: boolean;
}

/** The end of a message. */
export interface EndEvent {
  /** What this is. */
  readonly type: "end";
  /** The trailer section of a chunked body, or `null` if there is none. */
  readonly trailers: HeaderList | null;
}

/** The other side has finished sending, at a place where it may: between messages. */
export interface ClosedEvent {
  /** What this is. */
  readonly type: "closed";
}

/** What a connection hands out. */
export type Event = RequestEvent | ResponseEvent | InterimEvent | DataEvent | EndEvent | ClosedEvent;

/** The codec has nothing more to say until it receives more bytes. */
export const NEED_DATA: unique symbol = Symbol("NEED_DATA");
/** The message has ended and the next may not begin yet, or the bytes that follow are not HTTP (a tunnel). */
export const PAUSED: unique symbol = Symbol("PAUSED");
