// A large body in gzip, one literal replaced: decoded, changed and coded again, at the same level as the peer. A
// byte counts as it was before it was coded.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Bench, rowOf } from "../bench.ts";
import { LARGE, writeBodies } from "../body.ts";
import { fingerprint } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { nginxCoded, SLUICE_REPLACE } from "../launches.ts";
import { startOrigin } from "../origin.ts";
import { findProgram, requireProgram } from "../programs.ts";
import { CPU, SPEED, transferValues } from "../quantities.ts";
import { sluice, type Subject } from "../subjects.ts";
import type { Row, Work } from "../work.ts";

/**
 * The level of zlib on both sides: sluice's own. It takes ten times what a body takes that is not coded, so a
 * part of the large body will do.
 */
const LEVEL = 1;
const PART = 8;

/** nginx in two hops within one process: it decodes for no client that it would code for. */
const NGINX_CODED = "nginx gunzip, sub_filter, gzip";

const nginxSubject: Subject = {
  name: NGINX_CODED,
  variant: "",
  program: findProgram("nginx"),
  launch: nginxCoded(LEVEL),
};

/** The coded body with a needle in each 64 KiB replaced. */
export const coded: Work = {
  name: "coded",
  title: "Large body in gzip, one literal replaced",
  quantities: [CPU, SPEED],
  bases: [NGINX_CODED],
  targets: [],
  prepare,
};

async function prepare(bench: Bench): Promise<readonly Row[]> {
  requireProgram("nginx");
  const folder = mkdtempSync(join(bench.folder, "coded-"));
  const body = writeBodies(folder, Math.ceil(bench.options.size / PART));
  const name = "coded.txt";
  writeFileSync(join(folder, `${name}.gz`), gzipSync(readFileSync(join(folder, LARGE))));
  const { port } = await startOrigin(folder, "gzip_static always;");
  const subjects = [...sluice("", SLUICE_REPLACE), nginxSubject];
  const check = ({ checksum }: { readonly checksum: string }): void => {
    if (checksum !== body.modifiedChecksum) throw new Error("wrong output: another content");
  };
  const all = await bench.startAll(subjects, port, async ({ running }) => {
    check(await fingerprint(running.port, name, ["--compressed"]));
  });
  return all.map((started) =>
    rowOf(started, {}, async ({ running }) => {
      const before = performance.now();
      const { cpu, result } = await withCpu(running, () => fingerprint(running.port, name, ["--compressed"]));
      check(result);
      return transferValues(cpu, { bytes: body.size, seconds: (performance.now() - before) / 1000 });
    })
  );
}
