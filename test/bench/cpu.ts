// CPU time of a process and of all its descendants, from /proc (Linux).
//
// A child that exited and was waited for is in its parent's cutime and cstime, and no longer in the tree, so
// the sum over the living tree counts every process once and never goes down.

import { processTree } from "./process-tree.ts";
import type { Program } from "./programs.ts";

/** Clock ticks in a second as /proc shows them: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/**
 * Measures the CPU time that a server uses while something is done.
 *
 * @param program The server.
 * @param action What is done.
 * @returns What the action gave, and user and system time in seconds, with a resolution of 10 ms.
 */
export async function withCpu<T>(
  program: Program,
  action: () => Promise<T>,
): Promise<{ readonly cpu: number; readonly result: T }> {
  const before = cpuSeconds(program.pid);
  const result = await action();
  return { cpu: cpuSeconds(program.pid) - before, result };
}

function cpuSeconds(pid: number): number {
  return processTree(pid).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}
