/** `npm run soak`: a long soak, or a very large body, and what came of it. Ends with 1 if something is not as it should be. */
import process from "node:process";
import { parseArgs } from "node:util";
import { passBigBody } from "./big-body.ts";
import { MiB, told } from "./measure.ts";
import { soak } from "./soak.ts";

const GiB = 1024 * MiB;
/** Below this the memory's slope says more about the heap's settling in than about leaks, in seconds. */
const LONG = 600;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "30" },
    seed: { type: "string" },
    big: { type: "boolean", default: false },
    gib: { type: "string", default: "10" },
  },
});

const failures = values.big ? await bigBody(Number(values.gib)) : await longSoak(Number(values.minutes) * 60);
for (const failure of failures) console.error(`FAILED: ${failure}`);
process.exit(failures.length === 0 ? 0 : 1);

async function bigBody(gib: number): Promise<string[]> {
  console.log(`Passing a body of ${gib} GiB through a chain of transforms`);
  const { received, seconds, resident, growth, slope } = await passBigBody(gib * GiB, 256 * MiB);
  console.log(`${told(received)} came in ${seconds.toFixed(1)} s, ${told(received / seconds)} a second`);
  console.log(`${told(resident)} resident; grew by ${told(growth)} at most, ${told(slope)} a GiB`);
  const failures: string[] = [];
  if (received < gib * GiB) failures.push("the body did not come whole");
  if (growth > 16 * MiB) failures.push(`the memory grew by ${told(growth)}: wanted 16 MiB at most`);
  return failures;
}

async function longSoak(seconds: number): Promise<string[]> {
  console.log(`Soaking for ${seconds} s`);
  const onSample = (sample: { at: number; resident: number; descriptors: number; scenes: number }) => {
    if (Math.round(sample.at) % Math.ceil(seconds / 30) !== 0) return;
    const { at, resident, descriptors, scenes } = sample;
    console.log(
      `${at.toFixed(0).padStart(6)} s  ${told(resident)}  ${descriptors} descriptors  ${scenes} scenes`,
    );
  };
  const report = await soak({
    seconds,
    onSample,
    ...values.seed !== undefined && { seed: Number(values.seed) },
  });
  const { played, wrong, descriptors: [before, after], heap: [clean, used], slope, self, code, seed } =
    report;
  console.log(`seed ${seed}`);
  for (const [name, count] of Object.entries(played)) console.log(`${String(count).padStart(8)}  ${name}`);
  console.log(`descriptors: ${before} before, ${after} after`);
  console.log(`memory: ${told(slope)} in ten minutes, by the line that fits the last two thirds best`);
  console.log(`heap without garbage: ${told(clean)} before, ${told(used)} after`);
  console.log(
    `event loop: late by ${self.loopP99.toFixed(1)} ms (p99), ${self.loopWorst.toFixed(1)} ms (worst)`,
  );
  console.log(`errors that nobody caught: ${self.stray} ${self.lastStray}`);
  const failures = [...wrong];
  if (after > before + 2) failures.push(`${after} descriptors are open after ${before} before`);
  if (self.stray > 0) failures.push(`nobody caught ${self.stray} errors`);
  if (used > clean + 8 * MiB) failures.push(`${told(used)} of heap are in use after ${told(clean)} before`);
  if (code !== 0) failures.push(`the proxy ended with ${code}`);
  if (seconds >= LONG && slope > MiB) failures.push(`the memory grows by ${told(slope)} in ten minutes`);
  return failures;
}
