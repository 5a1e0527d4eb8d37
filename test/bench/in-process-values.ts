/**
 * Measures the transforms in this process, one line of standard input at a time, so that other processes can take
 * turns with it: `list` tells the cases, `check N` whether the Nth gives the right bytes, `measure N` how fast it
 * is. The answer to each line is a line of JSON.
 */

import process from "node:process";
import { createInterface } from "node:readline";
import { concat } from "../../transforms/concat.ts";
import { loadPeers } from "./peers.ts";
import { cut } from "./transform-bodies.ts";
import { type Case, makeCases } from "./transform-cases.ts";

/** What is known of a case before it is measured. */
export type CaseName = Pick<Case, "table" | "work" | "by">;

/** How long a measurement is to take, in microseconds of CPU time: long beside a time slice. */
const AIM_MICROSECONDS = 50_000;

/** How much of a body is compared, and in pieces of which lengths, in bytes. */
const COMPARED_BYTES = 32 * 1024;
const CUTS: readonly number[] = [1, 7, 61, 1000, COMPARED_BYTES];

const cases = makeCases(await loadPeers());

/** How many chunks go through a case in one measurement. */
const counts = new Map<Case, number>();

/** Runs chunks through a case, the first again behind the last; tells the microseconds of CPU time for each. */
async function run({ open, chunks, work, by }: Case, count: number): Promise<number> {
  let length = 0;
  const worker = open((piece) => {
    length += piece.length;
  });
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) {
    const waits = worker.feed(chunks[i % chunks.length] as Uint8Array);
    if (waits !== undefined) await waits;
  }
  await worker.end();
  const { user, system } = process.cpuUsage(before);
  if (length === 0) throw new Error(`Cannot measure ${work} by ${by} as it must give bytes: got none`);
  return (user + system) / count;
}

/** Tells the bytes that go through a case in a nanosecond of CPU time, that is, 1e9 bytes in a second. */
async function measure(one: Case): Promise<number> {
  // What is coded ends with the last chunk.
  const unit = one.decode === undefined ? 1 : one.chunks.length;
  const count = counts.get(one) ?? unit;
  const time = await run(one, count);
  counts.set(one, Math.max(1, Math.round(AIM_MICROSECONDS / time / unit)) * unit);
  return one.bytes / one.chunks.length / time / 1000;
}

/** Tells how many ways of cutting a body gave a wrong output; `null` if it can't be compared. */
async function check({ open, chunks, expected, decode }: Case): Promise<number | null> {
  if (expected === undefined) return null;
  const whole = concat(chunks);
  const body = decode === undefined ? whole.subarray(0, COMPARED_BYTES) : whole;
  const wanted = expected(new TextDecoder().decode(decode?.(body) ?? body));
  let wrong = 0;
  for (const size of CUTS) {
    const pieces: Uint8Array[] = [];
    const worker = open((piece) => {
      pieces.push(typeof piece === "string" ? new TextEncoder().encode(piece) : piece.slice());
    });
    for (const chunk of cut(body, size)) await worker.feed(chunk);
    await worker.end();
    const output = concat(pieces);
    if (new TextDecoder().decode(decode?.(output) ?? output) !== wanted) wrong++;
  }
  return wrong;
}

/** Answers one line. */
async function answer(line: string): Promise<unknown> {
  const [verb, place] = line.split(" ");
  const one = cases[Number(place)];
  if (verb === "list") return cases.map(({ table, work, by }) => ({ table, work, by }));
  if (one === undefined) throw new RangeError(`Cannot answer as a line must name a case: got ${line}`);
  return verb === "check" ? await check(one) : await measure(one);
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(line)));
}
