// CPU time of a process and of all its descendants, from /proc (Linux).
//
// A child that exited and was waited for is in its parent's cutime and cstime, and no longer in the tree, so
// the sum over the living tree counts every process once and never goes down.

import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks in a second as /proc shows them: USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface ProcessTimes {
  readonly parent: number;
  readonly ticks: number;
}

/**
 * Measures the CPU time that a process tree has used so far.
 *
 * @param pid The process at the root of the tree.
 * @returns User and system time in seconds, with a resolution of 10 ms, or `null` where there is no /proc.
 */
export function cpuSeconds(pid: number): number | null {
  const processes = readProcesses();
  if (processes === null) return null;
  let ticks = 0;
  for (const [id, times] of processes) {
    if (descendsFrom(id, pid, processes)) ticks += times.ticks;
  }
  return ticks / TICKS_PER_SECOND;
}

function readProcesses(): Map<number, ProcessTimes> | null {
  const processes = new Map<number, ProcessTimes>();
  let names: string[];
  try {
    names = readdirSync("/proc");
  } catch {
    return null;
  }
  for (const name of names) {
    const stat = /^\d+$/.test(name) ? readStat(name) : null;
    if (stat !== null) processes.set(Number(name), stat);
  }
  return processes.size === 0 ? null : processes;
}

function readStat(pid: string): ProcessTimes | null {
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
  return { parent, ticks: utime + stime + cutime + cstime };
}

function descendsFrom(id: number, root: number, processes: Map<number, ProcessTimes>): boolean {
  for (let at = id; at > 1; at = processes.get(at)?.parent ?? 0) {
    if (at === root) return true;
  }
  return false;
}
