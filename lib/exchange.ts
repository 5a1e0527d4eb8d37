/**
 * The life of one flow, from the request's head to the last byte of the answer.
 *
 *     requestheaders → [request body] → request → origin → responseheaders → [response body] → response
 *                                                                                        any failure → error
 *
 * This file has what the steps share, and how one failure ends them all; `serve.ts` has their order, `request-leg.ts`,
 * `response-leg.ts` and `answer.ts` have the steps, `life.ts` which hook ends a flow, and `recover.ts` what becomes of one
 * that has failed.
 */
import type { MessageContext } from "./body.ts";
import type { ProxyContext } from "./context.ts";
import { KilledError, ScriptError } from "./errors.ts";
import { FlowRequest, type FlowResponse } from "./flow-messages.ts";
import { Flow } from "./flow.ts";
import { FlowLog } from "./flow-log.ts";
import type { RequestEvent } from "./h1/events.ts";
import { type HookName, type Hooks, runHooks } from "./hooks.ts";
import type { Entrance } from "./inside.ts";
import { type Life, type Turn, turned } from "./life.ts";
import type { BodyPath } from "./path.ts";
import { Patience } from "./patience.ts";
import type { Peer } from "./peer.ts";
import { isLive } from "./plan.ts";
import { abortError, toError } from "./reasons.ts";
import type { Target } from "./target.ts";

/** One flow under way, as the steps of its life see it. */
export class Exchange {
  /** What scripts see. */
  readonly flow: Flow;
  /** The request as it came. */
  readonly head: RequestEvent;
  /** The client's side. */
  readonly client: Peer;
  /** What all connections share. */
  readonly context: ProxyContext;
  /** What messages need. */
  readonly messages: MessageContext;
  /** Tells of the flow. */
  readonly log: FlowLog;
  /** The origin's side, once there is one. */
  origin: Peer | null = null;
  /** The ways that bodies are under way on. */
  readonly paths: Set<Pick<BodyPath, "cancel">> = new Set();
  /** The upload of a request body that streams; `null` if there is none. */
  upload: Promise<void> | null = null;
  /** Whether that is still under way. */
  uploading = false;
  /** Whether the client's connection must end with this flow. */
  last = false;
  /** How the client's connection goes on behind this flow, if not with the next request. */
  entrance: Entrance | null = null;
  /** Called when the answer turns out to be one that won't end by itself; see `endless`. */
  onEndless: (() => void) | null = null;
  /** Whether the client waits for a 100 (Continue) before it sends its body. */
  expecting = false;
  // Made when somebody waits for nothing but the network: most flows never need one, and it costs as much as a head.
  #stop: AbortController | null = null;
  // Made with the first hook that is run.
  #patience: Patience | null = null;
  #scripts: readonly Hooks[];
  #life: Life = "running";
  // Why it failed, if it did.
  #failure: unknown = undefined;

  constructor(client: Peer, head: RequestEvent, target: Target, context: ProxyContext) {
    this.client = client;
    this.head = head;
    this.context = context;
    this.messages = {
      codings: context.codings,
      limits: context.limits,
      warn: (text) => context.log.warn(`${head.method} ${this.flow.request.href}: ${text}`),
    };
    const request = new FlowRequest(head, target, this.messages);
    this.flow = new Flow(request, client.socket.remote, this.messages);
    this.flow.onKill(() => this.fail(new KilledError()));
    this.log = new FlowLog(this.flow, context.log);
    this.#scripts = context.hooks();
  }

  /** Whether some script exports a hook. */
  wants(name: HookName): boolean {
    return this.#scripts.some((script) => script[name] !== undefined);
  }

  /** Runs a hook, unless the flow has failed, or `response` has run; `null` if there is nothing to wait for. */
  hook(name: Exclude<HookName, "error">): Promise<void> | null {
    this.check();
    if (name === "response" && this.#life !== "running") return null;
    if (this.#scripts.length > 0) {
      const run = this.#begin(name);
      if (run !== null) return this.#guard(name, run);
      this.check();
    }
    if (name === "response") this.#turn("response");
    return null;
  }

  /** Runs the `error` hook of a flow that has failed, unless `response` has run; what it throws is warned of. */
  async errorHook(): Promise<void> {
    try {
      const run = this.#life === "failed" ? this.#run("error") : null;
      if (run !== null) await this.#finish(run);
    } catch (second) {
      this.context.log.warn(String(new ScriptError("error", second)));
    }
  }

  #begin(name: HookName): Promise<void> | null {
    try {
      return this.#run(name);
    } catch (error) {
      throw this.#failure ?? new ScriptError(name, error);
    }
  }

  #run(name: HookName): Promise<void> | null {
    return runHooks(this.#scripts, name, this.flow, this.context.toolkit);
  }

  async #guard(name: HookName, run: Promise<void>): Promise<void> {
    try {
      await this.#finish(run);
    } catch (error) {
      throw this.#failure ?? new ScriptError(name, error);
    }
    this.check();
    if (name === "response") this.#turn("response");
  }

  #turn(turn: Turn): void {
    this.#life = turned(this.#life, turn);
  }

  /** Lets the routes choose, as long as that takes no longer than a hook may. */
  async applyRoutes(): Promise<void> {
    const chosen = this.context.routes?.apply(this.flow);
    if (chosen !== undefined) await this.#finish(chosen);
  }

  #finish(work: Promise<void>): Promise<void> {
    this.#patience ??= new Patience(this.context.timeouts.hookMs);
    return this.#patience.wait(work);
  }

  /** Ends the flow: the first reason counts; whoever waits on either side gets it. */
  fail(cause: unknown): void {
    const life = turned(this.#life, "failure");
    if (life === this.#life) return;
    this.#life = life;
    // A script may throw null too, and everybody takes that for no failure.
    const reason = this.#failure = cause ?? toError(cause);
    this.flow.abort(toError(reason));
    this.#stop?.abort(reason);
    this.#patience?.end(reason);
    this.origin?.fail(reason);
    this.client.interrupt(reason);
    const why = this.#givenUp(reason) ? abortError(reason) : reason;
    for (const path of this.paths) this.cancel(path, why);
    if (reason instanceof KilledError) this.client.fail(reason);
  }

  /** Whether the client has left an answer, which has not failed then: nobody wants the rest. */
  #givenUp(reason: unknown): boolean {
    return this.client.broken === reason && this.client.gone && !this.uploading;
  }

  /** Cancels a body's way; what a script's transform throws then is told, and stops nothing else from being ended. */
  cancel(path: Pick<BodyPath, "cancel">, reason: unknown): void {
    try {
      path.cancel(reason);
    } catch (error) {
      this.messages.warn(`The cancel of a transform failed: ${String(error)}`);
    }
  }

  /** Aborts when the flow fails: for what waits for the network, a connection being made. */
  get signal(): AbortSignal {
    this.#stop ??= new AbortController();
    if (this.#failure !== undefined) this.#stop.abort(this.#failure);
    return this.#stop.signal;
  }

  /** The flow has ended well: nothing can fail it any more. */
  end(): void {
    this.#turn("end");
  }

  /** Notices the client's leaving while nobody reads from it. */
  watch(): void {
    this.client.watch((error) => this.fail(error));
  }

  /** The answer's head goes out: tells the log, and whoever waits for an end that there may be none. */
  responded(streaming: boolean): void {
    this.log.responded(streaming);
    if (this.onEndless !== null && this.endless) this.onEndless();
  }

  /** Whether it lasts until one side leaves, as far as anybody can tell: a tunnel, or a feed of events. */
  get endless(): boolean {
    const { ourState } = this.client.h1;
    const { response } = this.flow;
    return ourState === "tunnel" || (ourState === "body" && response !== null && isLive(response));
  }

  /** The request has been sent whole: the origin is to answer, and the client is watched so that its leaving is noticed. */
  sent(): void {
    if (!this.begun) this.origin?.wait(this.context.timeouts.originMs, "the origin's answer");
    this.watch();
  }

  /**
   * Takes a connection for the flow's origin: from here on the flow's failure is the connection's.
   *
   * @throws The reason for which the flow has failed meanwhile: then the connection is broken off.
   */
  adopt(origin: Peer): void {
    this.origin = origin;
    if (this.#failure !== undefined) origin.fail(this.#failure);
    this.check();
    this.flow.server = { address: origin.socket.remote };
  }

  /** Why the flow has failed; `undefined` if it has not. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Throws the reason for which the flow has failed, if it has. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Whether the answer's head has been put out. */
  get begun(): boolean {
    return this.client.h1.ourState !== "idle";
  }

  /** The response that the flow has by now. */
  get response(): FlowResponse {
    return this.flow.response!;
  }
}
