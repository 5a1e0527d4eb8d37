// What a proxy adds to the time that one server-sent event takes.

import { rowOf } from "../bench.ts";
import { SLUICE_REPLACE } from "../launches.ts";
import { quantile } from "../statistics.ts";
import { MITMPROXY, mitmproxy, NGINX, nginxWith, NODE_HTTP, nodeHttp, rawPipe, sluice } from "../subjects.ts";
import type { Quantity, Work } from "../work.ts";
import { EventOrigin } from "./event-stream.ts";
import { PASSED, REPLACED } from "./generated.ts";

const P50: Quantity = { key: "p50", name: "added ms, p50", digits: 3 };
const P99: Quantity = { key: "p99", name: "added ms, p99", digits: 3 };
/** Events for each second that one load takes: what fits into it. */
const EVENTS_PER_SECOND = 160;
/** Events before any count: until then V8 compiles, and takes milliseconds of one in a hundred for it. */
const WARM_UPS = 3_000;
const PARTS = { p50: 0.5, p99: 0.99 };

/** The delay of an event. */
export const latency: Work = {
  name: "latency",
  title: "Latency of one server-sent event",
  quantities: [P50, P99],
  bases: [NGINX, NODE_HTTP, MITMPROXY],
  targets: [
    { quantity: P50.key, atMost: 0.1 },
    { quantity: P99.key, atMost: 0.3 },
  ],
  plotted: true,
  prepare: async (bench) => {
    const origin = await EventOrigin.start();
    const peers = [nginxWith(NGINX, "proxy_buffering off;"), rawPipe, nodeHttp, mitmproxy]
      .map((peer) => ({ ...peer, variant: PASSED }));
    const subjects = [...sluice(PASSED), ...sluice(REPLACED, SLUICE_REPLACE), ...peers];
    const all = await bench.startAll(subjects, origin.port, async ({ running }) => {
      await origin.measure(running.port, bench.options.quick ? EVENTS_PER_SECOND / 4 : WARM_UPS);
    });
    return all.map((started) =>
      rowOf(started, {}, async ({ running }) => {
        const count = EVENTS_PER_SECOND * bench.options.seconds;
        const { direct, proxied } = await origin.measure(running.port, count);
        return Object.fromEntries(
          Object.entries(PARTS).map(([key, part]) => [key, quantile(proxied, part) - quantile(direct, part)]),
        );
      })
    );
  },
};
