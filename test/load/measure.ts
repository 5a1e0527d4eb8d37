/** What the system knows of a process and of a connection; Linux's /proc. */
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** 1,024 bytes. */
export const KiB = 1024;
/** 1,024 KiB. */
export const MiB: number = 1024 * KiB;

/** The memory of a process that is in use, in bytes. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "latin1");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * KiB;
}

/** How many descriptors a process has open, but for files: runtimes open their caches when they like. */
export function openDescriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => !isFile(`/proc/${pid}/fd/${fd}`)).length;
}

function isFile(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("/");
  } catch {
    // It was closed just now.
    return true;
  }
}

/** What the kernel holds in one direction of a connection: what the sender has not got rid of, and nobody has read. */
export function kernelBytes(senderPort: number, readerPort: number): number {
  let bytes = 0;
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const found = /^ *\d+: \w+:(\w{4}) \w+:(\w{4}) \w\w (\w{8}):(\w{8})/.exec(line);
    if (found === null) continue;
    const [local, remote, sending, receiving] = found.slice(1).map((digits) => parseInt(digits, 16));
    if (local === senderPort && remote === readerPort) bytes += sending!;
    if (local === readerPort && remote === senderPort) bytes += receiving!;
  }
  return bytes;
}

/** The value of `sample` once it has not changed for `ms` milliseconds: for what stops by itself and tells nobody. */
export async function settled(sample: () => number, ms = 500): Promise<number> {
  let last = sample();
  for (let since = performance.now(); performance.now() - since < ms;) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = sample();
    if (next !== last) since = performance.now();
    last = next;
  }
  return last;
}

/** The slope of the line that fits the points best, by least squares. */
export function slopeOf(points: readonly (readonly [x: number, y: number])[]): number {
  const mean = (axis: 0 | 1) => points.reduce((sum, point) => sum + point[axis], 0) / points.length;
  const [middleX, middleY] = [mean(0), mean(1)];
  let above = 0;
  let below = 0;
  for (const [x, y] of points) {
    above += (x - middleX) * (y - middleY);
    below += (x - middleX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}

/** A number of bytes, for people. */
export function told(bytes: number): string {
  return Math.abs(bytes) < MiB ? `${(bytes / KiB).toFixed(1)} KiB` : `${(bytes / MiB).toFixed(1)} MiB`;
}
