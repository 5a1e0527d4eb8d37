/**
 * One HTTP/1 connection without any I/O: bytes in and events out, calls in and bytes out.
 *
 * What is read goes `receive`, then `nextEvent` until that says NEED_DATA or PAUSED; what is sent is queued until `take`.
 * The two directions know one another through the cycle alone: the state of each side, and the facts of the exchange.
 */
import { LocalProtocolError } from "../errors.ts";
import type { HeaderList } from "../headers.ts";
import { defaultLimits, type Limits } from "../limits.ts";
import type { Framing, RequestHead, ResponseHead } from "../message.ts";
import { Cycle, type Role } from "./cycle.ts";
import type { Event, NEED_DATA, PAUSED } from "./events.ts";
import { Incoming } from "./incoming.ts";
import { Outgoing } from "./outgoing.ts";
import type { State } from "./states.ts";

/**
 * An HTTP/1 connection.
 *
 * @example
 * ```ts
 * import { NEED_DATA } from "./events.ts";
 * import { HeaderList } from "../headers.ts";
 * import assert from "node:assert/strict";
 *
 * const server = new Connection("server");
 * server.receive(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
 * const request = server.nextEvent();
 * assert(typeof request === "object" && request.type === "request" && request.target === "/");
 * assert.deepEqual(server.nextEvent(), { type: "end", trailers: null });
 *
 * const headers = new HeaderList({ "Content-Length": "2" });
 * server.sendResponse({ status: 200, reason: "OK", version: "1.1", headers }, { kind: "content-length", length: 2 });
 * server.sendData(new TextEncoder().encode("hi"));
 * server.sendEnd();
 * assert.equal(new TextDecoder().decode(server.take()[0]), "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
 *
 * assert(server.reusable);
 * server.startNextCycle();
 * assert.equal(server.nextEvent(), NEED_DATA);
 * ```
 */
export class Connection {
  readonly #cycle: Cycle;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;

  /**
   * Makes one at its beginning.
   *
   * @param role Which end this is.
   * @param limits What heads, trailer sections and chunk lines are bounded by; default `defaultLimits`.
   */
  constructor(role: Role, limits: Limits = defaultLimits) {
    this.#cycle = new Cycle(role);
    this.#incoming = new Incoming(this.#cycle, limits);
    this.#outgoing = new Outgoing(this.#cycle);
  }

  /** Where the other side is. */
  get theirState(): State {
    return this.#cycle.theirs;
  }

  /** Where this side is. */
  get ourState(): State {
    return this.#cycle.ours;
  }

  /** Whether the message that was read last leaves the connection open for another one. */
  get theirKeepAlive(): boolean {
    return this.#incoming.keepAlive;
  }

  /** Whether both messages have ended and neither ends the connection: the next cycle may start. */
  get reusable(): boolean {
    const { role, theirs, ours } = this.#cycle;
    // What a server sends behind its response is nobody's.
    const clean = role === "server" || (this.buffered === 0 && !this.#incoming.fin);
    return clean && theirs === "done" && ours === "done";
  }

  /** How many bytes were received and not consumed. */
  get buffered(): number {
    return this.#incoming.buffer.length;
  }

  /** How many bytes of output were not taken. */
  get pending(): number {
    return this.#outgoing.output.pending;
  }

  /** All that `take` has handed out has been sent: its memory may be used again. */
  written(): void {
    this.#outgoing.output.written();
  }

  /** Whether what is sent says where it ends: neither a tunnel, nor a body that only the connection's end delimits. */
  get delimited(): boolean {
    return this.#cycle.ours !== "tunnel" && this.#outgoing.framing.kind !== "close-delimited";
  }

  /** How many bytes of body the message that is sent (or was, last) has so far, without its framing. */
  get bodyBytes(): number {
    return this.#outgoing.bodyBytes;
  }

  /**
   * Hands in what was received.
   *
   * @param bytes Lent until the next call, or until `keep`; `null` says that the other side has finished sending.
   * @param cut Whether that may be somebody else's doing, so that it ends no body (RFC 9112 9.8); default `false`.
   * @throws {LocalProtocolError} If bytes follow the end.
   */
  receive(bytes: Uint8Array | null, cut = false): void {
    const incoming = this.#incoming;
    if (bytes === null) {
      incoming.fin = true;
      incoming.cut = cut;
    } else if (incoming.fin) {
      throw new LocalProtocolError("Cannot receive bytes as the other side has finished sending");
    } else if (bytes.length > 0) incoming.buffer.add(bytes);
  }

  /** Copies what was received and not consumed, so that the buffer it came in may be overwritten. */
  keep(): void {
    this.#incoming.buffer.keep();
  }

  /**
   * Takes everything that was received and not consumed: on a connection that has become a tunnel.
   *
   * @returns The bytes, lent like those of a data event.
   */
  rest(): Uint8Array {
    return this.#incoming.buffer.take(this.buffered);
  }

  /**
   * Makes the connection a tunnel, by an agreement that HTTP knows nothing of.
   *
   * @throws {LocalProtocolError} If it was closed, or is a tunnel already.
   */
  switch(): void {
    this.#cycle.switch();
  }

  /**
   * Reads on.
   *
   * @returns What happened next; `NEED_DATA` if more bytes are needed to tell; `PAUSED` behind a message, until
   * `startNextCycle`, and in a tunnel. A client is also PAUSED when bytes come that it has not asked for.
   * @throws {ProtocolError} If the other side breaks the rules; from then on always.
   * @throws {TruncatedError} If it has finished sending within a message.
   */
  nextEvent(): Event | typeof NEED_DATA | typeof PAUSED {
    return this.#incoming.nextEvent();
  }

  /**
   * Sends a request's head.
   *
   * @param head The head; its fields announce the framing.
   * @param framing How the body ends.
   * @throws {LocalProtocolError} If it may not be sent now, or not like this.
   */
  sendRequest(head: RequestHead, framing: Framing): void {
    this.#outgoing.request(head, framing);
  }

  /**
   * Sends an interim response; behind a 101 the connection is a tunnel.
   *
   * @param head The head, of status 100 to 199.
   * @throws {LocalProtocolError} If it may not be sent now: to HTTP/1.0 never (RFC 9110 15.2), a 101 only if the request
   * has ended and has asked for an upgrade.
   */
  sendInterim(head: ResponseHead): void {
    this.#outgoing.interim(head);
  }

  /**
   * Sends a response's head; behind a 2xx to CONNECT the connection is a tunnel, without a call of `sendEnd`.
   *
   * @param head The head; its fields announce the framing. That of a response that never has a body may announce any.
   * @param framing How the body ends: `none` for a response to HEAD, and for 204 and 304.
   * @throws {LocalProtocolError} If it may not be sent now, or not like this.
   */
  sendResponse(head: ResponseHead, framing: Framing): void {
    this.#outgoing.response(head, framing);
  }

  /**
   * Sends bytes of the body.
   *
   * @param bytes Small ones are copied, large ones lent until they are sent. A chunked body takes no empty ones.
   * @param frameSize In a chunked body: the size of the chunk that begins here, or 0 if it began before. Without it and
   * `frameEnd` the bytes are a chunk.
   * @param frameEnd In a chunked body: whether the chunk ends here.
   * @throws {LocalProtocolError} If they are not what the framing allows.
   */
  sendData(bytes: Uint8Array, frameSize?: number, frameEnd?: boolean): void {
    this.#outgoing.data(bytes, frameSize, frameEnd);
  }

  /**
   * Ends the message.
   *
   * @param trailers The trailer section, which only a chunked body has a place for; default `null`, for none. Fields that
   * may not be in one are left out.
   * @throws {LocalProtocolError} If the body is not complete.
   */
  sendEnd(trailers: HeaderList | null = null): void {
    this.#outgoing.end(trailers);
  }

  /** The output so far, for one vectored write; it is not written again. */
  take(): Uint8Array[] {
    return this.#outgoing.output.take();
  }

  /**
   * Gets ready for the next request and response.
   *
   * @throws {LocalProtocolError} If the connection is not `reusable`.
   */
  startNextCycle(): void {
    if (this.#cycle.role === "client" && !this.reusable) {
      throw new LocalProtocolError("Cannot start the next cycle as the connection must be reusable");
    }
    this.#cycle.next();
  }
}
