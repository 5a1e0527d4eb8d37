import { setTimeout as sleep } from "node:timers/promises";
import { residentBytes } from "../load/measure.ts";
import { processTree } from "./process-tree.ts";

/** How long the memory has to stay the same to count as settled, and how long that is waited for, in milliseconds. */
const STILL = 150;
const PATIENCE = 750;
/** Time between two looks, in milliseconds. */
const INTERVAL = 25;

/**
 * Measures the memory of a process and all its descendants that is in use.
 *
 * @param pid The process at the root of the tree.
 * @returns The resident set in bytes; what processes share counts for each.
 */
export function treeResidentBytes(pid: number): number {
  return processTree(pid).reduce((sum, process) => sum + residentBytes(process.pid), 0);
}

/**
 * Measures that memory once it has settled, or 0.75 s later: some processes never rest.
 *
 * @param pid The process at the root of the tree.
 * @returns The resident set in bytes.
 */
export async function settledResidentBytes(pid: number): Promise<number> {
  let last = treeResidentBytes(pid);
  let still = 0;
  for (let waited = 0; still < STILL && waited < PATIENCE; waited += INTERVAL) {
    await sleep(INTERVAL);
    const next = treeResidentBytes(pid);
    still = next === last ? still + INTERVAL : 0;
    last = next;
  }
  return last;
}
