// Many small requests: on connections that are kept alive, without a script and with one, and on a new
// connection each. What a message costs, and what a connection costs.

import { type Bench, rowOf } from "../bench.ts";
import { load } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { SLUICE_REPLACE } from "../launches.ts";
import { CPU_PER_REQUEST, loadValues, RATE } from "../quantities.ts";
import {
  haproxy,
  MITMPROXY,
  mitmproxy,
  NGINX,
  nginx,
  NODE_HTTP,
  nodeHttp,
  rawPipe,
  sluice,
  type Subject,
} from "../subjects.ts";
import type { Row, Work } from "../work.ts";

const PLAIN = "no script";
const HOOK = "hook and replace";

/** Requests for 1 kB on connections that are kept alive. */
export const requests: Work = {
  name: "requests",
  title: "1 kB requests, keep-alive",
  quantities: [RATE, CPU_PER_REQUEST],
  bases: [NODE_HTTP, NGINX, MITMPROXY],
  targets: [
    { quantity: RATE.key, variant: PLAIN, against: { subject: NODE_HTTP, variant: "" }, atLeast: 2 },
    { quantity: RATE.key, variant: PLAIN, against: { subject: NGINX, variant: "" }, atLeast: 0.65 },
    { quantity: RATE.key, variant: PLAIN, against: { subject: MITMPROXY, variant: "" }, atLeast: 20 },
    { quantity: RATE.key, variant: HOOK, against: { subject: NODE_HTTP, variant: "" }, atLeast: 1.5 },
  ],
  plotted: true,
  prepare: (bench) => {
    const own = [...sluice(PLAIN), ...sluice(HOOK, SLUICE_REPLACE)];
    return prepare(bench, [...own, nodeHttp, rawPipe, nginx, haproxy, mitmproxy], false);
  },
};

/** Requests for 1 kB on a new connection each. */
export const newConnections: Work = {
  name: "new-connections",
  title: "1 kB requests, a connection each",
  quantities: [RATE, CPU_PER_REQUEST],
  bases: [NODE_HTTP, NGINX],
  targets: [{ quantity: RATE.key, against: { subject: NODE_HTTP }, atLeast: 1.5 }],
  prepare: (bench) => prepare(bench, [...sluice(), nodeHttp, nginx, haproxy], true),
};

async function prepare(bench: Bench, subjects: readonly Subject[], close: boolean): Promise<readonly Row[]> {
  const { port } = await bench.files();
  const { seconds, quick } = bench.options;
  const all = await bench.startAll(subjects, port, async ({ running }) => {
    if (!quick) await load(running.port, { seconds: 1, close });
  });
  return all.map((started) =>
    rowOf(started, {}, async ({ running }) => {
      const { cpu, result } = await withCpu(running, () => load(running.port, { seconds, close }));
      return loadValues(cpu, result);
    })
  );
}
