/**
 * How much memory a process has, as Linux tells it.
 */
import { readFile } from "node:fs/promises";

/** How often to look, in milliseconds. */
const EVERY_MS = 20;

/** The resident memory of a process, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]) * 1024;
}

/**
 * Watches a process while something is done.
 *
 * @returns What the work gave, and by how many bytes the resident memory rose above what it was before.
 */
export async function growthDuring<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; growth: number }> {
  const before = await residentBytes(pid);
  let peak = before;
  const timer = setInterval(() => {
    // Should the process have ended, the work fails and says so.
    residentBytes(pid).then((bytes) => peak = Math.max(peak, bytes), () => clearInterval(timer));
  }, EVERY_MS);
  try {
    const result = await work();
    return { result, growth: Math.max(peak, await residentBytes(pid)) - before };
  } finally {
    clearInterval(timer);
  }
}
