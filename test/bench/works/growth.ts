// How costs grow: with the body, with the number of wire chunks in it, and with the number of connections.

import { type Bench, type Proxy, rowOf, type Started } from "../bench.ts";
import { load, type Transfer } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { CPU, CPU_PER_REQUEST, loadValues, RATE, SPEED, transferValues } from "../quantities.ts";
import { nginx, sluice, type Subject } from "../subjects.ts";
import type { Quantity, Row, Work } from "../work.ts";
import { bothWays, check, type Framing, get, PASSED, REPLACED } from "./generated.ts";

const MiB = 1024 ** 2;
const BODIES = [1, 10, 100, 1024, 10_240].map((size) => size * MiB);
const FRAMES = [64, 256, 1024, 4096, 16_384, 65_536];
/** The length of a body in wire chunks, and what is got at once of shorter bodies, in bytes. */
const FRAMED = 16 * MiB;
/** How often such a body passes before anything counts. */
const WARM_UPS = 6;
const CONNECTIONS = [1, 10, 100, 1000];
/** More than a cost may vary by and still count as flat: what these measurements vary by themselves. */
const FLAT = 1.25;

const CPU_PER_FRAME: Quantity = { key: "cpuPerFrame", name: "CPU ns/frame", digits: 0 };

/** CPU seconds of a proxy that a transfer has to take to be measured, at least: the kernel counts in steps of 10 ms. */
const ENOUGH = { thorough: 0.2, quick: 0.05 };

/** Bodies with Content-Length. */
export const bodies: Work = {
  name: "growth-bodies",
  title: "Bodies of growing size",
  quantities: [CPU, SPEED],
  bases: [],
  axis: { name: "body", unit: "bytes" },
  targets: [{ quantity: CPU.key, index: -1, against: { index: 1 }, atMost: FLAT }],
  prepare: async (bench) => {
    const sizes = BODIES.filter((at) => at <= bench.options.largest);
    const all = await startGenerated(bench, {});
    return all.flatMap((started) =>
      sizes.map((at): Row =>
        rowOf(started, { at }, async (proxy) => {
          const { cpu, transfer } = await getEnough(bench, proxy, at, {});
          return transferValues(cpu, transfer);
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
  axis: { name: "wire chunk", unit: "bytes", logarithmic: true },
  targets: [
    { quantity: CPU_PER_FRAME.key, index: 0, against: { index: 2 }, atMost: FLAT },
    { quantity: CPU.key, index: -1, against: { index: -2 }, atMost: FLAT },
  ],
  prepare: async (bench) => {
    const all = await startGenerated(bench, { frame: 64 });
    return all.flatMap((started) =>
      FRAMES.map((at): Row =>
        rowOf(started, { at }, async (proxy) => {
          const { cpu, bytes } = await getEnough(bench, proxy, FRAMED, { frame: at });
          return { [CPU_PER_FRAME.key]: cpu / (bytes / at) * 1e9, [CPU.key]: cpu / (bytes / 1e9) };
        })
      )
    );
  },
};

/** Requests for 1 kB on a growing number of connections that are kept alive. */
export const connections: Work = {
  name: "growth-connections",
  title: "1 kB requests on a growing number of connections",
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
          const plan = { seconds: bench.options.seconds, connections: at };
          const { cpu, result } = await withCpu(running, () => load(running.port, plan));
          return loadValues(cpu, result);
        })
      )
    );
  },
};

async function startGenerated(bench: Bench, framing: Framing): Promise<readonly Started[]> {
  const peer: Subject = { ...nginx, variant: PASSED };
  const origin = await bench.origin("generator.js");
  return await bench.startAll([...bothWays(), peer], origin, async (proxy) => {
    const modified = proxy.variant === REPLACED;
    await check(proxy, modified, framing);
    if (!bench.options.quick) await get(proxy, modified, FRAMED, framing, WARM_UPS);
  });
}

/** Gets a body as often as it takes to measure what that costs. */
async function getEnough(
  { options }: Bench,
  proxy: Proxy,
  size: number,
  framing: Framing,
): Promise<{ readonly cpu: number; readonly bytes: number; readonly transfer: Transfer }> {
  const modified = proxy.variant === REPLACED;
  const all = { cpu: 0, bytes: 0, transfer: { bytes: 0, seconds: 0 } };
  for (
    let times = Math.max(1, Math.floor(FRAMED / size));
    all.cpu < ENOUGH[options.quick ? "quick" : "thorough"];
  ) {
    const { cpu, result } = await withCpu(proxy.running, () => get(proxy, modified, size, framing, times));
    all.cpu += cpu;
    all.bytes += times * size;
    all.transfer = {
      bytes: all.transfer.bytes + result.bytes,
      seconds: all.transfer.seconds + result.seconds,
    };
    times *= 2;
  }
  return all;
}
