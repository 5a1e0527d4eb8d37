/**
 * Plays the corpus against the proxy, on real sockets: in both modes, with every kind of script.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import type { Timeouts } from "../../lib/timeouts.ts";
import { createProxy } from "../../lib/proxy.ts";
import type { Mode } from "../../lib/mode.ts";
import { type Case, type ProxyMode, readCases } from "./cases.ts";
import { type Change, changeNames, changes, scripts } from "./changes.ts";
import { knownMisses } from "./known-misses.ts";
import { Origin } from "./origin.ts";
import { type Failures, runCases, type Stage } from "./run-cases.ts";

const runtime = "Deno" in globalThis ? "deno" : "node";
const { network } = runtime === "deno"
  ? await import("../../runtime-deno/mod.ts")
  : await import("../../runtime-node/mod.ts");

/** For the cases that wait for the end of the proxy's patience; the others must not meet it, however busy the machine is. */
const impatient: Partial<Timeouts> = { headMs: 2000, bodyMs: 2000, originMs: 2000 };

describe("the corpus", () => {
  for (const change of changes) {
    it(`passes with ${changeNames[change]}`, async () => {
      await using reverse = await setStage("reverse", change, false);
      await using forward = await setStage("forward", change, false);
      await using hastyReverse = await setStage("reverse", change, true);
      await using hastyForward = await setStage("forward", change, true);
      const stages = [reverse, forward, hastyReverse, hastyForward];
      // Side by side, as the cases wait more than they work.
      const failures = await Promise.all(stages.map((stage) => runCases(casesFor(stage), stage)));
      for (const [i, stage] of stages.entries()) {
        assertAsKnown(failures[i]!, stage, change);
        assert.deepEqual(stage.origin.failures, []);
        assert.deepEqual(stage.origin.orphans, [], "nothing comes to the origin that belongs to no case");
      }
    });
  }
});

function assertAsKnown(failures: Failures, stage: ProxyStage, change: Change): void {
  const { mode } = stage;
  const played = casesFor(stage).map(({ id }) => id);
  const known = knownMisses.filter((miss) =>
    (miss.runtime ?? runtime) === runtime && (miss.mode ?? mode) === mode &&
    (miss.change ?? change) === change
  ).map(({ id }) => id).filter((id) => played.includes(id));
  const unknown = [...failures].filter(([id]) => !known.includes(id)).map((failure) => failure.join(": "));
  assert.deepEqual(unknown, [], `every case passes in ${mode} mode but those that are known to fail`);
  assert.deepEqual(known.filter((id) => !failures.has(id)), [], `what is known to fail does in ${mode} mode`);
}

interface ProxyStage extends Stage, AsyncDisposable {
  readonly mode: ProxyMode;
  /** Whether the proxy is impatient. */
  readonly hasty: boolean;
}

function casesFor({ mode, hasty }: ProxyStage): Case[] {
  return readCases(mode).filter(({ tags = [] }) => tags.includes("timeouts") === hasty);
}

async function setStage(mode: ProxyMode, change: Change, hasty: boolean): Promise<ProxyStage> {
  const origin = new Origin();
  const originPort = await origin.listen();
  const modes: Record<ProxyMode, Mode> = {
    reverse: { kind: "reverse", origin: new URL(`http://127.0.0.1:${originPort}`) },
    forward: { kind: "regular" },
  };
  const timeouts = hasty ? impatient : {};
  const proxy = createProxy({ network, mode: modes[mode], hooks: scripts[change], timeouts });
  const { port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
  const setting = {
    mode,
    proxy: `127.0.0.1:${port}`,
    origin: `127.0.0.1:${originPort}`,
    deadPort: await findDeadPort(),
  };
  return {
    mode,
    hasty,
    origin,
    setting,
    async [Symbol.asyncDispose]() {
      await proxy.close(0);
      await origin.close();
    },
  };
}

async function findDeadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
