// The benchmark: sluice beside other proxies, all between the same origin and the same clients, black boxes to
// be judged by what they cost. Tables go to standard output, progress to standard error.

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { Bench, messageOf } from "./bench.ts";
import { inProcess } from "./in-process.ts";
import { describeMachine, describeVersions } from "./machine.ts";
import { type Options, parseOptions, USAGE } from "./options.ts";
import { ensurePackages, packagesFolder } from "./packages.ts";
import { writePage } from "./page.ts";
import { abandonAll, stopAll } from "./programs.ts";
import type { Run, WorkResult } from "./results.ts";
import { failures, measureWork } from "./rounds.ts";
import { formatTable } from "./table.ts";
import { notesOf, tablesOf, targetTable } from "./tables.ts";
import type { Work } from "./work.ts";
import { works } from "./works.ts";

const started = performance.now();
const progress = (line: string): void => {
  console.error(`bench ${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s: ${line}`);
};

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  if (args[0] === "transforms") return await runInProcess(args.slice(1));
  let options: Options;
  try {
    options = parseOptions(args);
  } catch (error) {
    progress(messageOf(error));
    return 2;
  }
  if (options.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  const chosen = works.filter(({ name }) => options.only.test(name));
  if (chosen.length === 0) {
    progress(`Cannot measure as --only must fit one of ${works.map(({ name }) => name).join(", ")}`);
    return 2;
  }
  if (!existsSync("/proc/self/stat")) {
    progress("Cannot measure as CPU time must be readable from /proc: run this on Linux");
    return 1;
  }
  return await run(chosen, options, ["npm run bench --", ...args].join(" ")) ? 0 : 1;
}

/** Measures the transforms alone. */
async function runInProcess(args: readonly string[]): Promise<number> {
  try {
    console.log(await inProcess(args, progress));
    return 0;
  } catch (error) {
    progress(messageOf(error));
    return error instanceof RangeError || error instanceof TypeError ? 2 : 1;
  }
}

/** Runs what was asked for; tells whether nothing failed. */
async function run(chosen: readonly Work[], options: Options, command: string): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "sluice-bench-"));
  process.once("exit", () => {
    abandonAll();
    rmSync(folder, { recursive: true, force: true });
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.once(signal, () => void stopAll().finally(() => process.exit(130)));
  }
  try {
    if (!await install() && options.write) return false;
    const circumstances: Run = {
      date: new Date().toISOString().slice(0, 10),
      machine: describeMachine(),
      versions: await describeVersions(),
      command,
      rounds: options.rounds,
      quick: options.quick,
    };
    console.log(`${circumstances.machine}\n${circumstances.versions.join(", ")}`);
    console.log(`${options.rounds} rounds, load ${loadavg().map((value) => value.toFixed(2)).join(" ")}\n`);
    const results = await measureAll(chosen, new Bench(options, folder, progress), circumstances);
    if (options.write) console.log(`Wrote ${(await writePage(works, results)).join(", ")}`);
    else console.log("Wrote nothing: --write puts this into docs/performance.md");
    return results.length === chosen.length && results.every((result) => failures(result).length === 0);
  } finally {
    await stopAll();
  }
}

/** Installs what plots and mockttp need, where it is missing; tells whether it is there. */
async function install(): Promise<boolean> {
  try {
    await ensurePackages(packagesFolder);
    return true;
  } catch (error) {
    progress(`${messageOf(error)}\nThere is no mockttp, and nothing that draws plots, which --write needs`);
    return false;
  }
}

async function measureAll(chosen: readonly Work[], bench: Bench, run: Run): Promise<readonly WorkResult[]> {
  const results: WorkResult[] = [];
  for (const work of chosen) {
    try {
      const result = await measureWork(work, bench, run);
      results.push(result);
      console.log(asText(work, result));
    } catch (error) {
      console.log(`${work.title}: not measured: ${messageOf(error)}\n`);
    }
  }
  const { header, rows } = targetTable(chosen, results);
  if (rows.length > 0) {
    console.log(`Targets: median (min–max)\n${formatTable(header, rows).replaceAll("**", "")}`);
  }
  return results;
}

function asText(work: Work, result: WorkResult): string {
  const tables = tablesOf(work, result).map(({ header, rows }) => formatTable(header, rows));
  const notes = notesOf(result).map((note) => `${note}\n`).join("");
  return `${work.title} (${work.name})\n${tables.join("\n")}${notes}`;
}
