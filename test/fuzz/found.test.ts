/** What the fuzzer has found once holds for ever; and what it finds is made small, and can be played again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readFound } from "./found.ts";
import { minimise } from "./minimise.ts";
import { targets } from "./targets.ts";

describe("what was found", () => {
  for (const [file, found] of readFound()) {
    it(`${file}: ${found.expected}`, async () => {
      const target = targets.find(({ name }) => name === found.target);
      assert(target !== undefined, `${found.target} must be a target`);
      await target.check(found);
    });
  }
});

describe("minimise", () => {
  it("leaves what fails, and nothing else", async () => {
    const input = {
      octets: "GET / HTTP/1.1\r\nHost: a\r\n\r\n".repeat(5),
      settings: { cuts: [1, 5, 9, 70], fin: true },
    };
    const fails = ({ octets, settings }: typeof input): Promise<boolean> => {
      return Promise.resolve(/G.*H.*a/s.test(octets) && settings.cuts.includes(9));
    };
    assert.deepEqual(await minimise(input, (small) => fails(small as typeof input)), {
      octets: "GHa",
      settings: { cuts: [9], fin: true },
    });
  });

  it("keeps what can't be made smaller", async () => {
    const input = { octets: "abc", settings: { cuts: [] } };
    assert.equal(await minimise(input, ({ octets }) => Promise.resolve(octets === "abc")), input);
  });
});
