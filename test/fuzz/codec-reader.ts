/**
 * Reads octets with the codec, and holds it to what it promises of every input: nothing is thrown but a ProtocolError,
 * which stays; little is held; every event but an end takes octets with it, so reading can't go round in circles.
 */
import assert from "node:assert/strict";
import { LocalProtocolError, ProtocolError, TruncatedError } from "../../lib/errors.ts";
import { Connection } from "../../lib/h1/connection.ts";
import { type Event, NEED_DATA } from "../../lib/h1/events.ts";
import { HeaderList } from "../../lib/headers.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import type { Framing } from "../../lib/message.ts";
import { latin1 } from "../harness/playbook.ts";

/** How octets are read. */
export interface CodecSettings {
  /** A server reads requests and answers each with a 204; a client reads the responses to `methods`. */
  readonly role: "server" | "client";
  /** The methods of a client's requests. */
  readonly methods: readonly string[];
  /** Whether a client's requests ask for an upgrade. */
  readonly upgrade: boolean;
  /** Whether a server answers on the request's head, not on its end. */
  readonly early: boolean;
  /** Whether FIN comes behind the octets. */
  readonly fin: boolean;
  /** Whether the limits are so low that they are met often. */
  readonly narrow: boolean;
  /** Where the octets are cut, ascending. */
  readonly cuts: readonly number[];
}

const NARROW: Limits = {
  ...defaultLimits,
  lineBytes: 96,
  emptyLineCount: 1,
  requestHeadBytes: 192,
  responseHeadBytes: 256,
  fieldCount: 5,
  chunkLineBytes: 16,
  chunkExtensionBytes: 24,
  trailerBytes: 64,
  trailerCount: 2,
  interimCount: 2,
};

/** A message as far as it was read. */
export interface ReadMessage {
  readonly kind: "request" | "response" | "interim";
  /** A method and a target, or a status and a reason phrase. */
  readonly line: readonly [string, string];
  readonly version: string;
  readonly fields: readonly (readonly [string, string])[];
  readonly framing: Framing;
  /** The sizes of the wire chunks. */
  readonly frames: readonly number[];
  readonly body: string;
  readonly trailers: readonly (readonly [string, string])[];
  readonly complete: boolean;
}

/** What was read. */
export interface Reading {
  readonly messages: readonly ReadMessage[];
  /** How it ended: it wants more, it paused, it is closed, or the message of the error. */
  readonly ending: string;
  /** The class of the error, if there was one. */
  readonly failure: "refused" | "truncated" | null;
  /** What is left where it paused. */
  readonly rest: string;
}

/** Somebody who wants every event while its bytes are valid. */
export type Witness = (event: Event) => void;

interface Draft {
  kind: ReadMessage["kind"];
  line: readonly [string, string];
  version: string;
  fields: readonly (readonly [string, string])[];
  framing: Framing;
  frames: number[];
  body: string;
  trailers: readonly (readonly [string, string])[];
  complete: boolean;
}

const NONE: Framing = { kind: "none" };

/** Reads one side of a connection. */
class Reader {
  readonly messages: Draft[] = [];
  readonly #connection: Connection;
  readonly #settings: CodecSettings;
  readonly #limits: Limits;
  readonly #witness: Witness | undefined;
  readonly #methods: string[];
  #fed = 0;
  #events = 0;
  #frameLeft = 0;
  #rest = "";
  last = "need data";

  constructor(settings: CodecSettings, witness: Witness | undefined) {
    this.#settings = settings;
    this.#limits = settings.narrow ? NARROW : defaultLimits;
    this.#connection = new Connection(settings.role, this.#limits);
    this.#witness = witness;
    this.#methods = [...settings.methods];
    if (settings.role === "client") this.#ask();
  }

  feed(bytes: Uint8Array | null): void {
    this.#connection.receive(bytes);
    this.#fed += bytes?.length ?? 0;
    this.drain();
    this.#connection.keep();
  }

  /** What was not read. */
  rest(): string {
    return this.#rest + latin1(this.#connection.rest());
  }

  drain(): void {
    for (;;) {
      const event = this.#connection.nextEvent();
      if (typeof event === "object") {
        this.#take(event);
      } else if (event === NEED_DATA) {
        this.last = "need data";
        return this.#checkHeld();
      } else if (!this.#proceed()) {
        this.last = `paused, ${this.#connection.theirState}`;
        return;
      }
    }
  }

  /** The error comes again, and the state says so. */
  checkFailed(error: ProtocolError): void {
    assert.throws(() => this.#connection.nextEvent(), (again) => again === error, "an error must stay");
    assert.equal(this.#connection.theirState, "error");
  }

  #take(event: Event): void {
    // A head takes octets, and has one end; data takes octets.
    this.#events++;
    assert(this.#events <= 2 * this.#fed + 2, "an event must take octets with it");
    this.#witness?.(event);
    const message = this.messages.at(-1);
    switch (event.type) {
      case "request":
        this.#begin("request", [event.method, event.target], event.version, event.headers, event.framing);
        if (this.#settings.early) this.#answer();
        break;
      case "response":
        this.#begin(
          "response",
          [`${event.status}`, event.reason],
          event.version,
          event.headers,
          event.framing,
        );
        if (this.#connection.theirState === "tunnel") this.messages.at(-1)!.complete = true;
        break;
      case "interim":
        this.#begin("interim", [`${event.status}`, event.reason], event.version, event.headers, NONE);
        this.messages.at(-1)!.complete = true;
        break;
      case "data":
        assert(event.bytes.length > 0, "a data event must have bytes");
        this.#checkFrame(event.bytes.length, event.frameSize, event.frameEnd, message!);
        message!.body += latin1(event.bytes);
        break;
      case "end":
        assert.equal(this.#frameLeft, 0, "a body must not end in a frame");
        message!.trailers = [...event.trailers ?? []];
        message!.complete = true;
        break;
      case "closed":
        break;
    }
  }

  #begin(
    kind: ReadMessage["kind"],
    line: readonly [string, string],
    version: string,
    headers: HeaderList,
    framing: Framing,
  ): void {
    const fields = [...headers];
    this.messages.push({
      kind,
      line,
      version,
      fields,
      framing,
      frames: [],
      body: "",
      trailers: [],
      complete: false,
    });
  }

  #checkFrame(length: number, frameSize: number, frameEnd: boolean, message: Draft): void {
    if (message.framing.kind !== "chunked") {
      assert(frameSize === 0 && !frameEnd, "only a chunked body has frames");
      return;
    }
    if (frameSize > 0) {
      assert.equal(this.#frameLeft, 0, "a frame must end before the next begins");
      this.#frameLeft = frameSize;
      message.frames.push(frameSize);
    }
    this.#frameLeft -= length;
    assert(this.#frameLeft >= 0, "a frame must not be longer than it says");
    assert.equal(frameEnd, this.#frameLeft === 0, "a frame must be as long as it says");
  }

  /** What is held while more is wanted is a part of a head or a trailer section. */
  #checkHeld(): void {
    const { role } = this.#settings;
    const { requestHeadBytes, responseHeadBytes, trailerBytes } = this.#limits;
    const head = role === "server" ? requestHeadBytes : responseHeadBytes;
    const bound = this.#connection.theirState === "idle" ? head : trailerBytes;
    assert(
      this.#connection.buffered <= bound,
      `holds ${this.#connection.buffered} bytes, more than ${bound}`,
    );
  }

  #proceed(): boolean {
    const connection = this.#connection;
    const { role } = this.#settings;
    if (role === "server" && connection.theirState === "done" && connection.ourState === "idle") {
      this.#answer();
    }
    if (role === "client" && this.#methods.length === 0) return false;
    // An origin that sends the next response too early would be cut off; this one sends it in time.
    const early = role === "client" ? this.#connection.rest() : new Uint8Array(0);
    if (connection.reusable) {
      connection.startNextCycle();
      if (role === "client") this.#ask();
      connection.receive(early);
      return true;
    }
    this.#rest += latin1(early);
    return false;
  }

  #answer(): void {
    const connection = this.#connection;
    const headers = new HeaderList({ Connection: "keep-alive" });
    connection.sendResponse({ status: 204, reason: "", version: "1.1", headers }, NONE);
    if (connection.ourState !== "tunnel") connection.sendEnd();
  }

  #ask(): void {
    const method = this.#methods.shift() ?? "GET";
    const headers = new HeaderList({ Host: "a.example" });
    if (this.#settings.upgrade) {
      headers.append("Connection", "Upgrade");
      headers.append("Upgrade", "foo");
    }
    const target = method === "CONNECT" ? "b.example:443" : "/";
    this.#connection.sendRequest({ method, target, version: "1.1", headers }, NONE);
    this.#connection.sendEnd();
  }
}

/**
 * Reads octets.
 *
 * @param octets What came, a character an octet.
 * @param settings How to read it; `cuts` is not looked at.
 * @param cuts Where to cut it, ascending.
 * @param witness Gets every event.
 * @returns What was read.
 * @throws {AssertionError} If the codec breaks a promise, and whatever it throws that is not a ProtocolError.
 */
export function readWithCodec(
  octets: string,
  settings: CodecSettings,
  cuts: readonly number[] = [],
  witness?: Witness,
): Reading {
  const reader = new Reader(settings, witness);
  // Lent as the engine lends it: one buffer for all reads, overwritten once the codec has kept what it needs.
  const lent = new Uint8Array(octets.length);
  const end = (failure: Reading["failure"], ending: string, rest: string): Reading => {
    return { messages: reader.messages, ending, failure, rest };
  };
  try {
    reader.drain();
    let from = 0;
    for (const to of [...cuts.filter((place) => place < octets.length), octets.length]) {
      if (to === from) continue;
      for (let at = from; at < to; at++) lent[at - from] = octets.charCodeAt(at);
      reader.feed(lent.subarray(0, to - from));
      lent.fill(0xee, 0, to - from);
      from = to;
    }
    if (settings.fin) reader.feed(null);
    return end(null, reader.last, reader.last === "need data" ? "" : reader.rest());
  } catch (error) {
    if (!(error instanceof ProtocolError) || error instanceof LocalProtocolError) throw error;
    reader.checkFailed(error);
    const kind = error instanceof TruncatedError ? "truncated" : "refused";
    return end(kind, `${kind} ${error.status}: ${error.message}`, "");
  }
}
