/** A short soak; `npm run soak` is the long one. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { MiB, told } from "./measure.ts";
import { soak } from "./soak.ts";

const SECONDS = 10;

it(`${SECONDS} s of mixed traffic with every kind of failure: all goes as it should, and nothing is left open`, async (t) => {
  const report = await soak({ seconds: SECONDS });
  const { seed, played, wrong, descriptors: [before, after], heap: [clean, used], self, code } = report;
  const scenes = Object.values(played).reduce((sum, count) => sum + count, 0);
  t.diagnostic(
    `seed ${seed}: ${scenes} scenes, ${told(clean)} of heap before and ${told(used)} after, late by ${
      self.loopP99.toFixed(1)
    } ms (p99)`,
  );
  assert.deepEqual(wrong, [], `seed ${seed}`);
  assert.deepEqual([self.stray, self.lastStray, code], [0, "", 0]);
  assert.ok(after <= before + 2, `${after} descriptors are open after ${before} before`);
  assert.ok(used < clean + 8 * MiB, `${told(used)} of heap are in use after ${told(clean)} before`);
  assert.ok(scenes > 50, `${scenes} scenes were played`);
});
