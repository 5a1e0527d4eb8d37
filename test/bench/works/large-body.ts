// A large body with Content-Length, passed on and with one literal replaced: what a byte costs.

import { type Bench, rowOf } from "../bench.ts";
import { LARGE, NEEDLE, REPLACEMENT } from "../body.ts";
import { download, fingerprint } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { SLUICE_REPLACE } from "../launches.ts";
import { CPU, SPEED, transferValues } from "../quantities.ts";
import {
  haproxy,
  MITMPROXY,
  mitmproxy,
  mitmproxyReplace,
  mockttp,
  NGINX,
  nginx,
  NODE_HTTP,
  nodeHttp,
  RAW_PIPE,
  rawPipe,
  sluice,
  SUB_FILTER,
  subFilter,
  type Subject,
} from "../subjects.ts";
import type { Row, Work } from "../work.ts";

/** The body passed on. */
export const passed: Work = {
  name: "passed",
  title: "Large body, passed",
  quantities: [CPU, SPEED],
  bases: [RAW_PIPE, NGINX, NODE_HTTP],
  targets: [
    { quantity: CPU.key, against: { subject: RAW_PIPE }, atMost: 0.75 },
    { quantity: CPU.key, against: { subject: NGINX }, atMost: 1.2 },
  ],
  plotted: true,
  prepare: (bench) =>
    prepare(bench, [...sluice(), rawPipe, nginx, haproxy, nodeHttp, mitmproxy, mockttp], false),
};

/** The body with a needle in each 64 KiB replaced. */
export const replaced: Work = {
  name: "replaced",
  title: "Large body, one literal replaced",
  quantities: [CPU, SPEED],
  bases: [SUB_FILTER, MITMPROXY],
  targets: [{ quantity: CPU.key, against: { subject: SUB_FILTER }, atMost: 0.7 }],
  plotted: true,
  prepare: (bench) => prepare(bench, [...sluice("", SLUICE_REPLACE), subFilter, mitmproxyReplace], true),
};

async function prepare(
  bench: Bench,
  subjects: readonly Subject[],
  modified: boolean,
): Promise<readonly Row[]> {
  const { port, body } = await bench.files();
  const size = modified ? body.modifiedSize : body.size;
  const wanted = modified ? body.modifiedChecksum : body.checksum;
  const all = await bench.startAll(subjects, port, async ({ running, misses = false }) => {
    const { bytes, checksum } = await fingerprint(running.port, LARGE);
    if (checksum === wanted) return;
    const missed = (body.modifiedSize - bytes) / (REPLACEMENT.length - NEEDLE.length);
    if (!misses || missed <= 0) throw new Error(`wrong output: ${bytes} bytes of another content`);
    return `wrong output: ${missed} of ${body.needles} needles missed`;
  });
  return all.map((started) =>
    rowOf(started, {}, async ({ running, misses = false }) => {
      const { cpu, result } = await withCpu(running, () => download(running.port, LARGE));
      if (result.bytes !== size && !misses) {
        throw new Error(`wrong output: ${result.bytes} bytes, not ${size}`);
      }
      return transferValues(cpu, result);
    })
  );
}
