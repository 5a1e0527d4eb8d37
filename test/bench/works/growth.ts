// How costs grow: with the body, with the number of wire chunks in it, and with the number of connections.

import { type Bench, rowOf, type Started } from "../bench.ts";
import { BLOCK } from "../body.ts";
import { load } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { CPU, CPU_PER_REQUEST, loadValues, RATE, SPEED, transferValues } from "../quantities.ts";
import { nginx, sluice, type Subject } from "../subjects.ts";
import type { Quantity, Row, Work } from "../work.ts";
import { bothWays, check, get, PASSED, REPLACED } from "./generated.ts";

const MiB = 1024 ** 2;
const BODIES = [1, 10, 100, 1024, 10_240].map((size) => size * MiB);
const FRAMES = [64, 256, 1024, 4096, 16_384, 65_536];
const CONNECTIONS = [1, 10, 100, 1000];
/** More than a cost may vary by and still count as flat: what these measurements vary by themselves. */
const FLAT = 1.25;

const CPU_PER_FRAME: Quantity = { key: "cpuPerFrame", name: "CPU ns/frame", digits: 0 };

/** Bodies with Content-Length; small ones many times, so that as many bytes pass. */
export const bodies: Work = {
  name: "growth-bodies",
  title: "Bodies of growing size, with Content-Length",
  quantities: [CPU, SPEED],
  bases: [],
  axis: { name: "body", unit: "bytes" },
  targets: [{ quantity: CPU.key, index: -1, against: { index: 1 }, atMost: FLAT }],
  prepare: async (bench) => {
    const { largest, size } = bench.options;
    const all = await startGenerated(bench, {});
    return all.flatMap((started) =>
      BODIES.filter((at) => at <= largest).map((at): Row =>
        rowOf(started, { at }, async (proxy) => {
          const times = Math.max(1, Math.floor(size / 4 / at));
          const modified = proxy.variant === REPLACED;
          const { cpu, result } = await withCpu(proxy.running, () => get(proxy, modified, at, {}, times));
          return transferValues(cpu, result);
        })
      )
    );
  },
};

/** Bodies in wire chunks of one size. */
export const frames: Work = {
  name: "growth-frames",
  title: "Wire chunks of growing size",
  quantities: [CPU_PER_FRAME, CPU],
  bases: [],
  axis: { name: "wire chunk", unit: "bytes" },
  targets: [
    { quantity: CPU_PER_FRAME.key, index: 0, against: { index: 2 }, atMost: FLAT },
    { quantity: CPU.key, index: -1, against: { index: -2 }, atMost: FLAT },
  ],
  prepare: async (bench) => {
    const all = await startGenerated(bench, { frame: 64 });
    return all.flatMap((started) =>
      FRAMES.map((at): Row =>
        rowOf(started, { at }, async (proxy) => {
          // As many frames as bytes allow: small ones cost more of the time that there is.
          const size = Math.floor(bench.options.size / (at < 4096 ? 16 : 4) / BLOCK) * BLOCK;
          const modified = proxy.variant === REPLACED;
          const { cpu } = await withCpu(proxy.running, () => get(proxy, modified, size, { frame: at }));
          return { [CPU_PER_FRAME.key]: cpu / (size / at) * 1e9, [CPU.key]: cpu / (size / 1e9) };
        })
      )
    );
  },
};

/** Requests for 1 kB on a growing number of connections that are kept alive. */
export const connections: Work = {
  name: "growth-connections",
  title: "1 kB on a growing number of connections",
  quantities: [CPU_PER_REQUEST, RATE],
  bases: [],
  axis: { name: "connections", unit: "count" },
  targets: [{ quantity: CPU_PER_REQUEST.key, index: -1, against: { index: 1 }, atMost: FLAT }],
  prepare: async (bench) => {
    const { port } = await bench.files();
    const all = await bench.startAll([...sluice(), nginx], port, async ({ running }) => {
      if (!bench.options.quick) await load(running.port, { seconds: 1 });
    });
    return all.flatMap((started) =>
      CONNECTIONS.map((at): Row =>
        rowOf(started, { at }, async ({ running }) => {
          const plan = { seconds: 1, connections: at };
          const { cpu, result } = await withCpu(running, () => load(running.port, plan));
          return loadValues(cpu, result);
        })
      )
    );
  },
};

async function startGenerated(bench: Bench, framing: { frame?: number }): Promise<readonly Started[]> {
  const peer: Subject = { ...nginx, variant: PASSED };
  const origin = await bench.origin("generator.js");
  return await bench.startAll([...bothWays(), peer], origin, async (proxy) => {
    await check(proxy, proxy.variant === REPLACED, framing);
  });
}
