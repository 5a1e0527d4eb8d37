/**
 * A flow: one request and its response, as a script sees them.
 *
 * It is plain state with a few guarded setters. What happens to it is decided elsewhere (`exchange.ts`); the flow only
 * carries the script's wishes there: another URL, an answer of its own, `kill()`.
 */
import type { MessageContext } from "./body.ts";
import { type FlowRequest, FlowResponse } from "./flow-messages.ts";
import { type Answer, type LocalAnswer, toAnswer } from "./local-answer.ts";
import type { Address } from "./socket.ts";
import type { StreamValue } from "./stages.ts";

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
