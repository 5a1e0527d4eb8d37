/** Deno's TCP as the engine's network. */
import type { ConnectOptions, Listener, ListenOptions, Network, Socket } from "../lib/socket.ts";
import { denoSocketError } from "./errors.ts";
import { DenoSocket } from "./socket.ts";

/** How long accepting rests after it failed, in milliseconds; descriptors don't come back at once. */
const ACCEPT_PAUSE = 100;

/** TCP under Deno. */
export const network: Network = { connect, listen };

async function connect({ host, port, signal }: ConnectOptions): Promise<Socket> {
  signal?.throwIfAborted();
  // The caller's signal may outlive the attempt, so the runtime gets one of its own.
  const attempt = new AbortController();
  const onAbort = () => attempt.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  try {
    return new DenoSocket(await Deno.connect({ hostname: host, port, signal: attempt.signal }));
  } catch (error) {
    signal?.throwIfAborted();
    throw denoSocketError(error, `connect to ${host}:${port}`);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

// deno-lint-ignore require-await -- what is thrown must reject
async function listen(options: ListenOptions): Promise<Listener> {
  const { host, port } = options;
  const listener = bind(host, port);
  const closing = new AbortController();
  const accepting = acceptAll(listener, options, closing.signal);
  return {
    address: { host: listener.addr.hostname, port: listener.addr.port },
    close() {
      if (!closing.signal.aborted) {
        closing.abort();
        listener.close();
      }
      return accepting;
    },
  };
}

function bind(host: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname: host, port });
  } catch (error) {
    throw denoSocketError(error, `listen on ${host}:${port}`);
  }
}

/** Accepts until the listener is closed; a failure is told, and accepting goes on after a pause. */
async function acceptAll(
  listener: Deno.TcpListener,
  { onSocket, onError }: ListenOptions,
  closing: AbortSignal,
): Promise<void> {
  while (!closing.aborted) {
    try {
      onSocket(new DenoSocket(await listener.accept()));
    } catch (error) {
      if (closing.aborted) return;
      onError?.(denoSocketError(error, "accept a connection"));
      await pause(ACCEPT_PAUSE, closing);
    }
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
