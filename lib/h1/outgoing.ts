/**
 * The direction that is written: what may be sent when, and what it does to the cycle.
 *
 * Everything is checked before a byte is written, so a send that is refused changes nothing.
 */
import { LocalProtocolError } from "../errors.ts";
import { isBodyless } from "../framing.ts";
import type { HeaderList } from "../headers.ts";
import type { Framing, RequestHead, ResponseHead } from "../message.ts";
import { persists, saysKeepAlive } from "./connection-options.ts";
import type { Cycle, Role } from "./cycle.ts";
import { requestText, responseText } from "./head-writer.ts";
import { Output } from "./output.ts";
import { move, type State, type Trigger } from "./states.ts";
import { type BodyWriter, bodyWriter } from "./writers.ts";

const NONE: Framing = { kind: "none" };

/** Writes one side's messages. */
export class Outgoing {
  /** What was written and not taken. */
  readonly output: Output = new Output();
  /** How the last message's body ends. */
  framing: Framing = NONE;
  /** The bytes of the last message's body so far, without its framing. */
  bodyBytes = 0;

  readonly #cycle: Cycle;
  #body: BodyWriter = bodyWriter(NONE);

  /** @param cycle The exchange. */
  constructor(cycle: Cycle) {
    this.#cycle = cycle;
  }

  /** See `Connection.sendRequest`. */
  request(head: RequestHead, framing: Framing): void {
    const next = this.#next("client", "head", "send a request");
    this.output.text(requestText(head, framing));
    this.#cycle.ours = next;
    this.framing = framing;
    this.#body = bodyWriter(framing);
    this.bodyBytes = 0;
    this.#cycle.begin(head);
    this.#cycle.keepAliveIf(persists(head));
  }

  /** See `Connection.sendInterim`. */
  interim(head: ResponseHead): void {
    const cycle = this.#cycle;
    const next = this.#next("server", "interim", "send an interim response");
    if (head.status > 199 || cycle.version === "1.0") {
      throw new LocalProtocolError(
        `Cannot send an interim response as it must be 1xx, and to HTTP/1.1: got ${head.status} to ${cycle.version}`,
      );
    }
    const switches = head.status === 101;
    if (switches && !cycle.maySwitch(cycle.theirs)) {
      throw new LocalProtocolError("Cannot switch protocols as the request must have ended and asked for it");
    }
    this.output.text(responseText(head, null));
    cycle.ours = next;
    if (switches) cycle.switch();
  }

  /** See `Connection.sendResponse`. */
  response(head: ResponseHead, framing: Framing): void {
    if (head.status === 101) return this.interim(head);
    const cycle = this.#cycle;
    const next = this.#next("server", "head", "send a response");
    const bodyless = isBodyless(head.status, cycle.method);
    checkResponse(head, framing, cycle, bodyless);
    this.output.text(responseText(head, bodyless ? null : framing));
    cycle.ours = next;
    this.framing = framing;
    this.#body = bodyWriter(framing);
    this.bodyBytes = 0;
    if (cycle.method === "CONNECT" && head.status < 300) return cycle.switch();
    // A refused CONNECT may be followed by bytes that were meant for the tunnel.
    const keeps = persists(head) && framing.kind !== "close-delimited" && cycle.method !== "CONNECT";
    // A client of HTTP/1.0 takes silence for an end.
    cycle.keepAliveIf(keeps && (cycle.version === "1.1" || saysKeepAlive(head.headers)));
  }

  /** See `Connection.sendData`. */
  data(bytes: Uint8Array, frameSize: number | undefined, frameEnd: boolean | undefined): void {
    move(this.#cycle.ours, "data", "send data");
    this.#body.data(this.output, bytes, frameSize, frameEnd);
    this.bodyBytes += bytes.length;
  }

  /** See `Connection.sendEnd`. */
  end(trailers: HeaderList | null): void {
    const next = move(this.#cycle.ours, "end", "end the message");
    this.#body.end(this.output, trailers);
    this.#cycle.ours = next;
    this.#cycle.settle();
  }

  #next(role: Role, trigger: Trigger, what: string): State {
    if (this.#cycle.role !== role) {
      throw new LocalProtocolError(`Cannot ${what} as the role must be ${role}: got ${this.#cycle.role}`);
    }
    return move(this.#cycle.ours, trigger, what);
  }
}

function checkResponse(head: ResponseHead, framing: Framing, cycle: Cycle, bodyless: boolean): void {
  if (head.status < 200) {
    throw new LocalProtocolError(`Cannot send a response as its status must be final: got ${head.status}`);
  }
  if (bodyless && framing.kind !== "none") {
    throw new LocalProtocolError(
      `Cannot send a response as ${head.status} to ${cycle.method} must have no body: got the framing ${framing.kind}`,
    );
  }
  if (framing.kind === "chunked" && cycle.version === "1.0") {
    throw new LocalProtocolError("Cannot send a response as HTTP/1.0 must have another framing: got chunked");
  }
}
