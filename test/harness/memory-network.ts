/**
 * A network in memory: sockets in pairs, no ports, no timers. What is written on one end can be read on the other at once;
 * a reader that doesn't read holds the writer back after `HELD_BYTES`.
 */
import { admitted } from "../../lib/admitted.ts";
import { SocketError } from "../../lib/errors.ts";
import { readableOf, writableOf } from "../../lib/socket-streams.ts";
import type { Address, ConnectOptions, Listener, ListenOptions, Network, Socket } from "../../lib/socket.ts";

const HELD_BYTES = 64 * 1024;

type Item = Uint8Array | "end" | "reset";

interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (reason: unknown) => void;
}

// Promise.withResolvers came with Node 22.
function deferred<T>(): Deferred<T> {
  let settle!: Omit<Deferred<T>, "promise">;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...settle };
}

/** One end of a connection in memory. */
export class MemorySocket implements Socket {
  readonly local: Address;
  readonly remote: Address;
  readonly resets: boolean;
  readonly closed: Promise<void>;
  /** What `read` lends: overwritten when the next read is made, so that whoever keeps it is found out. */
  #lent: Uint8Array | null = null;
  #inbox: Item[] = [];
  #held = 0;
  #reader: Deferred<Uint8Array | null> | null = null;
  #writers: Deferred<void>[] = [];
  #peer!: MemorySocket;
  #finSent = false;
  #finSeen = false;
  #down: SocketError | null = null;
  #settle!: () => void;

  private constructor(local: Address, remote: Address, resets: boolean) {
    this.local = local;
    this.resets = resets;
    this.remote = remote;
    this.closed = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  /** Two ends of one connection. */
  static pair(a: Address, b: Address, resets: boolean): [MemorySocket, MemorySocket] {
    const near = new MemorySocket(a, b, resets);
    const far = new MemorySocket(b, a, resets);
    near.#peer = far;
    far.#peer = near;
    return [near, far];
  }

  read(): Promise<Uint8Array | null> {
    if (this.#reader !== null) throw new Error("Two reads at a time");
    this.#lent?.fill(0xee);
    this.#lent = null;
    this.#reader = deferred();
    const { promise } = this.#reader;
    this.#deliver();
    return promise;
  }

  write(pieces: readonly Uint8Array[]): Promise<void> | null {
    if (this.#down !== null || this.#finSent) {
      return Promise.reject(this.#down ?? new SocketError("closed", "Cannot write after the end"));
    }
    for (const piece of pieces) this.#peer.#take(piece.slice());
    if (this.#peer.#held < HELD_BYTES) return null;
    const writer = deferred<void>();
    this.#writers.push(writer);
    return writer.promise;
  }

  end(): void {
    if (this.#finSent || this.#down !== null) return;
    this.#finSent = true;
    this.#peer.#take("end");
    this.#settleIfOver();
  }

  close(): void {
    this.end();
    this.#break(new SocketError("closed", "The socket was closed"));
  }

  abort(): void {
    if (this.#down !== null) return;
    this.#peer.#take(this.resets ? "reset" : "end");
    this.#break(new SocketError("closed", "The socket was aborted"));
  }

  get readable(): ReadableStream<Uint8Array> {
    return readableOf(this);
  }

  get writable(): WritableStream<Uint8Array> {
    return writableOf(this);
  }

  /** Whether this end is down for good. */
  get over(): boolean {
    return this.#down !== null || (this.#finSeen && this.#finSent);
  }

  #take(item: Item): void {
    if (this.#down !== null) {
      if (item instanceof Uint8Array) this.#peer.#break(new SocketError("reset", "The other end is gone"));
      return;
    }
    if (item === "reset") {
      this.#inbox = [];
      return this.#break(new SocketError("reset", "The connection was reset"));
    }
    this.#inbox.push(item);
    if (item !== "end") this.#held += item.length;
    this.#deliver();
  }

  #deliver(): void {
    const reader = this.#reader;
    if (reader === null) return;
    const item = this.#inbox[0];
    if (item === undefined) {
      if (this.#down === null) return;
      this.#reader = null;
      return reader.reject(this.#down);
    }
    this.#reader = null;
    if (!(item instanceof Uint8Array)) {
      this.#finSeen = true;
      reader.resolve(null);
      return this.#settleIfOver();
    }
    this.#inbox.shift();
    this.#held -= item.length;
    this.#lent = item;
    reader.resolve(item);
    if (this.#held >= HELD_BYTES) return;
    for (const writer of this.#peer.#writers.splice(0)) writer.resolve();
  }

  #break(error: SocketError): void {
    this.#down ??= error;
    const reader = this.#reader;
    this.#reader = null;
    reader?.reject(this.#down);
    for (const writer of this.#writers.splice(0)) writer.reject(this.#down);
    this.#settle();
  }

  #settleIfOver(): void {
    if (this.#finSent && this.#finSeen) this.#settle();
  }
}

interface Bound {
  readonly onSocket: (socket: Socket) => void;
  accepting: boolean;
  /** Who waits while nobody accepts. */
  readonly waiting: Socket[];
}

/** A network in memory, with the servers that tests put on it. */
export class MemoryNetwork implements Network {
  /** Names, and the addresses that they resolve to; any other host is taken for an address itself. */
  readonly names: Map<string, readonly string[]> = new Map();
  /** The address that connections are made from. */
  source = "127.0.0.1";
  /** What connecting fails with, if anything. */
  failure: SocketError | null = null;
  /** Whether listeners can stop accepting. */
  readonly canPause: boolean;
  /** Whether sockets can be reset. */
  readonly resets: boolean;
  #bound = new Map<string, Bound>();
  #lastPort = 50_000;

  constructor(
    { canPause = true, resets = true }: { readonly canPause?: boolean; readonly resets?: boolean } = {},
  ) {
    this.canPause = canPause;
    this.resets = resets;
  }

  // deno-lint-ignore require-await -- what is thrown must reject
  async connect({ host: name, port, signal, check }: ConnectOptions): Promise<Socket> {
    signal?.throwIfAborted();
    if (this.failure !== null) throw this.failure;
    const host = admitted(this.names.get(name) ?? [name], port, check)[0]!;
    const bound = this.#bound.get(`${host}:${port}`);
    if (bound === undefined) throw new SocketError("refused", `Cannot connect to ${name}:${port}: refused`);
    const [near, far] = MemorySocket.pair(
      { host: this.source, port: ++this.#lastPort },
      { host, port },
      this.resets,
    );
    if (bound.accepting) bound.onSocket(far);
    else bound.waiting.push(far);
    return near;
  }

  listen(options: ListenOptions): Promise<Listener> {
    const address = { host: options.host, port: options.port === 0 ? ++this.#lastPort : options.port };
    const key = `${address.host}:${address.port}`;
    if (this.#bound.has(key)) {
      return Promise.reject(new SocketError("in-use", `Cannot bind ${key}: in use`));
    }
    const bound: Bound = { onSocket: options.onSocket, accepting: true, waiting: [] };
    this.#bound.set(key, bound);
    const setAccepting = (accepting: boolean) => {
      bound.accepting = accepting;
      // Whoever takes one in may find that there is no more room.
      while (bound.accepting && bound.waiting.length > 0) bound.onSocket(bound.waiting.shift()!);
    };
    return Promise.resolve({
      address,
      close: () => {
        this.#bound.delete(key);
        return Promise.resolve();
      },
      ...this.canPause && { setAccepting },
    });
  }
}
