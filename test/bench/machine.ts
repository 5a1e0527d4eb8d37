// What the figures depend on: the machine, and the versions of the programs that took part.

import { arch, availableParallelism, cpus, release, totalmem, type as system } from "node:os";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packagesFolder } from "./packages.ts";
import { findProgram, outputOf } from "./programs.ts";
import { root } from "./project.ts";
import { runtimes } from "./runtimes.ts";

/** How programs are asked for their version, and what of the answer is worth keeping. */
const programs: Readonly<Record<string, readonly [flag: string, version: RegExp]>> = {
  nginx: ["-v", /nginx\/[\d.]+/],
  haproxy: ["-v", /(?<=version )[\d.]+/],
  mitmdump: ["--version", /(?<=Mitmproxy: )[\d.]+/],
  curl: ["--version", /(?<=curl )[\d.]+/],
  wrk: ["-v", /(?<=wrk )\S+/],
};

/**
 * Describes this machine.
 *
 * @returns Cores, model of the processor, memory and kernel.
 */
export function describeMachine(): string {
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  const cores = `${availableParallelism()} cores of ${cpus()[0]?.model ?? arch()}`;
  return `${cores}, ${gigabytes} GiB of memory, ${system()} ${release()}`;
}

/**
 * Asks all programs for their versions.
 *
 * @returns A line for each program, also for those that are missing.
 */
export async function describeVersions(): Promise<readonly string[]> {
  const lines = [`sluice ${packageVersion(root)}${await commitOf(root)}`];
  for (const { name, program } of runtimes) {
    const version = program === null
      ? undefined
      : /\d+\.\d+\.\d+/.exec(await outputOf(program, ["--version"]))?.[0];
    lines.push(version === undefined ? `${name}: not installed` : `${name.split(" ")[0]} ${version}`);
  }
  for (const [name, [flag, pattern]] of Object.entries(programs)) {
    const program = findProgram(name);
    const version = program === null ? undefined : pattern.exec(await outputOf(program, [flag]))?.[0];
    lines.push(
      version === undefined ? `${name}: not installed` : `${name} ${version.replace(/^nginx./, "")}`,
    );
  }
  const mockttp = join(packagesFolder, "node_modules/mockttp");
  return [...lines, existsSync(mockttp) ? `mockttp ${packageVersion(mockttp)}` : "mockttp: not installed"];
}

/** The commit that a clone is at, as ` (1a2b3c4)`, with a `+` where something was changed since; nothing elsewhere. */
async function commitOf(folder: string): Promise<string> {
  if (!existsSync(join(folder, ".git"))) return "";
  const ask = async (...args: readonly string[]) => (await outputOf("git", ["-C", folder, ...args])).trim();
  const commit = await ask("rev-parse", "--short", "HEAD");
  const changed = await ask(
    "status",
    "--porcelain",
    "--untracked-files=no",
    "--",
    "lib",
    "transforms",
    "runtime-node",
    "runtime-deno",
  );
  return ` (${commit}${changed === "" ? "" : "+"})`;
}

function packageVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string };
  return version;
}
