/**
 * Deno's TCP as the engine's network.
 *
 * Names are resolved here rather than by `Deno.connect`, so that each address can be judged before anything is sent to it.
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { setImmediate } from "node:timers";
import { admitted } from "../lib/admitted.ts";
import type { ConnectOptions, Listener, ListenOptions, Network, Socket } from "../lib/socket.ts";
import { denoSocketError } from "./errors.ts";
import { DenoSocket } from "./socket.ts";

/** How long accepting rests after it failed, in milliseconds; descriptors don't come back at once. */
const ACCEPT_PAUSE = 100;

/** While it is busy, the loop asks the kernel at every 61st turn (tokio's event interval), and hands on what it got in the next. */
const POLL_TURNS = 64;

/** TCP under Deno. */
export const network: Network = { connect, listen, catchUp };

async function connect({ host, port, signal, check }: ConnectOptions): Promise<Socket> {
  signal?.throwIfAborted();
  const hosts = admitted(await resolve(host, port, signal), port, check);
  let failure: unknown;
  for (const address of hosts) {
    try {
      return await connectTo({ host: address, port, ...signal && { signal } });
    } catch (error) {
      signal?.throwIfAborted();
      failure = error;
    }
  }
  throw denoSocketError(failure, `connect to ${host}:${port}`);
}

async function catchUp(): Promise<void> {
  for (let turn = 0; turn < POLL_TURNS; turn++) await new Promise<void>((next) => setImmediate(next));
}

async function resolve(host: string, port: number, signal: AbortSignal | undefined): Promise<string[]> {
  if (isIP(host) !== 0) return [host];
  try {
    const found = await unlessAborted(lookup(host, { all: true }), signal);
    return found.map(({ address }) => address);
  } catch (error) {
    signal?.throwIfAborted();
    throw denoSocketError(error, `connect to ${host}:${port}`);
  }
}

/** Stops waiting for what can't be stopped itself. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}

async function connectTo({ host, port, signal }: ConnectOptions): Promise<Socket> {
  signal?.throwIfAborted();
  // The caller's signal may outlive the attempt, so the runtime gets one of its own.
  const attempt = new AbortController();
  const onAbort = () => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return new DenoSocket(await Deno.connect({ hostname: host, port, signal: attempt.signal }));
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

// deno-lint-ignore require-await -- what is thrown must reject
async function listen(options: ListenOptions): Promise<Listener> {
  const listener = bind(options);
  const closing = new AbortController();
  const gate = new Gate();
  const accepting = acceptAll(listener, options, gate, closing.signal);
  return {
    address: { host: listener.addr.hostname, port: listener.addr.port },
    close() {
      if (!closing.signal.aborted) {
        closing.abort();
        listener.close();
        gate.set(true);
      }
      return accepting;
    },
    setAccepting: (on) => gate.set(on),
  };
}

function bind({ host, port, backlog }: ListenOptions): Deno.TcpListener {
  try {
    return Deno.listen({
      hostname: host,
      port,
      ...(backlog === undefined ? {} : { tcpBacklog: backlog }),
    });
  } catch (error) {
    throw denoSocketError(error, `listen on ${host}:${port}`);
  }
}

/**
 * Accepts until the listener is closed; a failure is told, and accepting goes on after a pause. A client that has reset its
 * connection before it was accepted is no failure of the listener: who comes next must not wait for that.
 */
async function acceptAll(
  listener: Deno.TcpListener,
  { onSocket, onError }: ListenOptions,
  gate: Gate,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    try {
      await gate.open;
      if (closing.aborted) return;
      onSocket(new DenoSocket(await listener.accept()));
    } catch (error) {
      if (closing.aborted) return;
      const failure = denoSocketError(error, "accept a connection");
      if (failure.code === "reset") continue;
      onError?.(failure);
      await pause(ACCEPT_PAUSE, closing);
    }
  }
}

/** What accepting waits for while there is no room: nobody accepts, so the kernel keeps who comes. */
class Gate {
  /** `null` where the way is free, else a promise for when it is. */
  open: Promise<void> | null = null;
  #release: () => void = () => {};

  set(open: boolean): void {
    this.#release();
    this.open = open ? null : new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

/** Waits; a signal ends the wait early. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
}
