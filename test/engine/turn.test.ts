import assert from "node:assert/strict";
import { it } from "node:test";
import { Turn } from "../../lib/turn.ts";

function make() {
  const steps: (() => void)[] = [];
  const clock = { now: 100 };
  const log: string[] = [];
  const turn = new Turn((step) => void steps.push(step), 4, () => clock.now);
  const run = () => {
    for (const step of steps.splice(0)) step();
  };
  return { steps, clock, log, turn, run };
}

it("goes on in a turn that has just begun, and in the next one when it has lasted", () => {
  const { steps, clock, log, turn, run } = make();
  turn.take(() => log.push("before it begins"));
  turn.begin();
  turn.begin();
  assert.equal(steps.length, 1, "a turn ends once");
  clock.now += 4;
  turn.take(() => log.push("at once"));
  clock.now += 1;
  assert.ok(turn.overdue());
  turn.take(() => log.push("later"));
  assert.deepEqual(log, ["before it begins", "at once"]);
  run();
  assert.deepEqual(log, ["before it begins", "at once", "later"]);
  assert.ok(!turn.overdue(), "a new turn has not lasted");
  turn.begin();
  clock.now += 5;
  turn.next(() => log.push("next"));
  assert.ok(turn.overdue());
  run();
  assert.equal(log.at(-1), "next");
});
