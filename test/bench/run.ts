// The benchmark: sluice beside other proxies, all between the same origin and the same clients, black boxes to
// be judged by what they cost. Tables go to standard output, progress to standard error.

import { mkdtempSync, rmSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, platform, tmpdir } from "node:os";
import { join } from "node:path";
import { writeBodies } from "./body.ts";
import { cpuSeconds } from "./cpu.ts";
import { inProcess } from "./in-process.ts";
import { measure } from "./measure.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { startOrigin } from "./origin.ts";
import { abandonAll, findProgram, stopAll } from "./programs.ts";
import { formatResults } from "./report.ts";
import { subjects } from "./subjects.ts";

const progress = (line: string): void => console.error(`bench: ${line}`);

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "transforms") return await runInProcess(args.slice(1));
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return 2;
  }
  if (!options.help) return await run(options) ? 0 : 1;
  process.stdout.write(USAGE);
  return 0;
}

/** Measures the transforms alone. */
async function runInProcess(args: readonly string[]): Promise<number> {
  try {
    console.log(await inProcess(args, progress));
    return 0;
  } catch (error) {
    progress(error instanceof Error ? error.message : String(error));
    return error instanceof RangeError || error instanceof TypeError ? 2 : 1;
  }
}

/** Runs everything that was asked for; tells whether nothing failed. */
async function run(options: Options): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  process.once("exit", () => {
    abandonAll();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stopAll().finally(() => process.exit(130)));
  }
  console.log(describeMachine(options));
  return await compareProxies(options, folder);
}

async function compareProxies(options: Options, folder: string): Promise<boolean> {
  const chosen = subjects.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) return true;
  progress("write the bodies and start the origin");
  const body = writeBodies(folder, options.size);
  const origin = await startOrigin(folder);
  try {
    const results = await measure(chosen, { originPort: origin.port, folder }, body, options, progress);
    console.log(formatResults(results));
    return results.every((result) => !result.failed);
  } finally {
    await stopAll();
  }
}

function describeMachine({ rounds, size, loadSeconds }: Options): string {
  const load = loadavg().map((value) => value.toFixed(2)).join(" ");
  const missing = ["curl", "wrk"].filter((name) => findProgram(name) === null);
  const lines = [
    `${availableParallelism()} x ${
      cpus()[0]?.model ?? arch()
    }, ${platform()}, Node ${process.versions.node}, load ${load}`,
    `${rounds} rounds, a body of ${size} bytes (1 GB = 1e9 bytes), ${loadSeconds} s of 1 kB requests`,
    ...missing.map((name) => `${name} is not installed: what it measures is missing`),
    ...(cpuSeconds(process.pid) === null ? ["there is no /proc: CPU time is missing"] : []),
  ];
  return `${lines.join("\n")}\n`;
}
