/**
 * The direction that is read: which reader has the next byte, and what each event does to the cycle.
 *
 * Readers consume from the buffer and return an event, or `null` for "more bytes, please"; only then does the end of the
 * connection count.
 */
import { ProtocolError, TruncatedError } from "../errors.ts";
import { requestFraming, responseFraming } from "../framing.ts";
import type { Limits } from "../limits.ts";
import { persists } from "./connection-options.ts";
import type { Cycle } from "./cycle.ts";
import {
  type ClosedEvent,
  type Event,
  type InterimEvent,
  NEED_DATA,
  PAUSED,
  type RequestEvent,
  type ResponseEvent,
} from "./events.ts";
import { RequestHeadReader, ResponseHeadReader } from "./head.ts";
import { dropFramingFields, normaliseLength } from "./normalise.ts";
import { type BodyReader, bodyReader } from "./readers.ts";
import { ReceiveBuffer } from "./receive-buffer.ts";
import { move } from "./states.ts";

/** Reads one side's messages. */
export class Incoming {
  /** What was received and not consumed. */
  readonly buffer: ReceiveBuffer = new ReceiveBuffer();
  /** Whether the other side has finished sending. */
  fin = false;
  /** Whether that may be somebody else's doing. */
  cut = false;
  /** Whether the message that was read last leaves the connection open. */
  keepAlive = true;

  readonly #cycle: Cycle;
  readonly #limits: Limits;
  // A side reads heads of one kind, and many connections wait for ever for their first one.
  #requests: RequestHeadReader | null = null;
  #responses: ResponseHeadReader | null = null;
  #body: BodyReader | null = null;
  #interims = 0;
  #failure: ProtocolError | null = null;

  /**
   * @param cycle The exchange.
   * @param limits The bounds of what is read.
   */
  constructor(cycle: Cycle, limits: Limits) {
    this.#cycle = cycle;
    this.#limits = limits;
  }

  /** What happened next; see `Connection.nextEvent`. */
  nextEvent(): Event | typeof NEED_DATA | typeof PAUSED {
    if (this.#failure !== null) throw this.#failure;
    try {
      if (this.#body !== null) return this.#readBody(this.#body);
      if (this.#cycle.theirs !== "idle") return PAUSED;
      return this.#cycle.role === "server" ? this.#readRequest() : this.#readResponse();
    } catch (error) {
      if (error instanceof ProtocolError) {
        this.#failure = error;
        this.#cycle.theirs = move(this.#cycle.theirs, "failure", "read on");
      }
      throw error;
    }
  }

  #readRequest(): RequestEvent | ClosedEvent | typeof NEED_DATA {
    const head = (this.#requests ??= new RequestHeadReader(this.#limits)).read(this.buffer);
    if (head === null) return this.fin ? this.#closed() : NEED_DATA;
    const { method, target, version, headers } = head;
    const framing = requestFraming(head);
    normaliseLength(headers);
    this.#cycle.theirs = move(this.#cycle.theirs, "head", "read a request");
    this.#body = bodyReader(framing, this.#limits);
    this.keepAlive = persists(head);
    this.#cycle.begin(head);
    this.#cycle.keepAliveIf(this.keepAlive);
    return { type: "request", method, target, version, headers, framing };
  }

  #closed(): ClosedEvent {
    if (this.buffer.length > 0) {
      throw new TruncatedError(
        `Cannot read the request head as it must end before the connection does: got ${this.buffer.length} bytes`,
      );
    }
    this.#cycle.theirs = move(this.#cycle.theirs, "close", "read a request");
    return { type: "closed" };
  }

  #readResponse(): ResponseEvent | InterimEvent | ClosedEvent | typeof NEED_DATA | typeof PAUSED {
    if (this.#cycle.ours === "idle") {
      // Nothing was asked for: whatever comes is nobody's.
      if (this.buffer.length > 0) return PAUSED;
      return this.fin ? this.#closed() : NEED_DATA;
    }
    const head = (this.#responses ??= new ResponseHeadReader(this.#limits)).read(this.buffer);
    if (head === null) {
      if (!this.fin) return NEED_DATA;
      throw new TruncatedError(
        `Cannot read the response head as it must end before the connection does: got ${this.buffer.length} bytes`,
        this.buffer.length > 0 || this.#interims > 0,
      );
    }
    const { status, reason, version, headers } = head;
    if (status < 200) return this.#interim({ type: "interim", status, reason, version, headers });
    const framing = responseFraming(head, this.#cycle.method);
    this.#interims = 0;
    normaliseLength(headers);
    this.keepAlive = persists(head) && framing.kind !== "close-delimited";
    if (this.#cycle.method === "CONNECT" && status < 300) {
      dropFramingFields(headers);
      this.#cycle.switch();
    } else {
      if (status === 204) dropFramingFields(headers);
      this.#cycle.theirs = move(this.#cycle.theirs, "head", "read a response");
      this.#body = bodyReader(framing, this.#limits);
      this.#cycle.keepAliveIf(this.keepAlive && this.#cycle.method !== "CONNECT");
    }
    return { type: "response", status, reason, version, headers, framing };
  }

  #interim(event: InterimEvent): InterimEvent {
    if (++this.#interims > this.#limits.interimCount) {
      throw new ProtocolError(
        `Cannot read the response as at most ${this.#limits.interimCount} interim responses may come before it: got more`,
      );
    }
    dropFramingFields(event.headers);
    if (event.status === 101) {
      if (!this.#cycle.maySwitch(this.#cycle.ours)) {
        throw new ProtocolError(
          "Cannot switch protocols as the request must have ended and asked for it: got a 101",
        );
      }
      this.#cycle.switch();
    }
    return event;
  }

  #readBody(body: BodyReader): Event | typeof NEED_DATA {
    const event = body.read(this.buffer) ?? (this.fin ? body.finish(this.cut) : null);
    if (event === null) return NEED_DATA;
    if (event.type === "end") {
      this.#body = null;
      // A tunnel may have been granted before the end of the CONNECT was read.
      if (this.#cycle.theirs === "body") this.#cycle.theirs = move("body", "end", "read on");
      this.#cycle.settle();
    }
    return event;
  }
}
