/**
 * A proxy on real sockets, between raw clients and a raw origin, and what must hold when it is over: every socket of the
 * proxy is closed, every flow has had exactly one end, the clock stands still, and no descriptor is left.
 */
import assert from "node:assert/strict";
import { readdirSync, readlinkSync } from "node:fs";
import { deadlineIn } from "../../lib/clock.ts";
import type { Hooks } from "../../lib/hooks.ts";
import type { Log } from "../../lib/log.ts";
import { createProxy, type ProxyOptions } from "../../lib/proxy.ts";
import type { Network, Socket } from "../../lib/socket.ts";
import { judge, type Judgement } from "./judge.ts";
import { dial, serve, type Wire, type WireOptions, type WireServer } from "./wire.ts";

/** Whether this runtime can reset a connection; where it can't, a close-delimited cut looks like an end. */
export const canReset: boolean = !("Deno" in globalThis);

/** The sockets of the runtime that this is. */
export const network: Network = canReset
  ? (await import("../../runtime-node/mod.ts")).network
  : (await import("../../runtime-deno/mod.ts")).network;

/** What a scene is made of, besides the proxy's own options. */
export interface SceneOptions extends Partial<Omit<ProxyOptions, "network" | "log">> {
  /** What the origin's connections do by themselves. */
  readonly origin?: WireOptions;
  /** Whether the origin is another proxy, behind this one; default `false`. */
  readonly upstream?: boolean;
}

/** A proxy between raw connections. */
export interface Scene {
  /** The origin behind the proxy. */
  readonly origin: WireServer;
  /** How flows have ended: `response`, `error`, or both, by number. */
  readonly ends: ReadonlyMap<number, string>;
  /** What the log was warned of. */
  readonly warnings: readonly string[];
  /** What the log was told of each flow's end, in order: the error's message, or `null`. */
  readonly errors: readonly (string | null)[];
  /** A new client of the proxy. */
  connect(options?: WireOptions): Promise<Wire>;
  /** Waits until so many flows have ended. */
  ended(count?: number): Promise<void>;
}

/** Fails if a promise takes longer than anything here may. */
export async function within<T>(promise: Promise<T>, what: string, ms = 15_000): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot wait any longer for ${what}`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until a message can be judged: it is whole, or its connection has ended. */
export async function judged(wire: Wire, kind: "request" | "response" = "response"): Promise<Judgement> {
  const now = () => judge(wire.text, wire.ending, kind);
  await within(wire.until(() => now().verdict !== "pending"), `the end of a ${kind}`);
  return now();
}

/** Waits until the head of a message has come. */
export async function headOf(wire: Wire): Promise<void> {
  await within(wire.until((text) => text.includes("\r\n\r\n")), "a head");
}

/** Plays a scene, and checks what must hold after it. */
export async function play(options: SceneOptions, body: (scene: Scene) => Promise<void>): Promise<void> {
  const before = openSockets();
  const { origin: originOptions, hooks = [], upstream = false, ...rest } = options;
  const origin = await serve(originOptions);
  const url = new URL(`http://127.0.0.1:${origin.port}`);
  const sockets: Socket[] = [];
  const ends = new Map<number, string>();
  const record = recorder(ends);
  const proxy = createProxy({
    network: watched(sockets),
    mode: upstream ? { kind: "upstream", proxy: url } : { kind: "reverse", origin: url },
    ...rest,
    hooks: [record.first, ...(typeof hooks === "function" ? hooks() : hooks), record.last],
    log: record.log,
  });
  const { port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
  const clients: Wire[] = [];
  const scene: Scene = {
    origin,
    ends,
    warnings: record.warnings,
    errors: record.errors,
    connect: async (wireOptions) => {
      const client = await dial(port, wireOptions);
      clients.push(client);
      return client;
    },
    ended: (count = 1) => within(record.ended(count), `the end of ${count} flows`),
  };
  try {
    await body(scene);
    await within(Promise.all(clients.map((client) => client.closed)), "the clients' connections to close");
    await within(proxy.close(60_000), "the proxy to have no clients left");
    await within(Promise.all(sockets.map((socket) => socket.closed)), "the proxy's sockets to close");
    await within(Promise.all(origin.wires.map((wire) => wire.closed)), "the origin's connections to close");
  } finally {
    for (const wire of [...clients, ...origin.wires]) wire.reset();
    await Promise.all([proxy.close(0), origin.close()]);
  }
  for (const [id, end] of ends) assert.match(end, /^(response|error)$/, `flow ${id} has exactly one end`);
  assert.ok(clockStands(), "nobody waits on the clock");
  await freed(before);
}

interface Recorder {
  /** Comes before the scripts; a script that fails keeps those behind it from being called. */
  readonly first: Hooks;
  /** Comes behind them. */
  readonly last: Hooks;
  readonly log: Log;
  readonly warnings: string[];
  readonly errors: (string | null)[];
  ended(count: number): Promise<void>;
}

/** Notes which hooks end each flow; the log's word on it, which comes last, is what `ended` waits for. */
function recorder(ends: Map<number, string>): Recorder {
  const waiters: { count: number; resolve: () => void }[] = [];
  const warnings: string[] = [];
  const errors: (string | null)[] = [];
  const note = (id: number, name: string) => {
    const before = ends.get(id);
    ends.set(id, before === "" ? name : `${before}, ${name}`);
  };
  let over = 0;
  return {
    warnings,
    errors,
    first: {
      // Whoever has a `response` hook gets bodies whole, unless it says otherwise.
      responseheaders: (flow) => void (flow.response!.stream = true),
      error: (flow) => note(flow.id, "error"),
    },
    last: { response: (flow) => note(flow.id, "response") },
    log: {
      start: (record) => void ends.set(Number(record.id), ""),
      response: () => {},
      end: (flow) => {
        over++;
        errors.push(flow.error);
        for (const { count, resolve } of waiters) if (over === count) resolve();
      },
      warn: (text) => void warnings.push(text),
      info: () => {},
    },
    ended: (count) =>
      new Promise((resolve) => {
        if (over >= count) resolve();
        else waiters.push({ count, resolve });
      }),
  };
}

/** The runtime's network, with an eye on each socket. */
function watched(sockets: Socket[]): Network {
  return {
    ...network,
    async connect(options) {
      const socket = await network.connect(options);
      sockets.push(socket);
      return socket;
    },
    listen: (options) =>
      network.listen({
        ...options,
        onSocket: (socket) => {
          sockets.push(socket);
          options.onSocket(socket);
        },
      }),
  };
}

/** Whether the engine's clock has stopped: it reads the real time then, and that of its last tick while it runs. */
function clockStands(): boolean {
  const before = deadlineIn(0);
  const begun = performance.now();
  while (performance.now() === begun);
  return deadlineIn(0) > before;
}

/** How many sockets this process has open. */
export function openSockets(): number {
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith("socket:");
    } catch {
      // The descriptor of the listing itself.
      return false;
    }
  }).length;
}

/** Runtimes free a descriptor some turns after they have said that it is closed. */
async function freed(before: number): Promise<void> {
  for (let turn = 0; turn < 1_000 && openSockets() > before; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert.ok(openSockets() <= before, `${openSockets()} sockets are open after ${before} before`);
}
