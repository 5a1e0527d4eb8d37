/**
 * Plays all cases against one proxy: most side by side, what would disturb the others by itself.
 */
import type { Case } from "./cases.ts";
import { judge } from "./judge.ts";
import { octetsOf, type Places } from "./octets.ts";
import { type Origin, tokenOf } from "./origin.ts";
import { playCase } from "./play.ts";
import type { Verdict } from "./verdict.ts";

/** How many cases are played at a time. They wait more than they work. */
const BESIDE = 24;
const HEAVY_BESIDE = 2;

/** A proxy under test, and the origin it forwards to. */
export interface Stage {
  readonly origin: Origin;
  readonly setting: Omit<Places, "token">;
}

/** Why each case that failed did, by its id. */
export type Failures = Map<string, string>;

/** Plays cases, and tells which failed. */
export async function runCases(cases: readonly Case[], stage: Stage): Promise<Failures> {
  const failures: Failures = new Map();
  const run = async (play: Case) => {
    const verdict = await playAndJudge(play, stage);
    if (verdict !== null) failures.set(play.id, verdict);
  };
  const alone = cases.filter(isSerial);
  const cut = cases.filter((play) => !isSerial(play) && play.eachSplit !== undefined);
  const others = cases.filter((play) => !isSerial(play) && play.eachSplit === undefined);
  await sideBySide(others.filter(({ heavy }) => heavy !== true), BESIDE, run);
  await sideBySide(others.filter(({ heavy }) => heavy === true), HEAVY_BESIDE, run);
  for (const play of [...cut, ...alone]) await run(play);
  return failures;
}

/** A case whose origin keeps connections may hand one on to the next case, which must not be its neighbour. */
function isSerial({ serial, keep, origin }: Case): boolean {
  return serial === true || keep === true ||
    Object.values(origin ?? {}).some((answer) => answer.keep === true);
}

async function sideBySide<Item>(
  items: readonly Item[],
  count: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: count }, worker));
}

/** Plays a case, once for each place to cut where it asks for that. */
async function playAndJudge(play: Case, { origin, setting }: Stage): Promise<Verdict> {
  if (play.eachSplit === undefined) return judge(await playCase(play, origin, setting));
  const { length } = octetsOf(play.eachSplit, { ...setting, token: tokenOf(0) });
  let worst: Verdict = null;
  await sideBySide(Array.from({ length: length - 1 }, (_, i) => i + 1), BESIDE, async (cut) => {
    if (worst !== null) return;
    const verdict = judge(await playCase(play, origin, setting, cut));
    if (verdict !== null) worst = `cut at ${cut}: ${verdict}`;
  });
  return worst;
}
