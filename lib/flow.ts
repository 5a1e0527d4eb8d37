/**
 * A flow: one request and its response, as a script sees them.
 *
 * It is plain state with a few guarded setters. What happens to it is decided elsewhere (`exchange.ts`); the flow only
 * carries the script's wishes there: another URL, an answer of its own, `kill()`.
 */
import { Message, type MessageContext } from "./body.ts";
import { type FieldSource, HeaderList } from "./headers.ts";
import type { RequestHead, ResponseHead } from "./message.ts";
import type { Address } from "./socket.ts";
import type { Target } from "./target.ts";
import type { StreamValue } from "./stages.ts";
import { defaultReason } from "./status.ts";

/** A request, as a script sees it. */
export class FlowRequest extends Message {
  /** The method, case kept. */
  method: string;
  /** The client's version. */
  readonly version: RequestHead["version"];
  #target: Target;
  #url: URL | null = null;
  #href = "";

  /** Made by the engine. */
  constructor(head: RequestHead, target: Target, context: MessageContext) {
    super(head.headers, context);
    this.method = head.method;
    this.version = head.version;
    this.#target = target;
  }

  /** Where the request goes; assigning it, or changing it in place, sends the flow elsewhere. */
  get url(): URL {
    if (this.#url === null) {
      this.#url = new URL(this.#target.href);
      this.#href = this.#url.href;
    }
    return this.#url;
  }

  set url(url: URL | string) {
    if (!URL.canParse(url)) {
      throw new TypeError(
        `Cannot send the request elsewhere as the URL must be absolute: got ${JSON.stringify(String(url))}`,
      );
    }
    this.#href = "";
    this.#url = new URL(url);
  }

  /** Where the request goes, with the target byte for byte as it came unless a script has set another. */
  get target(): Target {
    const url = this.#url;
    if (url === null || url.href === this.#href) return this.#target;
    if (url.protocol !== "http:") {
      throw new TypeError(`Cannot send the request to ${url.href} as only http URLs are supported`);
    }
    return {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? 80 : Number(url.port),
      authority: url.host,
      path: url.pathname + url.search,
      href: url.href,
    };
  }

  /** The URL as text, for logs: what came, without the cost of parsing it. */
  get href(): string {
    return this.#url?.href ?? this.#target.href;
  }
}

/** A response, as a script sees it. */
export class FlowResponse extends Message {
  /** The status code. */
  status: number;
  /** The reason phrase. */
  reason: string;
  /** The origin's version. */
  readonly version: ResponseHead["version"];

  /** Made by the engine. */
  constructor(head: ResponseHead, context: MessageContext) {
    super(head.headers, context);
    this.status = head.status;
    this.reason = head.reason;
    this.version = head.version;
  }
}

/** What a hook may answer with: a `Response`, or its parts. */
export type Answer = Response | {
  /** The status code; default 200. */
  readonly status?: number;
  /** The fields. */
  readonly headers?: FieldSource;
  /** The body, text as UTF-8; default empty. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array> | null;
  /** What the body goes through on its way, as a response's `stream`; default nothing. */
  readonly stream?: StreamValue;
  /** The same for its bytes as they are, still content-coded. */
  readonly rawStream?: StreamValue;
};

/** An answer that a script has made: a response, and its body if that is a stream. */
export interface LocalAnswer {
  /** The response; its body is whole unless there is a stream. */
  readonly response: FlowResponse;
  /** The body, if it is a stream. */
  readonly stream: ReadableStream<Uint8Array> | null;
}

/**
 * What a script may put into a tunnel. What `stream` takes it takes too, except that nothing can be buffered; the bytes are
 * those of another protocol, in pieces as they come.
 */
export interface FlowTunnel {
  /** What the client's bytes go through on their way to the server; unset, they pass as they are. */
  toServer: StreamValue | undefined;
  /** What the server's bytes go through on their way to the client; unset, they pass as they are. */
  toClient: StreamValue | undefined;
}

let lastId = 0;

/** One request and its response. */
export class Flow {
  /** A number that no other flow of this process has. */
  readonly id: number = ++lastId;
  /** The request. */
  readonly request: FlowRequest;
  /** The client's end of its connection. */
  readonly client: { readonly address: Address };
  /** The origin's end of the connection to it; `null` until there is one. */
  server: { readonly address: Address } | null = null;
  /**
   * What the flow's tunnel does with the bytes: of a `CONNECT` from `requestheaders` on, of an upgrade in the
   * `responseheaders` hook of its 101. `null` in every other flow.
   */
  tunnel: FlowTunnel | null = null;
  /** Why the flow failed; `null` unless it did. */
  error: Error | null = null;
  #response: FlowResponse | null = null;
  #answer: LocalAnswer | null = null;
  #abort: AbortController | null = null;
  #over: unknown = undefined;
  #context: MessageContext;
  #onKill: (() => void) | null = null;

  /** Made by the engine. */
  constructor(request: FlowRequest, client: Address, context: MessageContext) {
    this.request = request;
    this.client = { address: client };
    this.#context = context;
  }

  /** The response; `null` until there is one. Assigning it answers the request without (or instead of) the origin. */
  get response(): FlowResponse | null {
    return this.#response;
  }

  set response(answer: FlowResponse | Answer) {
    if (answer instanceof FlowResponse) {
      this.#response = answer;
      return;
    }
    this.#answer = toAnswer(answer, this.#context);
    this.#response = this.#answer.response;
  }

  /** What a script has answered with, if it has. */
  get answer(): LocalAnswer | null {
    return this.#answer;
  }

  /** Aborts when the flow ends before its time: the client left, something failed, or it was killed. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#over !== undefined) this.#abort.abort(this.#over);
    return this.#abort.signal;
  }

  /** Ends the flow now, at any time, also while it streams: both connections are broken off. */
  kill(): void {
    this.#onKill?.();
  }

  /** The engine: what `kill()` does. */
  onKill(kill: () => void): void {
    this.#onKill = kill;
  }

  /** The engine: the response has come from the origin. */
  arrive(response: FlowResponse): void {
    this.#response = response;
    this.#answer = null;
  }

  /** The engine: the flow becomes a tunnel. */
  openTunnel(): void {
    this.tunnel = { toServer: undefined, toClient: undefined };
  }

  /** The engine: the flow has failed. */
  abort(error: Error): void {
    this.error = error;
    this.#over = error;
    this.#abort?.abort(error);
  }
}

function toAnswer(answer: Answer, context: MessageContext): LocalAnswer {
  if (typeof answer !== "object" || answer === null) {
    throw new TypeError(
      `Cannot answer the request as the answer must be a Response or { status, headers, body }: got ${
        String(answer)
      }`,
    );
  }
  const status = answer.status ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`Cannot answer the request as the status must be 200 to 599: got ${String(status)}`);
  }
  const headers = new HeaderList(answer.headers);
  const reason = answer instanceof Response && answer.statusText !== ""
    ? answer.statusText
    : defaultReason(status);
  const response = new FlowResponse({ status, reason, version: "1.1", headers }, context);
  if (!(answer instanceof Response)) {
    response.stream = answer.stream;
    response.rawStream = answer.rawStream;
  }
  const body = answer.body ?? null;
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
    checkStream(body);
    response.pass();
    return { response, stream: body };
  }
  response.fill(typeof body === "string" ? new TextEncoder().encode(body) : body ?? new Uint8Array(0));
  return { response, stream: null };
}

/** Checked while there still is a head to say that the answer went wrong. */
function checkStream(body: unknown): void {
  const stream = body as Partial<ReadableStream>;
  if (typeof stream.getReader !== "function") {
    throw new TypeError(
      `Cannot answer the request as the body must be text, a Uint8Array or a ReadableStream: got ${typeof body}`,
    );
  }
  if (stream.locked) {
    throw new TypeError("Cannot answer the request as the body must be unread: it is locked");
  }
}
