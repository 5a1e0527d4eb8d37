/**
 * The proxy: a listener, the connections it has accepted, and what they share.
 */
import * as transforms from "../transforms/mod.ts";
import { Client } from "./client.ts";
import { deadlineIn, enter, leave } from "./clock.ts";
import type { ContentCodings } from "./codings.ts";
import type { ProxyContext } from "./context.ts";
import { KilledError, RefusedError } from "./errors.ts";
import type { Hooks } from "./hooks.ts";
import { defaultLimits, defaultTimeouts, type Limits, type Timeouts } from "./limits.ts";
import type { Log } from "./log.ts";
import { Pool } from "./pool.ts";
import type { RouteTable } from "./route.ts";
import type { Address, Listener, Network } from "./socket.ts";
import type { Mode } from "./target.ts";

/** What a proxy is made of. */
export interface ProxyOptions {
  /** The runtime's sockets. */
  readonly network: Network;
  /** What role it plays; default a forward proxy. */
  readonly mode?: Mode;
  /** Bodies over so many bytes are never buffered for a hook; default: hooks get every body whole. */
  readonly streamOver?: number | undefined;
  /** The most bytes of a piece that a transform gets of a body that isn't chunked; default 4096. */
  readonly chunkSize?: number;
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
  /** Limits that differ from the defaults. */
  readonly limits?: Partial<Limits>;
  /** Timeouts that differ from the defaults, in milliseconds. */
  readonly timeouts?: Partial<Timeouts>;
}

const silent: Log = { start: () => {}, response: () => {}, end: () => {}, warn: () => {}, info: () => {} };

/** A proxy. */
export class Proxy {
  #network: Network;
  #context: ProxyContext;
  #pool: Pool;
  #listeners: Listener[] = [];
  #clients = new Map<Client, Promise<void>>();
  #closing = false;

  /**
   * Makes a proxy; it does nothing until it is told to listen.
   *
   * @param options What it is made of.
   */
  constructor(options: ProxyOptions) {
    const { network, hooks = [], log = silent } = options;
    const limits = { ...defaultLimits, ...options.limits };
    const timeouts = { ...defaultTimeouts, ...options.timeouts };
    this.#network = network;
    this.#pool = new Pool({ network, limits, timeouts, check: (remote) => this.#check(remote) });
    this.#context = {
      mode: options.mode ?? { kind: "regular" },
      streamOver: options.streamOver,
      chunkSize: options.chunkSize ?? 4096,
      bodySizeLimit: options.bodySizeLimit ?? Infinity,
      limits,
      timeouts,
      hooks: typeof hooks === "function" ? hooks : () => hooks,
      toolkit: transforms,
      routes: options.routes ?? null,
      codings: options.codings ?? new Map(),
      log,
      pool: this.#pool,
      closing: () => this.#closing,
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
      onSocket: (socket) => {
        const client = new Client(socket, this.#context);
        this.#clients.set(client, client.run().finally(() => this.#clients.delete(client)));
      },
      onError: (error) => this.#context.log.warn(`Cannot accept a connection: ${String(error)}`),
    });
    this.#listeners.push(listener);
    return listener.address;
  }

  /**
   * Stops listening, lets what is under way finish, and closes everything.
   *
   * @param graceMs How long what is under way may take, in milliseconds; default the timeout `drainMs`.
   */
  async close(graceMs: number = this.#context.timeouts.drainMs): Promise<void> {
    this.#closing = true;
    const listeners = this.#listeners.splice(0);
    await Promise.all(listeners.map((listener) => listener.close()));
    for (const client of this.#clients.keys()) client.closeIfIdle();
    await within(graceMs, Promise.all(this.#clients.values()));
    for (const client of this.#clients.keys()) client.kill(new KilledError("The proxy is closing"));
    this.#pool.close();
    await Promise.all(this.#clients.values());
  }

  /** Nobody reaches the proxy through itself: the address actually connected to counts, however it was spelt. */
  #check(remote: Address): void {
    for (const { address } of this.#listeners) {
      const anywhere = address.host === "0.0.0.0" || address.host === "::";
      if (remote.port === address.port && (anywhere || remote.host === address.host)) {
        throw new RefusedError(508, "Cannot connect to the proxy through itself");
      }
    }
  }
}

/** Waits for work that never rejects, but no longer than so many milliseconds. */
async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const waiter = { deadline: deadlineIn(ms), expire: () => {} };
  const late = new Promise<void>((resolve) => {
    waiter.expire = resolve;
  });
  enter(waiter);
  await Promise.race([work, late]);
  leave(waiter);
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
