/**
 * Plays the corpus against the proxy, on real sockets, in every configuration.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { describe, it } from "node:test";
import { createProxy } from "../../lib/proxy.ts";
import type { Mode } from "../../lib/target.ts";
import { readCases } from "./cases.ts";
import { changeNames, type Configuration, configurations, scripts } from "./configurations.ts";
import { knownMisses } from "./known-misses.ts";
import { Origin } from "./origin.ts";
import { runCases } from "./run-cases.ts";

const runtime = "Deno" in globalThis ? "deno" : "node";
const { network } = runtime === "deno"
  ? await import("../../runtime-deno/mod.ts")
  : await import("../../runtime-node/mod.ts");

/** Short enough for the cases that wait for them. */
const timeouts = { headMs: 1500, bodyMs: 1500, originMs: 1500 };

describe("the corpus", () => {
  for (const configuration of configurations) {
    const { mode, change } = configuration;
    it(`passes in ${mode} mode with ${changeNames[change]}`, async () => {
      const { failures, orphans } = await play(configuration);
      const known = knownMisses.filter((miss) =>
        (miss.runtime ?? runtime) === runtime && (miss.mode ?? mode) === mode &&
        (miss.change ?? change) === change
      ).map(({ id }) => id);
      const unknown = [...failures].filter(([id]) => !known.includes(id)).map((failure) =>
        failure.join(": ")
      );
      assert.deepEqual(unknown, [], "every case passes but those that are known to fail");
      assert.deepEqual(known.filter((id) => !failures.has(id)), [], "what is known to fail does fail");
      assert.deepEqual(orphans, [], "nothing comes to the origin that belongs to no case");
    });
  }
});

async function play(
  { mode, change }: Configuration,
): Promise<{ failures: Map<string, string>; orphans: string[] }> {
  const origin = new Origin();
  const originPort = await origin.listen();
  const modes: Record<Configuration["mode"], Mode> = {
    reverse: { kind: "reverse", origin: new URL(`http://127.0.0.1:${originPort}`) },
    forward: { kind: "regular" },
  };
  const proxy = createProxy({ network, mode: modes[mode], hooks: scripts[change], timeouts });
  const { port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
  try {
    const failures = await runCases(readCases(mode), origin, {
      mode,
      proxy: `127.0.0.1:${port}`,
      origin: `127.0.0.1:${originPort}`,
      deadPort: await findDeadPort(),
    });
    assert.deepEqual(origin.failures, []);
    return { failures, orphans: origin.orphans };
  } finally {
    await proxy.close(0);
    await origin.close();
  }
}

async function findDeadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
