// Runs the rounds. All subjects are started first and stay up; a round visits each of them once, so that what
// else happens on the machine falls on all alike.

import type { Body } from "./body.ts";
import { download, load, needlesLeft, verify } from "./client.ts";
import { cpuSeconds } from "./cpu.ts";
import type { Surroundings } from "./launches.ts";
import { findProgram, type Program, startProgram } from "./programs.ts";
import type { Subject } from "./subjects.ts";

/** What was measured of one subject, one value a round. */
export interface Result {
  readonly subject: Subject;
  /** What went wrong. */
  readonly notes: string[];
  /** CPU seconds per 1e9 bytes that the client got. */
  readonly cpuPerGigabyte: number[];
  /** 1e6 bytes per second, as the client saw it. */
  readonly megabytesPerSecond: number[];
  readonly requestsPerSecond: number[];
  /** CPU microseconds for one request. */
  readonly cpuPerRequest: number[];
  failed: boolean;
}

/** How much is measured. */
export interface Plan {
  readonly rounds: number;
  /** The time of one run of wrk, in whole seconds. */
  readonly loadSeconds: number;
}

interface Running {
  readonly result: Result;
  readonly program: Program;
}

interface Clients {
  readonly curl: string | null;
  readonly wrk: string | null;
}

/**
 * Measures all subjects.
 *
 * @param subjects The subjects, in the order of their turns.
 * @param surroundings Origin and folder.
 * @param body What the origin serves.
 * @param plan How much.
 * @param progress Gets a line for each step.
 * @returns A result for each subject, also for those that are missing or failed.
 */
export async function measure(
  subjects: readonly Subject[],
  surroundings: Omit<Surroundings, "program">,
  body: Body,
  plan: Plan,
  progress: (line: string) => void,
): Promise<readonly Result[]> {
  const clients = { curl: findProgram("curl"), wrk: findProgram("wrk") };
  const results = subjects.map(emptyResult);
  const all: Running[] = [];
  for (const result of results) {
    await attempt(result, async () => {
      const { program: path, launch } = result.subject;
      if (path === null) return;
      progress(`start and warm up: ${result.subject.name}`);
      const program = await startProgram(await launch({ ...surroundings, program: path }));
      await warmUp({ result, program }, clients, body);
      all.push({ result, program });
    });
  }
  for (let round = 1; round <= plan.rounds; round++) {
    for (const running of all) {
      if (running.result.failed) continue;
      progress(`round ${round} of ${plan.rounds}: ${running.result.subject.name}`);
      await attempt(running.result, async () => {
        if (clients.curl !== null) await measureLargeBody(running, clients.curl, body);
        if (clients.wrk !== null) await measureRequests(running, clients.wrk, plan.loadSeconds);
      });
    }
  }
  await Promise.all(all.map(({ program }) => program.stop()));
  return results;
}

function emptyResult(subject: Subject): Result {
  return {
    subject,
    notes: [],
    cpuPerGigabyte: [],
    megabytesPerSecond: [],
    requestsPerSecond: [],
    cpuPerRequest: [],
    failed: false,
  };
}

/** A subject that fails says so in its row and takes no further part: the others are still worth seeing. */
async function attempt(result: Result, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    result.failed = true;
    result.notes.push(error instanceof Error ? error.message : String(error));
  }
}

async function warmUp({ result, program }: Running, clients: Clients, body: Body): Promise<void> {
  const { modifies, misses = false } = result.subject;
  if (clients.curl !== null) {
    const { bytes, correct } = await verify(clients.curl, program.port, body, modifies);
    const left = needlesLeft(body, bytes);
    if (!correct && !(misses && left > 0)) throw new Error(`Wrong output: ${bytes} bytes of another content`);
    if (!correct) result.notes.push(`wrong output: ${left} of ${body.needles} needles missed`);
  }
  if (clients.wrk !== null) await load(clients.wrk, program.port, 1);
}

async function measureLargeBody({ result, program }: Running, curl: string, body: Body): Promise<void> {
  const { modifies, misses = false } = result.subject;
  const before = cpuSeconds(program.pid);
  const { bytes, seconds } = await download(curl, program.port);
  const after = cpuSeconds(program.pid);
  const wanted = modifies ? body.modifiedSize : body.size;
  if (bytes !== wanted && !misses) throw new Error(`Wrong output: ${bytes} bytes, not ${wanted}`);
  result.megabytesPerSecond.push(bytes / seconds / 1e6);
  if (before !== null && after !== null) result.cpuPerGigabyte.push((after - before) / (bytes / 1e9));
}

async function measureRequests({ result, program }: Running, wrk: string, seconds: number): Promise<void> {
  const before = cpuSeconds(program.pid);
  const { requests, perSecond } = await load(wrk, program.port, seconds);
  const after = cpuSeconds(program.pid);
  result.requestsPerSecond.push(perSecond);
  if (before !== null && after !== null) result.cpuPerRequest.push((after - before) / requests * 1e6);
}
