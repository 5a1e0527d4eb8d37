import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CopiedRecords, type KeptRecords, OwnRecords, RECORD_BYTES } from "../../lib/kept-records.ts";
import { randomNumbers, seed } from "../harness/splits.ts";

const KiB = 1024;
const kinds: readonly (readonly [name: string, make: () => KeptRecords, shared: boolean])[] = [
  ["with memory of their own", () => new OwnRecords(), false],
  ["in shared memory", () => new CopiedRecords(), true],
];

for (const [name, make, shared] of kinds) {
  describe(`records ${name}`, () => {
    it(`come out as they came in, whoever waits, seed ${seed}`, () => {
      const random = randomNumbers(seed);
      const records = make();
      const scratch = new Uint8Array(RECORD_BYTES);
      const [sent, got]: Uint8Array[][] = [[], []];
      let lent: Uint8Array | null = null;
      // What is lent stays as it is until it is given back, whatever comes in between.
      const giveBack = () => {
        if (lent !== null) got!.push(lent.slice());
        lent = null;
        records.giveBack();
      };
      for (let i = 0; i < 2000; i++) {
        if (random() < 0.6) {
          const record = new Uint8Array(1 + Math.trunc(random() * RECORD_BYTES)).fill(i);
          sent!.push(record.slice());
          const given = shared ? scratch.subarray(0, record.length) : record;
          given.set(record);
          if (lent === null && records.bytes === 0 && random() < 0.5) lent = records.lend(given);
          else records.keep(given);
          if (shared) scratch.fill(0xff);
        } else {
          giveBack();
          if (records.bytes > 0) lent = records.take();
        }
      }
      giveBack();
      const rest = records.drain();
      assert.equal(records.bytes, 0);
      assert.ok(Buffer.concat([...got!, ...rest]).equals(Buffer.concat(sent!)));
    });

    it("are enough from 128 KiB on, are taken together, and go on to be kept beyond that", () => {
      const records = make();
      const record = new Uint8Array(RECORD_BYTES);
      for (let i = 0; i < 7; i++) records.keep(record);
      assert.deepEqual([records.bytes, records.enough], [112 * KiB, false]);
      for (let i = 0; i < 6; i++) records.keep(record);
      assert.ok(records.enough);
      assert.equal(records.take().length, 144 * KiB);
      records.giveBack();
      assert.deepEqual([records.bytes, records.enough], [64 * KiB, false]);
      assert.equal(records.take().length, 64 * KiB);
      assert.equal(records.bytes, 0);
    });
  });
}
