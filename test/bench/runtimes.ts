// The runtimes that sluice is measured on: the Node that runs the benchmark, the newest Node with long-term
// support, and Deno. The latter two come as packages; one that is missing is named in the tables.

import { existsSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "./programs.ts";
import { deno, root } from "./project.ts";

/** The newest major version of Node with long-term support. */
const NEWEST_LTS = 24;
/** Where its package lies: the folder of the tests that need other runtimes brings it. */
const NEWEST_LTS_PATH: string = join(root, `test/elsewhere/node_modules/node-${NEWEST_LTS}/bin/node`);

/** A runtime. */
export interface Runtime {
  readonly name: string;
  /** The path of its program, or `null` if it is not installed. */
  readonly program: string | null;
  /** What it is given to run a compiled module, before the module's path. */
  readonly run: readonly string[];
  /** What it is given to run sluice's command line, before its options. */
  readonly cli: readonly string[];
}

const nodeCli = join(root, "dist/runtime-node/cli.js");
const denoCli = join(root, "runtime-deno/cli.ts");
const major = Number(process.versions.node.split(".")[0]);

/** The Node with long-term support, which runs what the one of this process can't; `null` if not installed. */
export const newestNode: string | null = major >= NEWEST_LTS
  ? process.execPath
  : findProgram(NEWEST_LTS_PATH);

/** All runtimes, in the order of the tables. */
export const runtimes: readonly Runtime[] = [
  onNode(major, process.execPath),
  ...(major >= NEWEST_LTS ? [] : [onNode(NEWEST_LTS, newestNode)]),
  {
    name: "Deno",
    program: existsSync(denoCli) ? deno : null,
    run: ["run", "-A"],
    cli: ["run", "-A", denoCli],
  },
];

function onNode(version: number, program: string | null): Runtime {
  return { name: `Node ${version}`, program, run: [], cli: [nodeCli] };
}
