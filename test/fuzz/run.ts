/**
 * Fuzzes until so many inputs were played, and says what was found, how fast, and what was reached.
 *
 *     npm run fuzz -- [--inputs N] [--seed N] [--only TARGET]
 *
 * A failure is made small and written to test/vectors/found, where a test plays it for ever; the run ends with it.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { Coverage } from "./coverage.ts";
import type { Fuzzer } from "./fuzzer.ts";

const { values } = parseArgs({
  options: {
    inputs: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Math.trunc(Math.random() * 2 ** 31)) },
    only: { type: "string" },
  },
});
const inputs = Number(values.inputs);
const seed = Number(values.seed);

const coverage = await Coverage.start();
// What is to be watched is loaded now.
const { Fuzzer: FuzzerOf } = await import("./fuzzer.ts");
const { writeFound } = await import("./found.ts");
const { targets } = await import("./targets.ts");

const chosen = targets.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  throw new RangeError(
    `Cannot fuzz ${values.only} as a target must be one of ${targets.map(({ name }) => name).join(", ")}`,
  );
}
const shares = chosen.reduce((sum, { share }) => sum + share, 0);
console.log(`seed ${seed}`);

let failed = false;
for (const target of chosen) {
  const fuzzer = new FuzzerOf(target, seed);
  const start = performance.now();
  const failure = await fuzzer.run(Math.ceil(inputs * target.share / shares));
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${target.name}: ${fuzzer.inputs} inputs in ${seconds.toFixed(1)} s (${
      Math.round(fuzzer.inputs / seconds)
    } a second), ${fuzzer.reached.size} different outcomes`,
  );
  for (const line of endings(fuzzer)) console.log(`  ${line}`);
  if (failure === null) continue;
  failed = true;
  console.error(failure.error);
  console.error(`FAILED on input ${failure.index}: ${await writeFound(target, failure)}`);
}

// The compiled files lie beside this one.
const compiled = new URL("../../", import.meta.url);
const covered = await coverage.stop(compiled);
for (const folder of ["lib/h1/", "transforms/"]) {
  const files = covered.filter(({ file }) => file.startsWith(folder));
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const run = files.reduce((sum, file) => sum + file.run, 0);
  console.log(`${folder}: ${(100 * run / size).toFixed(1)} % of the code has run; not in:`);
  for (const { file, missed } of files) {
    if (missed.length > 0) {
      console.log(
        `  ${file.slice(folder.length).padEnd(24)} ${missed.length} lines: ${missed.slice(0, 12).join(" ")}`,
      );
    }
  }
}
process.exitCode = failed ? 1 : 0;

/** How readings ended, the most frequent first. */
function endings(fuzzer: Fuzzer): string[] {
  const counts = new Map<string, number>();
  for (const [outcome, times] of fuzzer.reached) {
    const ending = / \| (.*)$/.exec(outcome)?.[1];
    if (ending !== undefined) counts.set(ending, (counts.get(ending) ?? 0) + times);
  }
  return [...counts].sort((a, b) => b[1] - a[1]).map(([ending, times]) =>
    `${String(times).padStart(8)}  ${ending}`
  );
}
