/**
 * The proxy: a listener, the connections it has accepted, and what they share.
 */
import { Admission } from "./admission.ts";
import { Client } from "./client.ts";
import { within } from "./clock.ts";
import type { ContentCodings } from "./codings.ts";
import type { ProxyContext } from "./context.ts";
import { KilledError, type RefusedError, SocketError } from "./errors.ts";
import type { ForwardedPolicy } from "./forwarded.ts";
import { PSEUDONYM, uniquePseudonym } from "./head.ts";
import type { Hooks } from "./hooks.ts";
import { Interception, type InterceptionOptions } from "./interception.ts";
import { defaultLimits, type Limits } from "./limits.ts";
import { defaultTimeouts, type Timeouts } from "./timeouts.ts";
import type { Log } from "./log.ts";
import type { Mode } from "./mode.ts";
import { Pool } from "./pool.ts";
import { Reach } from "./reach.ts";
import type { RouteTable } from "./route.ts";
import type { Address, Listener, Network, Socket } from "./socket.ts";
import type { TlsClient, TlsServer } from "./tls.ts";
import { toolkit } from "./toolkit.ts";
import { upstreamOf } from "./upstream.ts";

/** What a proxy is made of. */
export interface ProxyOptions {
  /** The runtime's sockets. */
  readonly network: Network;
  /** Speaks TLS with origins (and with an upstream proxy); default: https is answered 502. */
  readonly tls?: TlsClient | undefined;
  /** Opens the TLS connections of a forward proxy's clients; default: they pass unread. */
  readonly interception?: InterceptionOptions | undefined;
  /** Speaks TLS with clients; default: they come in clear. */
  readonly listenTls?: TlsServer | undefined;
  /** What role it plays; default a forward proxy. */
  readonly mode?: Mode;
  /** Bodies over so many bytes are never buffered for a hook; default: hooks get every body whole. */
  readonly streamOver?: number | undefined;
  /**
   * The most bytes of a piece that a transform gets of a body that isn't chunked; default 4096 where somebody sees the
   * pieces, else as they are read.
   */
  readonly chunkSize?: number | undefined;
  /** The most bytes that a body may have; default no limit. */
  readonly bodySizeLimit?: number | undefined;
  /** The scripts: a list, or a function that gives them as they are now; default none. */
  readonly hooks?: readonly Hooks[] | (() => readonly Hooks[]);
  /** Which transforms apply to which host and path; default none. */
  readonly routes?: RouteTable;
  /** The content codings that the runtime has; default none, so that coded bodies are opaque. */
  readonly codings?: ContentCodings;
  /** Where flows are told; default nowhere. */
  readonly log?: Log;
  /** Whether requests may not reach addresses that are not on the public internet; default `false`. */
  readonly blockPrivate?: boolean;
  /** The ports that tunnels may lead to; default all. */
  readonly connectPorts?: readonly number[] | undefined;
  /** What requests to a forward proxy must bring, as `user:password`; default nothing. */
  readonly proxyAuth?: string | undefined;
  /** What the proxy of the mode `upstream` is told, as `user:password`; default what its URL says. */
  readonly upstreamAuth?: string | undefined;
  /** What origins are told of clients, and what becomes of what clients say of themselves; default `keep`. */
  readonly forwarded?: ForwardedPolicy;
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Timeouts that differ from the defaults, in milliseconds. */
  readonly timeouts?: Partial<Timeouts>;
}

const silent: Log = { start: () => {}, response: () => {}, end: () => {}, warn: () => {}, info: () => {} };

/** What a proxy has under way. */
export interface Work {
  /** The requests that are being served. */
  readonly requests: number;
  /** The answers that may have no end: tunnels, and feeds of events (`text/event-stream`). */
  readonly streams: number;
}

/** What a proxy that is closed does not wait for. */
export interface CloseOptions {
  /** Whether answers that may have no end are cut off as soon as nothing else is under way; default `false`. */
  readonly cutStreams?: boolean;
}

/** A proxy. */
export class Proxy {
  #network: Network;
  #context: ProxyContext;
  #pool: Pool;
  #listeners: Listener[] = [];
  #clients = new Map<Client, Promise<void>>();
  #admission: Admission;
  #refusals = 0;
  #lastWarning = -Infinity;
  #closing = false;

  /**
   * Makes a proxy; it does nothing until it is told to listen.
   *
   * @param options What it is made of.
   * @throws {TypeError} If a reverse proxy is given credentials: it is no proxy to its clients.
   */
  constructor(options: ProxyOptions) {
    const { network, hooks = [], log = silent } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    const { mode = { kind: "regular" }, proxyAuth = null, connectPorts } = options;
    if (proxyAuth !== null && mode.kind === "reverse") {
      throw new TypeError("Cannot take proxyAuth as the mode must be regular: got reverse");
    }
    const own = () => this.#listeners.map(({ address }) => address);
    const reach = new Reach({
      blockPrivate: options.blockPrivate ?? false,
      connectPorts: connectPorts === undefined ? null : new Set(connectPorts),
      own,
    });
    const upstream = upstreamOf(mode, options.upstreamAuth, own);
    // Loopback clients are held to a share only where somebody has asked for one.
    const everyone = options.limits?.clientConnectionCount !== undefined;
    this.#admission = new Admission(limits.connectionCount, limits.clientConnectionCount, everyone);
    this.#network = network;
    this.#pool = new Pool({ network, limits, timeouts, reach, tls: options.tls ?? null });
    this.#context = {
      mode,
      streamOver: options.streamOver,
      chunkSize: options.chunkSize,
      bodySizeLimit: options.bodySizeLimit ?? Infinity,
      limits,
      timeouts,
      hooks: typeof hooks === "function" ? hooks : () => hooks,
      toolkit,
      routes: options.routes ?? null,
      codings: options.codings ?? new Map(),
      log,
      reach,
      proxyAuth,
      interception: options.interception === undefined
        ? null
        : new Interception(options.interception, limits.leafCount),
      clientScheme: options.listenTls === undefined ? "http" : "https",
      listenTls: options.listenTls ?? null,
      forwarded: options.forwarded ?? "keep",
      upstream,
      signature: upstream === null ? PSEUDONYM : uniquePseudonym(),
      pool: this.#pool,
      closing: () => this.#closing || this.#admission.full,
    };
  }

  /**
   * Starts to listen.
   *
   * @param place The address to bind; port 0 takes a free one.
   * @returns The address that was bound.
   * @throws {SocketError} If it can't be bound.
   */
  async listen(place: Address): Promise<Address> {
    const listener = await this.#network.listen({
      ...place,
      backlog: this.#context.limits.backlogCount,
      onSocket: (socket) => this.#accept(socket),
      onError: (error) => this.#warn(String(error)),
    });
    this.#listeners.push(listener);
    return listener.address;
  }

  /** What is under way; see {@linkcode Work}. */
  get work(): Work {
    const work = { requests: 0, streams: 0 };
    for (const client of this.#clients.keys()) {
      if (client.work === "request") work.requests++;
      else if (client.work === "stream") work.streams++;
    }
    return work;
  }

  /**
   * Stops listening, lets what is under way finish, and closes everything.
   *
   * @param graceMs How long what is under way may take, in milliseconds; default the timeout `drainMs`.
   * @param options What not to wait for.
   */
  async close(
    graceMs: number = this.#context.timeouts.drainMs,
    { cutStreams = false }: CloseOptions = {},
  ): Promise<void> {
    this.#closing = true;
    const deadline = performance.now() + graceMs;
    const listeners = this.#listeners.splice(0);
    await Promise.all(listeners.map((listener) => listener.close()));
    for (const client of this.#clients.keys()) client.closeIfIdle();
    if (cutStreams) {
      const ends = [...this.#clients].map(([client, run]) => Promise.race([run, client.endless()]));
      await within(graceMs, Promise.all(ends));
      for (const client of this.#clients.keys()) {
        client.endStream(new SocketError("closed", "The proxy is closing"));
      }
    }
    await within(Math.max(0, deadline - performance.now()), Promise.all(this.#clients.values()));
    for (const client of this.#clients.keys()) client.kill(new KilledError("The proxy is closing"));
    this.#pool.close();
    await Promise.all(this.#clients.values());
  }

  #accept(socket: Socket): void {
    const { host } = socket.remote;
    const client = new Client(socket, this.#context);
    const refusal = this.#admission.enter(host);
    if (refusal !== null) return this.#turnAway(client, refusal);
    const run = client.run().finally(() => {
      this.#clients.delete(client);
      const wasFull = this.#admission.full;
      this.#admission.leave(host);
      if (wasFull) this.#setAccepting(true);
    });
    this.#clients.set(client, run);
    if (!this.#admission.full) return;
    this.#setAccepting(false);
    for (const other of this.#clients.keys()) if (other.closeIfKept()) break;
  }

  #turnAway(client: Client, refusal: RefusedError): void {
    if (this.#refusals >= this.#context.limits.refusalCount) return client.kill(refusal);
    this.#refusals++;
    const told = client.turnAway(refusal).finally(() => {
      this.#refusals--;
      this.#clients.delete(client);
    });
    this.#clients.set(client, told);
  }

  #setAccepting(accepting: boolean): void {
    for (const listener of this.#listeners) listener.setAccepting?.(accepting);
  }

  /** One line a second will do: what goes wrong here goes wrong for every connection that comes. */
  #warn(text: string): void {
    const now = performance.now();
    if (now < this.#lastWarning + 1000) return;
    this.#lastWarning = now;
    this.#context.log.warn(text);
  }
}

/**
 * Makes a proxy; it does nothing until it is told to listen.
 *
 * @param options What it is made of.
 * @returns The proxy.
 */
export function createProxy(options: ProxyOptions): Proxy {
  return new Proxy(options);
}
