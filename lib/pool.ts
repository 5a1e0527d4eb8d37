/**
 * Connections to origins that wait for their next request.
 *
 * A waiting connection is read from, so that its end is noticed: what closes, or says anything unasked (RFC 9112 9.2), is
 * thrown away. The most recently used one is taken first; the others age.
 */
import { RefusedError } from "./errors.ts";
import type { Limits } from "./limits.ts";
import type { Timeouts } from "./timeouts.ts";
import { Peer } from "./peer.ts";
import type { Reach } from "./reach.ts";
import type { Address, ConnectOptions, Network } from "./socket.ts";
import { authorityOf } from "./target.ts";
import type { TlsClient } from "./tls.ts";
import { withDeadline } from "./with-deadline.ts";

/** What the pool needs. */
export interface PoolOptions {
  /** How connections are made. */
  readonly network: Network;
  /** The codec's limits. */
  readonly limits: Limits;
  /** How long connections may take, and wait. */
  readonly timeouts: Timeouts;
  /** Where connections may go. */
  readonly reach: Reach;
  /** Speaks TLS with origins; `null` where there is none. */
  readonly tls: TlsClient | null;
}

/** Keeps connections to origins. */
export class Pool {
  #options: PoolOptions;
  #idle = new Map<string, Peer[]>();
  #count = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * A connection that has been used before, if one waits.
   *
   * @param key What `give` was told.
   * @returns The connection, or `null`.
   */
  take(key: string): Peer | null {
    const waiting = this.#idle.get(key);
    const peer = waiting?.pop();
    if (peer === undefined) return null;
    if (waiting!.length === 0) this.#idle.delete(key);
    this.#count--;
    peer.arrived();
    peer.heard = false;
    return peer;
  }

  /**
   * Notices the ends of waiting connections that have come so far: for a request that can't be sent twice.
   *
   * @param key The origin, as `host:port`.
   */
  async catchUp(key: string): Promise<void> {
    if (this.#idle.has(key)) await this.#options.network.catchUp?.();
  }

  /** Whether a connection waits. */
  has(key: string): boolean {
    return this.#idle.has(key);
  }

  /**
   * A new connection.
   *
   * @param options Where to.
   * @param reach Judges that; default the proxy's own rules.
   * @returns The connection.
   * @throws {SocketError} If it can't be made in time.
   */
  async connect(options: ConnectOptions, reach: Reach = this.#options.reach): Promise<Peer> {
    const { network, limits, timeouts } = this.#options;
    reach.checkPort(options);
    const check = (address: Address) => reach.checkAddress(address);
    const attempt = `connect to ${authorityOf(options)}`;
    const socket = await withDeadline(
      timeouts.connectMs,
      attempt,
      options.signal,
      (signal) => network.connect({ ...options, signal, check }),
    );
    try {
      reach.checkConnection(socket);
    } catch (error) {
      socket.abort();
      throw error;
    }
    return new Peer("client", socket, limits, timeouts.writeMs);
  }

  /**
   * Speaks TLS on a connection.
   *
   * @param peer The connection, which is of no use any more but through what is returned.
   * @param host The server's name or numeric address, which it must prove to have.
   * @param signal Gives up when it aborts.
   * @returns The connection inside.
   * @throws {SocketError} If no TLS can be agreed on in time (`"handshake"`), or the server is not to be trusted
   * (`"untrusted"`).
   * @throws {RefusedError} With 502, if there is no TLS here.
   */
  async secure(peer: Peer, host: string, signal: AbortSignal): Promise<Peer> {
    const { tls, limits, timeouts } = this.#options;
    if (tls === null) {
      peer.close();
      throw new RefusedError(502, "Cannot connect by https as this proxy was made without TLS");
    }
    const socket = await withDeadline(
      timeouts.handshakeMs,
      `speak TLS with ${host}, at ${authorityOf(peer.socket.remote)}`,
      signal,
      (signal) => tls(peer.release(), { host, signal }),
    );
    return new Peer("client", socket, limits, timeouts.writeMs);
  }

  /** Keeps a connection whose exchange has ended for the next one, if it can take another; closes it otherwise. */
  give(key: string, peer: Peer): void {
    const full = this.#count >= this.#options.limits.originIdleCount;
    if (full || !peer.h1.reusable || peer.h1.buffered > 0) return peer.close();
    peer.h1.startNextCycle();
    this.add(key, peer);
  }

  /** Keeps a connection that nothing was said on yet. */
  add(key: string, peer: Peer): void {
    if (this.#closed) return peer.close();
    this.#count++;
    const waiting = this.#idle.get(key);
    if (waiting === undefined) this.#idle.set(key, [peer]);
    else waiting.push(peer);
    const drop = () => this.#drop(key, peer);
    peer.wait(this.#options.timeouts.originIdleMs, "an idle connection");
    peer.watch(drop, drop);
  }

  /** Closes what waits, and what comes back later. */
  close(): void {
    this.#closed = true;
    for (const waiting of this.#idle.values()) for (const peer of waiting) peer.close();
    this.#idle.clear();
    this.#count = 0;
  }

  #drop(key: string, peer: Peer): void {
    const waiting = this.#idle.get(key);
    const at = waiting?.indexOf(peer) ?? -1;
    if (at < 0) return;
    this.#count--;
    waiting!.splice(at, 1);
    if (waiting!.length === 0) this.#idle.delete(key);
    peer.close();
  }
}
