// Which processes belong to a proxy, and what /proc (Linux) says of them: some are one process, others a
// master with workers.

import { readdirSync, readFileSync } from "node:fs";

/** A process as the kernel shows it. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** CPU time in clock ticks, with that of children that ended and were waited for. */
  readonly ticks: number;
}

/**
 * Looks at a process and all its descendants.
 *
 * @param root The process at the root of the tree.
 * @returns Those that live.
 */
export function processTree(root: number): readonly ProcessStat[] {
  const processes = new Map<number, ProcessStat>();
  for (const name of readdirSync("/proc")) {
    const stat = /^\d+$/.test(name) ? readStat(Number(name)) : null;
    if (stat !== null) processes.set(stat.pid, stat);
  }
  return [...processes.values()].filter(({ pid }) => descendsFrom(pid, root, processes));
}

function readStat(pid: number): ProcessStat | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return null; // it ended between the listing and the reading
  }
  // The command name in parentheses may hold anything, spaces and parentheses too: count from its end.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  const [, parent = 0] = fields;
  const [utime = 0, stime = 0, cutime = 0, cstime = 0] = fields.slice(11, 15);
  return { pid, parent, ticks: utime + stime + cutime + cstime };
}

function descendsFrom(id: number, root: number, processes: ReadonlyMap<number, ProcessStat>): boolean {
  for (let at = id; at > 1; at = processes.get(at)?.parent ?? 0) {
    if (at === root) return true;
  }
  return false;
}
