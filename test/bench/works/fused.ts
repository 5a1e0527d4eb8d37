// Eight transforms fused into one, against one alone and against eight that are piped one into the next: what
// a further transform costs. In processes of their own, without sockets.

import { fileURLToPath } from "node:url";
import { runToEnd } from "../programs.ts";
import { runtimes } from "../runtimes.ts";
import type { Quantity, Row, Work } from "../work.ts";

const TIME: Quantity = { key: "time", name: "ns for a chunk of 4 KiB", digits: 0 };
const ONE = "1 transform";
const FUSED = "8 transforms, fused";
const ways: Readonly<Record<string, readonly string[]>> = {
  [ONE]: ["1", "fused"],
  [FUSED]: ["8", "fused"],
  "8 transforms, piped": ["8", "piped"],
};

/** Transforms in one hop. */
export const fused: Work = {
  name: "fused",
  title: "Fused transforms",
  quantities: [TIME],
  bases: [],
  targets: [{ quantity: TIME.key, variant: FUSED, against: { variant: ONE }, atMost: 1.15 }],
  prepare: ({ options }) => {
    const script = fileURLToPath(new URL("../fused-chunk.js", import.meta.url));
    const all = runtimes.map((runtime) => ({ ...runtime, subject: `sluice on ${runtime.name}` }));
    const chosen = all.filter(({ subject }) => options.subjects.test(subject));
    const rows = chosen.flatMap(({ subject, program, run }) =>
      Object.entries(ways).map(([variant, args]): Row => ({
        subject,
        variant,
        at: null,
        measure: program === null
          ? null
          : async () => ({ [TIME.key]: Number(await runToEnd(program, [...run, script, ...args])) }),
        notes: program === null ? ["not installed: npm ci in test/elsewhere brings it"] : [],
      }))
    );
    return Promise.resolve(rows);
  },
};
