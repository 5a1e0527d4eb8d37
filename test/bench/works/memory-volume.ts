// The memory of a proxy while one long body passes: the most that was in use in each quarter of it.

import { setTimeout as sleep } from "node:timers/promises";
import { type Proxy, rowOf } from "../bench.ts";
import { BLOCK } from "../body.ts";
import { treeResidentBytes } from "../memory.ts";
import { mitmproxy, nginx } from "../subjects.ts";
import type { Quantity, Row, Work } from "../work.ts";
import { bothWays, check, PASSED, pathOf, REPLACED } from "./generated.ts";
import { Reader } from "./reader.ts";

const RESIDENT: Quantity = { key: "resident", name: "RSS, MB", digits: 1 };
const QUARTERS = [0.25, 0.5, 0.75, 1];
/** Time between two looks at the memory, in milliseconds. */
const SAMPLE_INTERVAL = 20;

/** The memory over the volume. */
export const memoryVolume: Work = {
  name: "memory-volume",
  title: "Memory while one long body passes",
  quantities: [RESIDENT],
  bases: [],
  axis: { name: "passed of the body", unit: "bytes" },
  targets: [{ quantity: RESIDENT.key, index: -1, against: { index: 0 }, atMost: 1.1 }],
  prepare: async (bench) => {
    const size = Math.ceil(bench.options.volume / 4 / BLOCK) * 4 * BLOCK;
    const peers = [{ ...nginx, variant: PASSED }, { ...mitmproxy, variant: PASSED }];
    const origin = await bench.origin("generator.js");
    const readers = new Map<Proxy, Reader>();
    const all = await bench.startAll([...bothWays(), ...peers], origin, async (proxy) => {
      await check(proxy, proxy.variant === REPLACED, {});
    });
    return all.flatMap((started) =>
      QUARTERS.map((quarter): Row =>
        rowOf(started, { at: size * quarter }, async (proxy) => {
          const reader = readers.get(proxy) ?? await Reader.open(proxy.running.port, pathOf(size, {}));
          readers.set(proxy, reader);
          const most = await mostResident(proxy, reader.readTo(size * quarter));
          if (quarter === 1) {
            reader.close();
            readers.delete(proxy);
          }
          return { [RESIDENT.key]: most / 1e6 };
        })
      )
    );
  },
};

/** The most memory that is in use until something has happened. */
async function mostResident({ running }: Proxy, happening: Promise<void>): Promise<number> {
  let over = false;
  const watched = happening.finally(() => over = true);
  let most = treeResidentBytes(running.pid);
  while (!over) {
    await Promise.race([watched, sleep(SAMPLE_INTERVAL)]);
    most = Math.max(most, treeResidentBytes(running.pid));
  }
  await watched;
  return most;
}
