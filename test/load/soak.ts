/**
 * The soak: mixed traffic through a proxy in a process of its own for as long as one likes, with every scene held to what
 * should come of it, and the process watched from outside.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { root } from "../harness/project.ts";
import { openDescriptors, residentBytes, settled, slopeOf } from "./measure.ts";
import { startSoakOrigin } from "./soak-origin.ts";
import type { SelfReport } from "./soak-proxy.ts";
import { Dice, type Places, scenes } from "./soak-traffic.ts";

/** What a soak is. */
export interface SoakOptions {
  /** How long it takes, in seconds. */
  readonly seconds: number;
  /** How many clients there are at a time; default 24. */
  readonly clients?: number;
  /** Where chance begins; default the time. */
  readonly seed?: number;
  /** Called with each sample. */
  readonly onSample?: (sample: Sample) => void;
}

/** What was seen of the proxy's process at a time. */
export interface Sample {
  /** When, in seconds from the beginning. */
  readonly at: number;
  /** The memory in use, in bytes. */
  readonly resident: number;
  /** The descriptors that are open. */
  readonly descriptors: number;
  /** How many scenes have been played. */
  readonly scenes: number;
}

/** What came of a soak. */
export interface SoakReport {
  /** Where chance began. */
  readonly seed: number;
  /** How often each scene was played. */
  readonly played: Readonly<Record<string, number>>;
  /** What went otherwise than it should: the first few. */
  readonly wrong: readonly string[];
  /** The descriptors before, and after the last connection could have gone. */
  readonly descriptors: readonly [before: number, after: number];
  /** The bytes of the heap in use before and after, without garbage. */
  readonly heap: readonly [before: number, after: number];
  /** How fast the memory grew after the first third, in bytes for each ten minutes. */
  readonly slope: number;
  /** The samples, a second apart. */
  readonly samples: readonly Sample[];
  /** What the proxy says of itself. */
  readonly self: SelfReport;
  /** Its exit code. */
  readonly code: number | null;
}

/** A connection to the origin is kept for a second; what is still there when nothing has changed for longer stays. */
const KEPT_MS = 2_500;

/** Nobody listens on it, nor is given it by chance within a long soak as a port that was free at its beginning could be. */
const NOWHERE = 1;

/** Soaks a proxy. */
export async function soak(options: SoakOptions): Promise<SoakReport> {
  const { seconds, clients = 24, seed = Date.now() | 0, onSample } = options;
  const origin = await startSoakOrigin();
  const proxy = new SoakedProxy();
  try {
    const places: Places = { proxy: Number(await proxy.line()), origin, nowhere: NOWHERE };
    const { pid } = proxy;
    // Runtimes open some things when they first need them: each scene is played once before anything counts.
    for (const [name, scene] of Object.entries(scenes)) await play(places, new Dice(seed), { [name]: scene });
    const before = await settled(() => openDescriptors(pid), KEPT_MS);
    const { heap } = await proxy.ask();
    const traffic = new Traffic(places, seed);
    const samples: Sample[] = [];
    const begun = performance.now();
    const sampling = setInterval(() => {
      const at = (performance.now() - begun) / 1000;
      samples.push({
        at,
        resident: residentBytes(pid),
        descriptors: openDescriptors(pid),
        scenes: traffic.count,
      });
      onSample?.(samples.at(-1)!);
    }, 1000);
    await traffic.run(clients, seconds);
    clearInterval(sampling);
    const { loopP99, loopWorst } = await proxy.ask();
    const after = await settled(() => openDescriptors(pid), KEPT_MS);
    const self = { ...await proxy.ask(), loopP99, loopWorst };
    const steady = samples.slice(Math.floor(samples.length / 3));
    const slope = 600 * slopeOf(steady.map(({ at, resident }) => [at, resident]));
    const { played, wrong } = traffic;
    return {
      seed,
      played,
      wrong,
      descriptors: [before, after],
      heap: [heap, self.heap],
      slope,
      samples,
      self,
      code: await proxy.end(),
    };
  } finally {
    await proxy.kill();
    await origin.close();
  }
}

/** Plays one scene, by chance. */
async function play(places: Places, dice: Dice, among: typeof scenes): Promise<string> {
  const rows = Object.entries(among);
  let rest = dice.roll(rows.reduce((sum, [, [weight]]) => sum + weight, 0));
  const [name, [, scene]] = rows.find(([, [weight]]) => (rest -= weight) < 0)!;
  try {
    await scene(places, dice);
  } catch (error) {
    throw new Error(`${name}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return name;
}

/** Clients that play scenes one after the other. */
class Traffic {
  readonly played: Record<string, number> = Object.fromEntries(Object.keys(scenes).map((name) => [name, 0]));
  readonly wrong: string[] = [];
  count = 0;
  #places: Places;
  #seed: number;

  constructor(places: Places, seed: number) {
    this.#places = places;
    this.#seed = seed;
  }

  async run(clients: number, seconds: number): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    await Promise.all(Array.from({ length: clients }, async (_, client) => {
      const dice = new Dice(this.#seed + client * 7919);
      while (performance.now() < deadline && this.wrong.length < 20) await this.#one(dice);
    }));
  }

  async #one(dice: Dice): Promise<void> {
    try {
      this.played[await play(this.#places, dice, scenes)]!++;
    } catch (error) {
      this.wrong.push((error as Error).message);
    }
    this.count++;
  }
}

/** The process of the proxy. */
class SoakedProxy {
  #child: ChildProcess;
  #lines: AsyncIterator<string>;
  #ended: Promise<number | null>;

  constructor() {
    const [program, ...args] = "Deno" in globalThis
      ? [
        process.execPath,
        "run",
        "-A",
        "--no-check",
        "--v8-flags=--expose-gc",
        pathOf("test/load/soak-proxy.ts"),
      ]
      : [process.execPath, "--expose-gc", pathOf("dist/test/load/soak-proxy.js")];
    this.#child = spawn(program!, args, { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    this.#ended = once(this.#child, "exit").then(([code]) => code as number | null);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error("The proxy that is soaked has ended");
    return value;
  }

  async ask(): Promise<SelfReport> {
    this.#child.stdin!.write("report\n");
    return JSON.parse(await this.line()) as SelfReport;
  }

  end(): Promise<number | null> {
    this.#child.stdin!.write("end\n");
    return this.#ended;
  }

  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }
}

function pathOf(path: string): string {
  return fileURLToPath(new URL(path, root));
}
