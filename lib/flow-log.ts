/**
 * What the log is told of a flow; everything is worked out only if the log asks.
 */
import type { Flow } from "./flow.ts";
import type { Fields, FlowRecord, Log } from "./log.ts";

/** Tells the log of one flow: when it starts, when its answer starts, and how it ends. */
export class FlowLog implements FlowRecord {
  readonly started: number = performance.now();
  ended: number | null = null;
  /** Whether the response's body streams. */
  streaming = false;
  /** Counts the body once its head is out. */
  meter: { readonly bodyBytes: number } | null = null;
  /** The bytes that went to the client through a tunnel. */
  tunnelled = 0;
  error: string | null = null;
  #flow: Flow;
  #log: Log;

  constructor(flow: Flow, log: Log) {
    this.#flow = flow;
    this.#log = log;
    log.start(this);
  }

  /** The bytes of the response's body that went to the client. */
  get bytes(): number {
    return this.tunnelled + (this.meter?.bodyBytes ?? 0);
  }

  get id(): number {
    return this.#flow.id;
  }

  get client(): string {
    const { host, port } = this.#flow.client.address;
    return `${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  get method(): string {
    return this.#flow.request.method;
  }

  get url(): string {
    const { method, href } = this.#flow.request;
    // A tunnel's end is no URL.
    return method === "CONNECT" ? href.replace(/^http:\/\/|\/$/g, "") : href;
  }

  get requestHeaders(): Fields {
    return this.#flow.request.headers;
  }

  get status(): number | null {
    return this.#flow.response?.status ?? null;
  }

  get reason(): string {
    return this.#flow.response?.reason ?? "";
  }

  get responseHeaders(): Fields | null {
    return this.#flow.response?.headers ?? null;
  }

  /** The response's head goes out. */
  responded(streaming: boolean): void {
    this.streaming = streaming;
    this.#log.response(this);
  }

  /** The flow has ended well. */
  done(): void {
    this.ended = performance.now();
    this.#log.end(this);
  }

  /** The flow has failed. */
  failed(error: Error): void {
    this.error = error.message;
    this.ended = performance.now();
    this.#log.end(this);
  }
}
