import { join } from "node:path";
import process from "node:process";
import { findProgram, runToEnd } from "./programs.ts";
import { deno, root } from "./project.ts";
import { newestNode } from "./runtimes.ts";

/** Where the tests keep the Bun that they need and the project does not. */
const BUN: string = join(root, "test/elsewhere/node_modules/@oven/bun-linux-x64/bin/bun");

/** A runtime that can be started. */
export interface FoundRuntime {
  /** Its name and version. */
  readonly name: string;
  readonly command: string;
  /** What comes before the script. */
  readonly args: readonly string[];
}

/** All runtimes, by the name that a missing one is told by. */
const runtimes: readonly { name: string; command: string | null; args: readonly string[] }[] = [
  { name: "Node", command: process.execPath, args: [] },
  { name: "Node with long-term support", command: newestNode, args: [] },
  { name: "Deno", command: deno, args: ["run", "-A"] },
  { name: "Bun", command: findProgram(BUN), args: [] },
];

/**
 * Finds the runtimes that the transforms are measured on.
 *
 * @returns Those that are installed, each version once, and the names of the others.
 */
export async function findRuntimes(): Promise<
  { found: readonly FoundRuntime[]; missing: readonly string[] }
> {
  const found = new Map<string, FoundRuntime>();
  const missing: string[] = [];
  for (const { name, command, args } of runtimes) {
    if (command === null) {
      missing.push(name);
      continue;
    }
    const version = /\d+\.\d+/.exec(await runToEnd(command, ["--version"]))?.[0];
    const full = `${name.split(" ")[0]} ${version}`;
    found.set(full, { name: full, command, args });
  }
  return { found: [...found.values()], missing };
}
