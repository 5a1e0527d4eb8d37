// What is compared: one row a subject. A subject forwards to the origin, and either passes bodies on or
// replaces the needle in them.

import { existsSync } from "node:fs";
import { join } from "node:path";
import * as launches from "./launches.ts";
import { findProgram } from "./programs.ts";
import { deno, root } from "./project.ts";

/** One thing that is measured. */
export interface Subject {
  readonly name: string;
  /** The path of its program, or `null` if it is not installed. */
  readonly program: string | null;
  readonly launch: launches.MakeLaunch;
  /** Whether it replaces the needle; otherwise it passes bodies on unchanged. */
  readonly modifies: boolean;
  /** Whether it is known to miss needles that lie across the border of two reads. */
  readonly misses?: boolean;
}

/** The names that ratios are given against. */
export const RAW_PIPE = "raw net pipe";
export const NODE_HTTP = "node:http pipe";
export const SUB_FILTER = "nginx sub_filter";

const nodeCli = join(root, "dist/runtime-node/cli.js");
const denoCli = join(root, "runtime-deno/cli.ts");
const node = process.execPath;
const sluiceNode = existsSync(nodeCli) ? node : null;
const sluiceDeno = existsSync(denoCli) ? deno : null;
const onNode = [nodeCli];
const onDeno = ["run", "-A", denoCli];

/** The subjects that pass bodies on, in the order of the tables. */
const passing: readonly Omit<Subject, "modifies">[] = [
  { name: "sluice on Node", program: sluiceNode, launch: launches.sluice(onNode) },
  { name: "sluice on Deno", program: sluiceDeno, launch: launches.sluice(onDeno) },
  { name: RAW_PIPE, program: node, launch: launches.ownProxy("raw-pipe.js") },
  { name: NODE_HTTP, program: node, launch: launches.ownProxy("node-http.js") },
  { name: "nginx", program: findProgram("nginx"), launch: launches.nginx("nginx", "") },
  { name: "HAProxy", program: findProgram("haproxy"), launch: launches.haproxy },
  { name: "mitmdump, streamed", program: findProgram("mitmdump"), launch: launches.mitmdump() },
];

/** The subjects that replace the needle. */
const modifying: readonly Omit<Subject, "modifies">[] = [
  {
    name: "sluice on Node, replace",
    program: sluiceNode,
    launch: launches.sluice(onNode, launches.SLUICE_REPLACE),
  },
  {
    name: "sluice on Deno, replace",
    program: sluiceDeno,
    launch: launches.sluice(onDeno, launches.SLUICE_REPLACE),
  },
  {
    name: SUB_FILTER,
    program: findProgram("nginx"),
    launch: launches.nginx("sub_filter", launches.NGINX_REPLACE),
  },
  {
    name: "mitmdump, bytes.replace",
    program: findProgram("mitmdump"),
    launch: launches.mitmdump(launches.MITMPROXY_REPLACE),
    misses: true,
  },
];

/** All subjects. */
export const subjects: readonly Subject[] = [
  ...passing.map((subject) => ({ ...subject, modifies: false })),
  ...modifying.map((subject) => ({ ...subject, modifies: true })),
];
