/** A short soak; `npm run soak` is the long one. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { told } from "./measure.ts";
import { soak } from "./soak.ts";

const SECONDS = 10;

it(`${SECONDS} s of mixed traffic with every kind of failure: all goes as it should, and nothing is left open`, async (t) => {
  const { seed, played, wrong, descriptors: [before, after], slope, self, code } = await soak({
    seconds: SECONDS,
  });
  const scenes = Object.values(played).reduce((sum, count) => sum + count, 0);
  t.diagnostic(
    `seed ${seed}: ${scenes} scenes, ${told(slope)} in ten minutes, late by ${
      self.loopP99.toFixed(1)
    } ms (p99)`,
  );
  assert.deepEqual(wrong, [], `seed ${seed}`);
  assert.deepEqual([self.stray, self.lastStray, code], [0, "", 0]);
  assert.ok(after <= before + 2, `${after} descriptors are open after ${before} before`);
  assert.ok(scenes > 50, `${scenes} scenes were played`);
});
