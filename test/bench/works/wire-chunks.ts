// The same large body in wire chunks of 4096 bytes and with Content-Length: what a wire chunk costs.

import { rowOf } from "../bench.ts";
import { withCpu } from "../cpu.ts";
import { CPU, SPEED, transferValues } from "../quantities.ts";
import { nginx, subFilter } from "../subjects.ts";
import type { Row, Work } from "../work.ts";
import { bothWays, check, type Framing, get, PASSED, REPLACED } from "./generated.ts";

const LENGTH = "Content-Length";
const CHUNKED = "4096-byte wire chunks";
const framings: readonly (readonly [name: string, framing: Framing])[] = [
  [LENGTH, {}],
  [CHUNKED, { frame: 4096 }],
];

/** The body in both framings, passed on and replaced. */
export const wireChunks: Work = {
  name: "wire-chunks",
  title: "Large body in wire chunks",
  quantities: [CPU, SPEED],
  bases: [],
  targets: [PASSED, REPLACED].map((way) => ({
    quantity: CPU.key,
    variant: `${way}, ${CHUNKED}`,
    against: { variant: `${way}, ${LENGTH}` },
    atMost: 1.5,
  })),
  prepare: async (bench) => {
    const { size } = bench.options;
    const peers = [{ ...nginx, variant: PASSED }, { ...subFilter, variant: REPLACED }];
    const all = await bench.startAll(
      [...bothWays(), ...peers],
      await bench.origin("generator.js"),
      async (proxy) => {
        for (const [, framing] of framings) await check(proxy, proxy.variant === REPLACED, framing);
      },
    );
    return all.flatMap((started) =>
      framings.map(([name, framing]): Row =>
        rowOf(started, { variant: `${started.subject.variant}, ${name}` }, async (proxy) => {
          const modified = proxy.variant === REPLACED;
          const { cpu, result } = await withCpu(
            proxy.running,
            () => get(proxy, modified, size, framing),
          );
          return transferValues(cpu, result);
        })
      )
    );
  },
};
