/**
 * Writes what the codec has read as the engine does: without the fields of the hop, in a framing of its own, the body kept
 * frame for frame, as a changed one of unknown length, or whole.
 */
import { DirectPath } from "../../lib/direct-path.ts";
import { ProtocolError } from "../../lib/errors.ts";
import { isBodyless } from "../../lib/framing.ts";
import { Connection } from "../../lib/h1/connection.ts";
import type { Event, InterimEvent, RequestEvent, ResponseEvent } from "../../lib/h1/events.ts";
import { withoutHopByHop } from "../../lib/hop-by-hop.ts";
import type { Framing, Version } from "../../lib/message.ts";
import { hasNoBody } from "../../lib/plan.ts";
import { reframe, reframeBodyless, type Treatment } from "../../lib/reframe.ts";
import type { Mode } from "../../lib/mode.ts";
import { requestTarget } from "../../lib/target.ts";
import { latin1, octets } from "../harness/playbook.ts";

/** What happens to bodies. */
export type BodyTreatment = "kept" | "changed" | "whole";

/** How to write. */
export interface ReemitSettings {
  readonly treatment: BodyTreatment;
  /** What those who get responses speak. */
  readonly version: Version;
  /** The methods that responses answer; the last one stands for those that follow. */
  readonly methods: readonly string[];
}

const ORIGIN: Mode = { kind: "reverse", origin: new URL("http://o.example") };

/** The target that an origin gets, or `null` where the proxy itself answers: a CONNECT, and what goes nowhere. */
function targetOf(head: RequestEvent): string | null {
  try {
    return head.method === "CONNECT" ? null : requestTarget(head, ORIGIN).path;
  } catch (error) {
    if (error instanceof ProtocolError) return null;
    throw error;
  }
}

/** Writes messages, each on a connection of its own, and puts together what they make. */
export class Reemitter {
  /** All octets so far. */
  written = "";
  /** How many messages were begun, interim ones too. */
  begun = 0;
  /** The framing of the last message that was begun. */
  framing: Framing = { kind: "none" };
  readonly #settings: ReemitSettings;
  #writer: Connection | null = null;
  #path: DirectPath | null = null;
  #head: RequestEvent | ResponseEvent | null = null;
  #whole: Uint8Array[] = [];
  #finals = 0;
  // Behind a tunnel's beginning, or a body that goes on until the end, there is no message.
  #over = false;

  constructor(settings: ReemitSettings) {
    this.#settings = settings;
  }

  /** Takes an event; its bytes need not last. */
  take(event: Event): void {
    if (this.#over) return;
    switch (event.type) {
      case "request":
        return this.#request(event);
      case "interim":
        return this.#interim(event);
      case "response":
        return this.#response(event);
      case "data":
        return this.#data(event);
      case "end":
        this.#writeWhole();
        this.#writer!.sendEnd(this.framing.kind === "chunked" ? event.trailers : null);
        this.#flush();
        this.#writer = null;
        this.#over = this.framing.kind === "close-delimited";
        break;
      case "closed":
        break;
    }
  }

  #request(event: RequestEvent): void {
    const target = targetOf(event);
    if (target === null) {
      this.#over = true;
      return;
    }
    this.#begin({ ...event, target }, new Connection("client"));
    if (!this.#delayed()) this.#writeHead(0);
  }

  #interim(event: InterimEvent): void {
    if (event.status === 101) this.#over = true;
    if (this.#over || this.#settings.version === "1.0") return;
    const headers = withoutHopByHop(event.headers);
    this.begun++;
    this.#writer ??= this.#server();
    this.#writer.sendInterim({ status: event.status, reason: event.reason, version: "1.1", headers });
    this.#flush();
  }

  #response(event: ResponseEvent): void {
    const method = this.#method();
    this.#finals++;
    if (method === "CONNECT" && event.status < 300) {
      this.#over = true;
      return;
    }
    this.#begin(event, this.#writer ?? this.#server(method));
    if (isBodyless(event.status, method)) {
      const headers = withoutHopByHop(event.headers);
      this.framing = reframeBodyless(headers, event.status, this.#settings.treatment === "changed");
      this.#writer!.sendResponse({ ...event, version: "1.1", headers }, this.framing);
      this.#flush();
      this.#head = null;
    } else if (!this.#delayed()) {
      this.#writeHead(0);
    }
  }

  #begin(event: RequestEvent | ResponseEvent, writer: Connection): void {
    this.begun++;
    this.#head = event;
    this.#writer = writer;
    this.#path = new DirectPath(writer);
    this.#whole = [];
  }

  /** Whether the head waits for the length of the body. */
  #delayed(): boolean {
    return this.#settings.treatment === "whole" && !hasNoBody(this.#head!.framing);
  }

  #writeHead(length: number): void {
    const event = this.#head!;
    const headers = withoutHopByHop(event.headers);
    this.#head = null;
    const version = event.type === "request" ? "1.1" : this.#settings.version;
    this.framing = reframe(headers, event.framing, this.#treatment(event.framing, length), version);
    if (event.type === "request") {
      headers.set("Host", headers.get("host") ?? "a.example");
      this.#writer!.sendRequest({ ...event, version: "1.1", headers }, this.framing);
    } else {
      if (this.framing.kind === "close-delimited") headers.append("Connection", "close");
      else if (version === "1.0") headers.append("Connection", "keep-alive");
      this.#writer!.sendResponse({ ...event, version: "1.1", headers }, this.framing);
    }
    this.#flush();
  }

  #treatment(incoming: Framing, length: number): Treatment {
    if (incoming.kind === "none") return { kind: "kept" };
    const { treatment } = this.#settings;
    if (treatment !== "whole" && !hasNoBody(incoming)) return { kind: treatment };
    return { kind: "whole", length, changed: false };
  }

  #data(event: Event & { type: "data" }): void {
    if (this.#head !== null) this.#whole.push(event.bytes.slice());
    else if (this.#settings.treatment === "kept" && this.framing.kind === "chunked") this.#path!.data(event);
    else this.#writer!.sendData(event.bytes);
    this.#flush();
  }

  #writeWhole(): void {
    if (this.#head === null) return;
    this.#writeHead(this.#whole.reduce((length, bytes) => length + bytes.length, 0));
    for (const bytes of this.#whole) this.#writer!.sendData(bytes);
  }

  #method(): string {
    return this.#settings.methods[this.#finals] ?? this.#settings.methods.at(-1) ?? "GET";
  }

  /** A connection that owes the answer to a request. */
  #server(method: string = this.#method()): Connection {
    const server = new Connection("server");
    const target = method === "CONNECT" ? "b.example:443" : "/";
    const head = `${method} ${target} HTTP/${this.#settings.version}`;
    server.receive(octets(`${head}\r\nHost: a.example\r\nConnection: keep-alive\r\n\r\n`));
    server.nextEvent();
    server.nextEvent();
    return server;
  }

  #flush(): void {
    if (this.#writer === null) return;
    this.written += this.#writer.take().map(latin1).join("");
    this.#writer.written();
  }
}
