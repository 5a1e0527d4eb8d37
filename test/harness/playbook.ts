/**
 * Plays both ends of the wire against the engine: a raw client and raw origins on a network in memory.
 *
 * A test is a script of what is sent and what must come, byte for byte (latin1, an octet a character):
 *
 *     await play({ hooks }, async ({ client, origin }) => {
 *       client.send("GET / HTTP/1.1\r\nHost: o\r\n\r\n");
 *       const upstream = await origin();
 *       await upstream.gets("GET / HTTP/1.1\r\n...");
 *     });
 */
import assert from "node:assert/strict";
import { createProxy, type Proxy, type ProxyOptions } from "../../lib/proxy.ts";
import type { Socket } from "../../lib/socket.ts";
import { MemoryNetwork } from "./memory-network.ts";

/** How long something that must happen may take, in milliseconds; only failing tests take that long. */
const PATIENCE_MS = 2_000;

/** Turns latin1 text into octets. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Turns octets into latin1 text. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** One end of a raw connection, in the hands of a test. */
export class WireEnd {
  /** All that has come so far. */
  received = "";
  /** How the other side has ended: not yet, with FIN, or with a reset. */
  ending: "open" | "end" | "reset" = "open";
  readonly socket: Socket;
  #wake: (() => void)[] = [];
  #reading: Promise<void> | null = null;
  #seen = 0;

  constructor(socket: Socket, { paused = false }: { paused?: boolean } = {}) {
    this.socket = socket;
    if (!paused) this.resume();
  }

  /** Starts to read, if the end was made paused. */
  resume(): void {
    this.#reading ??= this.#read();
  }

  /** Sends latin1 text; `null` if the other side takes it, else a promise for when it does. */
  send(text: string): Promise<void> | null {
    return this.socket.write([octets(text)]);
  }

  /** Sends FIN. */
  end(): void {
    this.socket.end();
  }

  /** Waits for exactly this text, from where the last expectation ended. */
  async gets(expected: string): Promise<void> {
    await this.#until(() => this.received.length - this.#seen >= expected.length || this.ending !== "open");
    const actual = this.received.slice(this.#seen, this.#seen + expected.length);
    assert.equal(actual, expected);
    this.#seen += expected.length;
  }

  /** Waits for so many octets and returns them. */
  async takes(count: number): Promise<string> {
    await this.#until(() => this.received.length - this.#seen >= count || this.ending !== "open");
    const taken = this.received.slice(this.#seen, this.#seen + count);
    assert.equal(taken.length, count);
    this.#seen += count;
    return taken;
  }

  /** Waits for the end of a head and returns it. */
  async getsHead(): Promise<string> {
    const end = () => this.received.indexOf("\r\n\r\n", this.#seen);
    await this.#until(() => end() >= 0 || this.ending !== "open");
    assert.ok(end() >= 0, `a head should come: got ${JSON.stringify(this.received.slice(this.#seen))}`);
    const from = this.#seen;
    this.#seen = end() + 4;
    return this.received.slice(from, this.#seen);
  }

  /** Waits for the other side's end, and returns what came before it. */
  async ends(how?: "end" | "reset"): Promise<string> {
    await this.#until(() => this.ending !== "open");
    if (how !== undefined) assert.equal(this.ending, how);
    else assert.notEqual(this.ending, "open");
    const rest = this.received.slice(this.#seen);
    this.#seen = this.received.length;
    return rest;
  }

  /** Lets everything that is under way come to rest; nothing more may have come. */
  async getsNothing(): Promise<void> {
    await settle();
    assert.equal(this.received.slice(this.#seen), "");
    assert.equal(this.ending, "open");
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const bytes = await this.socket.read();
        if (bytes === null) break;
        this.received += latin1(bytes);
        this.#notify();
      }
      this.ending = "end";
    } catch {
      this.ending = "reset";
    }
    this.#notify();
  }

  #notify(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }

  async #until(done: () => boolean): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#notify();
    }, PATIENCE_MS);
    while (!done() && !late) await new Promise<void>((resolve) => this.#wake.push(resolve));
    clearTimeout(timer);
  }
}

/** Gives everything that needs no timer the time to happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
}

/** What a test plays with. */
export interface Stage {
  /** A client of the proxy. */
  readonly client: WireEnd;
  /** Another client. */
  readonly connect: (options?: { paused?: boolean }) => Promise<WireEnd>;
  /** The next connection that the proxy makes to the origin. */
  readonly origin: () => Promise<WireEnd>;
  /** How many connections the proxy has made to the origin. */
  readonly originCount: () => number;
  /** The network, for further origins. */
  readonly network: MemoryNetwork;
  /** The proxy. */
  readonly proxy: Proxy;
  /** What was warned of. */
  readonly warnings: readonly string[];
  /** How each flow ended, in order: the error's message, or `null`. */
  readonly ends: readonly (string | null)[];
}

/** The next connection that is made to another place on the network. */
export function originAt(network: MemoryNetwork, host: string, port: number): Promise<WireEnd> {
  return new Promise((resolve, reject) => {
    network.listen({ host, port, onSocket: (socket) => resolve(new WireEnd(socket)) }).catch(reject);
  });
}

/** The origin's name on the network in memory. */
export const ORIGIN = "origin.test";

/** Plays a script against a reverse proxy (or what `options` make of it); closes everything afterwards. */
export async function play(
  options: Partial<ProxyOptions>,
  script: (stage: Stage) => Promise<void>,
  { pausedOrigin = false, canPause = true, resets = true }: {
    readonly pausedOrigin?: boolean;
    readonly canPause?: boolean;
    readonly resets?: boolean;
  } = {},
): Promise<void> {
  const network = new MemoryNetwork({ canPause, resets });
  const waiting: WireEnd[] = [];
  const takers: ((end: WireEnd) => void)[] = [];
  let count = 0;
  await network.listen({
    host: ORIGIN,
    port: 80,
    onSocket: (socket) => {
      count++;
      const end = new WireEnd(socket, { paused: pausedOrigin });
      const taker = takers.shift();
      if (taker === undefined) waiting.push(end);
      else taker(end);
    },
  });
  const warnings: string[] = [];
  const ends: (string | null)[] = [];
  const proxy = createProxy({
    network,
    mode: { kind: "reverse", origin: new URL(`http://${ORIGIN}`) },
    log: {
      start: () => {},
      response: () => {},
      end: (record) => ends.push(record.error),
      warn: (text) => warnings.push(text),
      info: () => {},
    },
    ...options,
  });
  const { host, port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
  const connect = async (settings?: { paused?: boolean }) =>
    new WireEnd(await network.connect({ host, port }), settings);
  const origin = () => {
    const end = waiting.shift();
    if (end !== undefined) return Promise.resolve(end);
    return new Promise<WireEnd>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error("The proxy made no connection to the origin")),
        PATIENCE_MS,
      );
      takers.push((made) => {
        clearTimeout(timer);
        resolve(made);
      });
    });
  };
  const client = await connect();
  try {
    await script({ client, connect, origin, originCount: () => count, network, proxy, warnings, ends });
  } finally {
    await proxy.close(0);
  }
}
