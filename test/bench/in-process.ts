// The transforms by themselves, without sockets, beside their peers, on each runtime: a process for each, which
// all take turns, case by case and round by round, so that what else happens on the machine falls on all alike.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Asked } from "./asked.ts";
import type { CaseName } from "./in-process-values.ts";
import { writeBetween } from "./markers.ts";
import { deno, root } from "./project.ts";
import { runToEnd } from "./programs.ts";
import { ensurePackages } from "./packages.ts";
import { peersFolder } from "./peers.ts";
import { type Figures, formatFigures, type MeasuredCase } from "./transform-tables.ts";
import { findRuntimes } from "./transform-runtimes.ts";

/** The page that the tables go to, and the script that measures. */
const PAGE: string = join(root, "docs/performance.md");
const SCRIPT: string = join(root, "dist/test/bench/in-process-values.js");

/** How many measurements do not count, until the code is compiled, and it is known how much is enough. */
const WARM_UPS = 4;

/** What `npm run bench -- transforms --help` prints. */
const USAGE = `Usage: npm run bench -- transforms [options]

  --rounds N     how often each case is measured on each runtime, all in turns (5)
  --only REGEXP  only the cases whose table, work or subject matches; writes nothing
  --write        write the tables into docs/performance.md
  --help         this text
`;

/**
 * Measures the transforms on all runtimes that are installed.
 *
 * @param args The arguments behind `transforms`.
 * @param progress Gets a line for each step.
 * @returns The tables, as text; or the usage, where that was asked for.
 * @throws {TypeError} If an option is unknown.
 * @throws {RangeError} If an option is out of range.
 */
export async function inProcess(args: readonly string[], progress: (line: string) => void): Promise<string> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string", default: "5" },
      only: { type: "string", default: "" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return USAGE;
  const rounds = Number(values.rounds);
  if (!Number.isSafeInteger(rounds) || rounds < 1) {
    throw new RangeError(
      `Cannot run --rounds as it must be a whole number of at least 1: got ${values.rounds}`,
    );
  }
  await ensurePackages(peersFolder);
  const figures = await measureAll(new RegExp(values.only, "i"), rounds, progress);
  const text = formatFigures(figures);
  if (!values.write || values.only !== "") return `${text}\n\nWrote nothing: --write without --only does\n`;
  writeFileSync(PAGE, writeBetween(readFileSync(PAGE, "utf8"), "transforms", text));
  if (deno !== null) await runToEnd(deno, ["fmt", "-q", PAGE]);
  return `${text}\n\nWrote docs/performance.md\n`;
}

async function measureAll(only: RegExp, rounds: number, progress: (line: string) => void): Promise<Figures> {
  const { found, missing } = await findRuntimes();
  const asked = found.map(({ name, command, args }) => ({
    name,
    process: new Asked(command, [...args, SCRIPT]),
  }));
  try {
    const names = await asked[0]?.process.ask("list") as readonly CaseName[];
    const cases: MeasuredCase[] = names.map((name) => ({ ...name, values: new Map(), wrong: new Map() }));
    const chosen = [...cases.entries()].filter(([, { table, work, by }]) =>
      only.test(`${table}: ${work}, ${by}`)
    );
    for (let round = 0; round <= rounds; round++) {
      progress(round === 0 ? "compare the output, and warm up" : `round ${round} of ${rounds}`);
      for (const [place, one] of chosen) {
        for (const { name, process } of asked) {
          if (round === 0) one.wrong.set(name, await process.ask(`check ${place}`) as number | null);
          for (let warm = 0; round === 0 && warm < WARM_UPS; warm++) await process.ask(`measure ${place}`);
          if (round === 0) continue;
          const value = await process.ask(`measure ${place}`) as number;
          one.values.set(name, [...one.values.get(name) ?? [], value]);
        }
      }
    }
    const runtimes = asked.map(({ name }) => name);
    return { rounds, runtimes, missing, cases: chosen.map(([, one]) => one) };
  } finally {
    for (const { process } of asked) process.end();
  }
}
