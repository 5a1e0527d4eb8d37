// A large body on its way up: passed on, and with one literal replaced.

import { rowOf } from "../bench.ts";
import { upload } from "../client.ts";
import { withCpu } from "../cpu.ts";
import { SLUICE_REPLACE_UPLOAD } from "../launches.ts";
import { CPU, SPEED, transferValues } from "../quantities.ts";
import { NGINX, nginxWith, NODE_HTTP, nodeHttp, sluice } from "../subjects.ts";
import type { Work } from "../work.ts";
import { PASSED, REPLACED } from "./generated.ts";

/** The upload. */
export const uploads: Work = {
  name: "uploads",
  title: "Upload",
  quantities: [CPU, SPEED],
  bases: [NGINX, NODE_HTTP],
  targets: [PASSED, REPLACED].map((variant) => ({
    quantity: CPU.key,
    variant,
    against: { subject: NGINX, variant: PASSED },
    atMost: 1.5,
  })),
  plotted: true,
  prepare: async (bench) => {
    const { body } = await bench.files();
    const peers = [nginxWith(NGINX, "proxy_request_buffering off; client_max_body_size 0;"), nodeHttp]
      .map((peer) => ({ ...peer, variant: PASSED }));
    const all = await bench.startAll(
      [...sluice(PASSED), ...sluice(REPLACED, SLUICE_REPLACE_UPLOAD), ...peers],
      await bench.origin("sink.js"),
      async ({ running, variant }) => {
        const wanted = variant === REPLACED
          ? `${body.modifiedSize} ${body.modifiedChecksum}`
          : `${body.size} ${body.checksum}`;
        const answer = await upload(running.port, "checksum", bench.folder);
        if (answer !== wanted) throw new Error(`wrong output: the origin got ${answer}, not ${wanted}`);
      },
    );
    return all.map((started) =>
      rowOf(started, {}, async ({ running, variant }) => {
        const start = performance.now();
        const { cpu, result } = await withCpu(running, () => upload(running.port, "bytes", bench.folder));
        const seconds = (performance.now() - start) / 1000;
        const wanted = variant === REPLACED ? body.modifiedSize : body.size;
        if (!result.startsWith(`${wanted} `)) throw new Error(`wrong output: the origin got ${result}`);
        return transferValues(cpu, { bytes: body.size, seconds });
      })
    );
  },
};
