import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Search } from "../../transforms/search.ts";
import { hasSimd, simdScan } from "../../transforms/simd-scan.ts";
import { bytes, randomNumbers, seed } from "../harness/splits.ts";

describe("simdScan", () => {
  it("is there on every runtime that the tests run on", () => {
    assert.equal(hasSimd(), true);
  });

  it("finds three bytes at every place of a chunk, and not beside it", () => {
    const probes = { bytes: [1, 2, 3], distances: [5, 9] } as const;
    for (const length of [10, 25, 26, 41, 300, 1034, 1035, 2100]) {
      const last = length - 10;
      for (let at = 0; at <= last; at += at < 40 || at > last - 40 ? 1 : 37) {
        const chunk = new Uint8Array(length);
        chunk[at] = 1;
        chunk[at + 5] = 2;
        chunk[at + 9] = 3;
        assert.equal(simdScan(chunk, 0, last, probes), at);
        assert.equal(simdScan(chunk, at, at, probes), at);
        assert.equal(simdScan(chunk, at + 1, last, probes), -1);
        assert.equal(simdScan(chunk, 0, at - 1, probes), -1);
        chunk[at + 5] = 3;
        assert.equal(simdScan(chunk, 0, last, probes), -1);
      }
    }
  });

  it("does not see what an earlier chunk left behind", () => {
    const probes = { bytes: [7, 7, 7], distances: [1, 2] } as const;
    assert.equal(simdScan(new Uint8Array(600).fill(7), 0, 597, probes), 0);
    assert.equal(simdScan(Uint8Array.of(0, 0, 7, 7), 0, 1, probes), -1);
  });

  it("sees as far as the greatest distance, from the last block", () => {
    const chunk = new Uint8Array(100_000);
    chunk[99_744] = 1;
    chunk[99_999] = 1;
    assert.equal(simdScan(chunk, 0, 99_744, { bytes: [1, 1, 1], distances: [255, 255] }), 99_744);
  });
});

describe("Search", () => {
  for (const simd of [true, false]) {
    const name = simd ? "with SIMD" : "without";
    it(`finds what indexOf finds, ${name}`, () => {
      const alphabets = fc.constantFrom("ab", "aab ", "etaoinshr ", "etaX{");
      const pieces = alphabets.chain((alphabet) => {
        const letters = (minLength: number, maxLength: number) =>
          fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
        return fc.tuple(fc.oneof(letters(1, 20), letters(200, 400)), letters(0, 90), fc.nat(2 ** 31));
      });
      fc.assert(
        fc.property(pieces, ([needle, noise, from]) => {
          const random = randomNumbers(from);
          let body = "";
          while (body.length < 2500) {
            const cut = Math.trunc(random() * needle.length);
            body += random() < 0.1
              ? needle
              : random() < 0.5
              ? needle.slice(cut)
              : noise + needle.slice(0, cut) + "-";
          }
          const search = new Search(bytes(needle), simd);
          const chunk = bytes(body);
          for (let at = 0; at >= 0;) {
            const expected = body.indexOf(needle, at);
            assert.equal(search.find(chunk, at), expected);
            at = expected < 0 ? -1 : expected + 1 + Math.trunc(random() * 50);
          }
        }),
        { seed, numRuns: 300 },
      );
    });
  }
});
