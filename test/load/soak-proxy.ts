/**
 * The proxy that is soaked, as a program: it prints its port, and answers each line of its standard input with a line of
 * what it knows of itself.
 */
import process from "node:process";
import { createInterface } from "node:readline";
import { createProxy } from "../../lib/proxy.ts";
import type { Hooks, Toolkit } from "../../lib/hooks.ts";
import type { Flow } from "../../lib/flow.ts";
import type { Host } from "../../lib/host.ts";
import type { StreamValue } from "../../lib/stages.ts";

/** What a proxy knows of itself. */
export interface SelfReport {
  /** The 99th percentile of how late the event loop was since the last report, in milliseconds. */
  readonly loopP99: number;
  /** How late it was at worst, in milliseconds. */
  readonly loopWorst: number;
  /** How many errors nobody caught. */
  readonly stray: number;
  /** The last of them. */
  readonly lastStray: string;
  /** The bytes of the heap that are in use when the garbage has been collected. */
  readonly heap: number;
}

const host: Host = "Deno" in globalThis
  ? (await import("../../runtime-deno/host.ts")).host
  : (await import("../../runtime-node/host.ts")).host;

const treatments: Readonly<Record<string, (toolkit: Toolkit) => StreamValue>> = {
  pass: () => true,
  transform: ({ compose, replace }) =>
    compose(replace("foobar", "FOOBAR"), replace("nothing of this", "here")),
  function: () =>
    async function* (body) {
      yield* body;
    },
  buffer: () => false,
};

function treatmentOf(flow: Flow, toolkit: Toolkit): StreamValue {
  const name = flow.request.url.pathname.split("/")[1]!;
  return (treatments[name] ?? treatments["pass"]!)(toolkit);
}

const hooks: Hooks = {
  requestheaders: (flow, toolkit) => {
    if (flow.request.method === "CONNECT") return;
    flow.request.stream = treatmentOf(flow, toolkit);
    if (flow.request.url.pathname.startsWith("/throw")) throw new Error("as it was asked to");
    if (flow.request.url.pathname.startsWith("/kill")) flow.kill();
  },
  responseheaders: (flow, toolkit) => {
    flow.response!.stream = treatmentOf(flow, toolkit);
  },
  response: async () => {
    await new Promise((resolve) => setTimeout(resolve, 1));
  },
};

/** How late timers are: what a request would have had to wait. */
const TICK_MS = 10;
let lateness: number[] = [];
let due = performance.now() + TICK_MS;
setInterval(() => {
  const now = performance.now();
  lateness.push(Math.max(0, now - due));
  due = now + TICK_MS;
}, TICK_MS);

let stray = 0;
let lastStray = "";
host.onStray((error) => {
  stray++;
  lastStray = error instanceof Error ? error.stack ?? error.message : String(error);
});

const timeouts = { idleMs: 5_000, originIdleMs: 1_000, lingerMs: 500 };
const proxy = createProxy({ network: host.network, codings: host.codings, hooks: [hooks], timeouts });
const { port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
console.log(port);

for await (const line of createInterface({ input: process.stdin })) {
  if (line === "end") break;
  console.log(JSON.stringify(report()));
}
await proxy.close(5_000);
host.exit(stray === 0 ? 0 : 1);

function report(): SelfReport {
  const sorted = lateness.sort((a, b) => a - b);
  lateness = [];
  // Exposed by the flag that this program is started with.
  (globalThis as { gc?: () => void }).gc!();
  return {
    loopP99: sorted[Math.floor(sorted.length * 0.99)] ?? 0,
    loopWorst: sorted.at(-1) ?? 0,
    stray,
    lastStray,
    heap: process.memoryUsage().heapUsed,
  };
}
