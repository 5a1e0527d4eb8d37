/** Maps the events of an event stream (Server-Sent Events). */

import { markLength } from "./byte-order-mark.ts";
import { EventView, type ServerSentEvent } from "./event-view.ts";
import { EventFraming } from "./framings.ts";
import {
  DEFAULT_MAX_RECORD_BYTES,
  LEFT_OUT,
  makeRecordTransform,
  type RecordJudge,
  type Verdict,
} from "./records.ts";
import type { Transform } from "./transform.ts";
import { type ServerSentEventInit, writeEvent } from "./write-event.ts";

/** What may go in place of an event: itself, with what was assigned to it, or another one. */
export type EventItem = ServerSentEvent | ServerSentEventInit;

/**
 * What a function makes of an event: nothing, and it goes with what was assigned to it; `null` to leave it
 * out; or what goes in its place.
 */
export type EventFunction = (
  event: ServerSentEvent,
) => EventItem | readonly EventItem[] | null | undefined | void;

/** What `mapEvents` can be told. */
export interface MapEventsOptions {
  /** The most that an event may have, in bytes, its line ends included; default 16 MiB. */
  readonly maxEvent?: number;
  /**
   * Whether to show what has no `data` as well, which no client takes for an event: comments that keep the
   * connection open, an `id` or a `retry` alone; default `false`, it goes as it is.
   */
  readonly withoutData?: boolean;
}

/** Decides about the blocks of an event stream. */
export interface EventJudge {
  /**
   * Decides about a block.
   *
   * @param event The block, to be read during the call only.
   * @param isLast Whether the body has ended within it.
   * @returns What goes in its place; `undefined` if it goes as it is.
   */
  judge(event: EventView, isLast: boolean): Verdict | undefined;
  /** The body has ended: returns what is to go behind it. */
  finish?(): readonly Uint8Array[];
  /** The body will not end. */
  cancel?(reason: unknown): void;
}

/** Takes off the byte order mark that may begin the body: it is no part of the first event. */
class BlockJudge implements RecordJudge {
  readonly #framing: EventFraming;
  readonly #judge: EventJudge;
  #isFirst = true;

  constructor(framing: EventFraming, judge: EventJudge) {
    this.#framing = framing;
    this.#judge = judge;
  }

  judge(bytes: Uint8Array, start: number, end: number, _: number, isLast: boolean): Verdict | undefined {
    if (!this.#isFirst) {
      const hasData = isLast ? undefined : this.#framing.hasData;
      return this.#judge.judge(new EventView(bytes, start, end, hasData), isLast);
    }
    this.#isFirst = false;
    const mark = bytes.subarray(start, start + markLength(bytes, start, end));
    const verdict = this.#judge.judge(new EventView(bytes, start + mark.length, end), isLast);
    return verdict === undefined || mark.length === 0
      ? verdict
      : { ...verdict, pieces: [mark, ...verdict.pieces] };
  }

  finish(): readonly Uint8Array[] {
    return this.#judge.finish?.() ?? [];
  }

  cancel(reason: unknown): void {
    this.#judge.cancel?.(reason);
  }
}

/**
 * Makes the transform that shows the blocks of an event stream to what decides about them.
 *
 * @param judge What decides.
 * @param maxEvent The most that a block may have, in bytes.
 * @returns The transform.
 * @throws {TypeError} If the limit is no number.
 * @throws {RangeError} If the limit is not a whole number, or less than 1.
 */
export function makeEventTransform(
  judge: EventJudge,
  maxEvent: number = DEFAULT_MAX_RECORD_BYTES,
): Transform {
  const framing = new EventFraming();
  return makeRecordTransform(framing, new BlockJudge(framing, judge), {
    name: "event",
    limitName: "maxEvent",
    maxBytes: maxEvent,
    alone: true,
    retains: false,
  });
}

class EventMapper implements EventJudge {
  readonly #map: EventFunction;
  readonly #showsAll: boolean;

  constructor(map: EventFunction, showsAll: boolean) {
    this.#map = map;
    this.#showsAll = showsAll;
  }

  judge(event: EventView, isLast: boolean): Verdict | undefined {
    if (!this.#showsAll && !event.hasData) return undefined;
    const map = this.#map;
    const result: unknown = map(event);
    const verdict = result === undefined || result === event
      ? changed(event)
      : result === null
      ? LEFT_OUT
      : inPlaceOf(event, isLast, Array.isArray(result) ? result : [result]);
    event.close();
    return verdict;
  }
}

function changed(event: EventView): Verdict | undefined {
  return event.isChanged ? { pieces: [event.toBytes()], endsAsBefore: true, after: [] } : undefined;
}

/** Sends several items in place of an event. What follows the event waits until its line end is whole. */
function inPlaceOf(event: EventView, isLast: boolean, items: readonly unknown[]): Verdict {
  const place = items.indexOf(event);
  const pieces = items.map((item, index) => {
    if (item !== event) return writeEvent(checkItem(item), event.lineEnd);
    const needsEnd = index > place || (isLast && index < items.length - 1);
    return needsEnd ? event.toClosedBytes() : event.toBytes();
  });
  if (place < 0) return { pieces, endsAsBefore: false, after: [] };
  return { pieces: pieces.slice(0, place + 1), endsAsBefore: true, after: pieces.slice(place + 1) };
}

function checkItem(item: unknown): ServerSentEventInit {
  if (typeof item === "object" && item !== null && !(item instanceof Promise)) return item;
  throw new TypeError(
    "Cannot map the event as its function must return events, null or undefined: " +
      `got ${item === null ? "null in a list" : item instanceof Promise ? "a promise" : typeof item}`,
  );
}

/**
 * Maps the events of an event stream (`text/event-stream`, HTML standard, section 9.2): changes what is
 * assigned to them, leaves some out, sends others in front of them or behind them. All that is not assigned
 * stays byte for byte: line ends of any kind, comments, unknown fields, a byte order mark.
 *
 * - **Bytes held**: the event that is not complete yet, at most `maxEvent` bytes.
 * - **Delay added**: until an event is complete; it goes in the call that brings the last byte of its empty
 *   line, as a chunk by itself. A CR is a line end: it does not wait for a LF, which follows by itself if it
 *   comes later. Only what is sent behind such an event waits for the next byte.
 * - **Memory**: at most three times the longest event that spans chunks. Events that are left as they are are
 *   passed on as subarrays, and not even decoded unless `map` reads them.
 *
 * What the body's end cuts short before its empty line is shown as well: the standard has it thrown away, but
 * some clients take it.
 *
 * @param map Gets an event, to be read and assigned to during the call only. Returns nothing to let it go;
 * `null` to leave it out; or an event or a list of events that go in its place, itself among them where it is
 * to stay.
 * @param options The limit, and what to show.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `map` is no function, or `maxEvent` no number; the body fails with one when `map`
 * returns something else than events.
 * @throws {RangeError} If `maxEvent` is not a whole number, or less than 1; the body fails with one when an
 * event is longer than `maxEvent`.
 *
 * @example Change some events, leave out others
 * ```ts
 * import { mapEvents } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const quiet = mapEvents((event) => {
 *   if (event.type === "ping") return null;
 *   event.data = event.data.toUpperCase();
 * });
 * const body = new Response("event:ping\ndata\n\nid: 7\ndata: hi\n\n").body!.pipeThrough(quiet);
 * assert.equal(await new Response(body).text(), "id: 7\ndata: HI\n\n");
 * ```
 *
 * @example Send an event in front of each
 * ```ts
 * import { mapEvents } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * const announced = mapEvents((event) => [{ comment: "next" }, event]);
 * const body = new Response("data: 1\n\n").body!.pipeThrough(announced);
 * assert.equal(await new Response(body).text(), ": next\n\ndata: 1\n\n");
 * ```
 */
export function mapEvents(map: EventFunction, options: MapEventsOptions = {}): Transform {
  if (typeof map !== "function") {
    throw new TypeError(`Cannot map events as what maps them must be a function: got ${typeof map}`);
  }
  return makeEventTransform(new EventMapper(map, options.withoutData ?? false), options.maxEvent);
}
