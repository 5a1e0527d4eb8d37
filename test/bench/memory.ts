import { residentBytes } from "../load/measure.ts";
import { processTree } from "./process-tree.ts";

/**
 * Measures the memory of a process and all its descendants that is in use.
 *
 * @param pid The process at the root of the tree.
 * @returns The resident set in bytes; what processes share counts for each.
 */
export function treeResidentBytes(pid: number): number {
  return processTree(pid).reduce((sum, process) => sum + residentBytes(process.pid), 0);
}
