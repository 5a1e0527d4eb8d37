/** A large body through a chain of transforms: the memory does not grow with it. `npm run soak -- --big` takes 10 GiB. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { passBigBody } from "./big-body.ts";
import { MiB, told } from "./measure.ts";

const SIZE = 768 * MiB;
const WARM_UP = 256 * MiB;

it(`a body of ${told(SIZE)} that is changed on its way takes no more memory than its beginning`, async (t) => {
  const { received, growth, slope, resident, seconds } = await passBigBody(SIZE, WARM_UP);
  t.diagnostic(
    `${seconds.toFixed(1)} s, ${told(resident)} resident, grew by ${told(growth)}, ${told(slope)} a GiB`,
  );
  assert.ok(received > SIZE, "all of it came, with its frames");
  assert.ok(growth <= 16 * MiB, `the memory grew by ${told(growth)}`);
});
