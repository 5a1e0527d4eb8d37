/**
 * A client's connection: one request after the other, in order, until either side has had enough.
 *
 * Pipelined requests wait in the codec; the next is read when the answer before it has been written.
 */
import type { ProxyContext } from "./context.ts";
import { type RefusedError, SocketError } from "./errors.ts";
import { spareKeyOf } from "./dial.ts";
import { Exchange } from "./exchange.ts";
import { NEED_DATA, PAUSED, type RequestEvent } from "./h1/events.ts";
import { type Entrance, entranceTo, type Inside } from "./inside.ts";
import { Peer } from "./peer.ts";
import { checkProxyAuth } from "./proxy-auth.ts";
import { secureClient } from "./secure-client.ts";
import { sendError } from "./send-error.ts";
import { serve, serveTunnel } from "./serve.ts";
import type { Socket } from "./socket.ts";
import { letIn } from "./socks-server.ts";
import { statusOf } from "./status.ts";
import { connectTarget, placedTarget, requestTarget, type Target } from "./target.ts";
import type { TlsServer } from "./tls.ts";
import { tunnelHead } from "./tunnel.ts";

/** A client's connection. */
export class Client {
  #peer: Peer;
  #context: ProxyContext;
  #exchange: Exchange | null = null;
  #served = false;
  // Where all requests of this connection go, if it says so and not they.
  #inside: Inside | null = null;

  constructor(socket: Socket, context: ProxyContext) {
    this.#peer = new Peer("server", socket, context.limits, context.timeouts.writeMs);
    this.#context = context;
  }

  /** Serves requests until the connection ends; never rejects. */
  async run(): Promise<void> {
    const { listenTls } = this.#context;
    if (listenTls !== null && !await this.#secure(listenTls)) return;
    let open = this.#context.mode.kind !== "socks5" || await this.#letIn();
    while (open) {
      // What this function has in a variable stays in memory while it waits, and most connections wait most of the time.
      const begun = this.#serve(await this.#nextRequest());
      if (begun === null) return;
      open = await begun;
    }
    await this.#linger();
  }

  /** Lets a client in that comes by SOCKS; tells whether requests follow. */
  async #letIn(): Promise<boolean> {
    const entry = await letIn(this.#peer, this.#context);
    if (entry === null) return false;
    const { place, origin, first } = entry;
    const { interception, pool, reach, log } = this.#context;
    const entrance = entranceTo(place, first, interception);
    // TLS is a tunnel until it is opened; one that may not be is refused as any.
    const allowed = entrance !== null &&
      (entrance.server === null || origin === null || reach.tunnelsTo(place.port));
    if (allowed) {
      if (origin !== null) pool.add(spareKeyOf(entrance.inside), origin);
      return await this.#enter(entrance);
    }
    if (origin === null) {
      const { host, port } = this.#peer.socket.remote;
      log.info(`${host}:${port}: Cannot answer at ${place.host} as what is spoken must be HTTP/1.1`);
      this.#peer.close();
      return false;
    }
    this.#peer.h1.receive(first.bytes);
    const head = tunnelHead(place);
    const exchange = this.#exchange = new Exchange(this.#peer, head, connectTarget(head), this.#context);
    await serveTunnel(exchange, origin);
    this.#exchange = null;
    return false;
  }

  /** Goes on with the requests within the connection; tells whether there can be any. */
  async #enter({ inside, server, bytes }: Entrance): Promise<boolean> {
    this.#inside = inside;
    if (server !== null) {
      this.#context = { ...this.#context, clientScheme: "https" };
      return await this.#secure(server, bytes);
    }
    this.#peer = this.#peer.within(this.#context.limits);
    this.#peer.h1.receive(bytes);
    return true;
  }

  /** Refuses whatever the client is about to ask for; never rejects. */
  async turnAway(refusal: RefusedError): Promise<void> {
    const peer = this.#peer;
    const { mode, listenTls } = this.#context;
    // The answer would come before a handshake, where nobody could read it.
    if (mode.kind === "socks5" || listenTls !== null) return this.kill(refusal);
    peer.wait(this.#context.timeouts.lingerMs, "a request");
    try {
      // An answer before the question would be taken for a fault.
      await peer.more();
    } catch {
      // Who says nothing can't be told anything.
      return peer.close();
    }
    await this.#refuse(refusal, "GET");
    await this.#linger();
  }

  /** Ends the connection if nothing is under way on it; otherwise it ends with the answer. */
  closeIfIdle(): void {
    if (this.#exchange === null && this.#peer.h1.buffered === 0) this.#peer.close();
  }

  /** Ends the connection if it is only kept for a next request; tells whether it was. */
  closeIfKept(): boolean {
    const kept = this.#served && this.#exchange === null && this.#peer.h1.buffered === 0;
    if (kept) this.#peer.close();
    return kept;
  }

  /** What is under way: a request whose answer has an end, a stream that may have none, or nothing. */
  get work(): "request" | "stream" | null {
    if (this.#exchange === null) return null;
    return this.#exchange.endless ? "stream" : "request";
  }

  /** Settles when an answer is under way that may have no end; it may never settle. */
  endless(): Promise<void> {
    const exchange = this.#exchange;
    if (exchange === null) return new Promise(() => {});
    if (exchange.endless) return Promise.resolve();
    return new Promise((resolve) => {
      exchange.onEndless = resolve;
    });
  }

  /** Ends what is under way if it may have no end: what has been sent of it still arrives. */
  endStream(reason: Error): void {
    if (this.work === "stream") this.#exchange!.fail(reason);
  }

  /** Ends the connection and what is under way on it now. */
  kill(reason: Error): void {
    this.#exchange?.fail(reason);
    this.#peer.fail(reason);
  }

  /** Speaks TLS from here on; tells whether the client could be agreed with. */
  async #secure(server: TlsServer | Promise<TlsServer>, first?: Uint8Array): Promise<boolean> {
    const name = this.#inside?.name ?? null;
    const secured = await secureClient(
      this.#peer,
      { server, name, ...first !== undefined && { first } },
      this.#context,
    );
    if (secured !== null) this.#peer = secured;
    return secured !== null;
  }

  /** Serves one request, if there is one; tells whether the connection may go on. */
  #serve(head: RequestEvent | null): Promise<boolean> | null {
    if (head === null) return null;
    let exchange: Exchange;
    try {
      exchange = new Exchange(this.#peer, head, this.#targetOf(head), this.#context);
    } catch (error) {
      return this.#refuse(error, head.method).then(() => false);
    }
    this.#exchange = exchange;
    return serve(exchange).then(() => {
      this.#exchange = null;
      this.#served = true;
      return exchange.entrance === null ? this.#goesOn(exchange) : this.#enter(exchange.entrance);
    });
  }

  /** Whether another request may follow. */
  #goesOn({ last }: Exchange): boolean {
    const { h1 } = this.#peer;
    const open = !last && h1.reusable && !this.#context.closing();
    if (open) h1.startNextCycle();
    return open;
  }

  #targetOf(head: RequestEvent): Target {
    const { mode, proxyAuth } = this.#context;
    // Who has come by SOCKS has been asked there.
    if (this.#inside !== null) return placedTarget(head, this.#inside);
    if (proxyAuth !== null) checkProxyAuth(head, proxyAuth);
    return head.method === "CONNECT" ? connectTarget(head) : requestTarget(head, mode);
  }

  /** The next request's head, or `null` if there is none: the client is gone, idle for too long, or has been refused. */
  async #nextRequest(): Promise<RequestEvent | null> {
    const peer = this.#peer;
    const { idleMs, headMs } = this.#context.timeouts;
    let begun = false;
    peer.wait(idleMs, "the next request");
    try {
      for (;;) {
        const event = peer.next();
        if (event === NEED_DATA) {
          if (!begun && peer.h1.buffered > 0) {
            begun = true;
            peer.wait(headMs, "a request's head");
          }
          await peer.more();
        } else if (event !== PAUSED && event.type === "request") {
          peer.arrived();
          return event;
        } else {
          peer.close();
          return null;
        }
      }
    } catch (error) {
      if (begun || !(error instanceof SocketError)) {
        await this.#refuse(error, "GET");
        await this.#linger();
      } else {
        peer.close();
      }
      return null;
    }
  }

  /** Answers what is no request that could be served, once, with an error. */
  async #refuse(error: unknown, method: string): Promise<void> {
    const { socket, broken, gone } = this.#peer;
    const refusal = error instanceof Error ? error : new Error(String(error));
    this.#context.log.info(`${socket.remote.host}:${socket.remote.port}: ${refusal.message}`);
    if (gone) return this.#peer.fail(broken);
    try {
      await sendError(this.#peer, method, statusOf(error, "client"), refusal, true);
    } catch (second) {
      this.#peer.fail(second);
    }
  }

  /**
   * Closes a connection on which the client may still be sending. Closing at once would make the kernel answer its bytes
   * with a reset, which can take the last answer with it (RFC 9112 9.6): so end, read and drop for a while, then close.
   */
  async #linger(): Promise<void> {
    const peer = this.#peer;
    const { drainBytes } = this.#context.limits;
    peer.socket.end();
    peer.wait(this.#context.timeouts.lingerMs, "the client's end");
    try {
      for (let dropped = 0; dropped < drainBytes;) {
        const bytes = await peer.read();
        if (bytes === null) break;
        dropped += bytes.length;
      }
    } catch {
      // A client that breaks the connection, or is late, is as gone as one that ends it.
    }
    peer.close();
  }
}
