import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LineEnds } from "../../transforms/line-ends.ts";
import { randomNumbers, seed } from "../harness/splits.ts";

/** The indices of all CRs and LFs. */
function placesIn(chunk: Uint8Array): number[] {
  return [...chunk.keys()].filter((at) => chunk[at] === 10 || chunk[at] === 13);
}

/** What `next` finds, asked for again and again behind what it found. */
function walk(ends: LineEnds, chunk: Uint8Array): number[] {
  const found: number[] = [];
  ends.open(chunk);
  for (let at = ends.next(0); at < chunk.length; at = ends.next(at + 1)) found.push(at);
  return found;
}

describe("LineEnds", () => {
  const random = randomNumbers(seed);
  // Bytes from 0 on, so that what lies behind a shorter block in shared memory often looks like line ends.
  const chunks = [0, 1, 15, 16, 255, 256, 257, 300, 16_384, 16_385, 16_640, 40_000].flatMap((length) =>
    [16, 64, 256].map((values) => Uint8Array.from({ length }, () => Math.trunc(random() * values)))
  );

  for (const simd of [true, false]) {
    it(`finds every CR and LF ${simd ? "by SIMD where there is any" : "byte by byte"} (seed ${seed})`, () => {
      const ends = new LineEnds(simd);
      for (const chunk of chunks) assert.deepEqual(walk(ends, chunk), placesIn(chunk));
    });
  }

  it("finds a chunk full of them, and a chunk without one", () => {
    const ends = new LineEnds();
    for (const byte of [10, 13, 11]) {
      const chunk = new Uint8Array(33_000).fill(byte);
      assert.deepEqual(walk(ends, chunk), placesIn(chunk));
    }
  });

  it("keeps its list while another one looks at another chunk", () => {
    const [one, other] = [new LineEnds(), new LineEnds()];
    const chunk = new Uint8Array(1000).fill(10, 500);
    one.open(chunk);
    assert.equal(one.next(0), 500);
    walk(other, new Uint8Array(1000).fill(13));
    assert.deepEqual([one.next(0), one.next(501), one.next(700), one.next(1000)], [500, 501, 700, 1000]);
  });

  it("finds what lies beyond blocks that were not asked for", () => {
    const ends = new LineEnds();
    const chunk = new Uint8Array(50_000).fill(10);
    ends.open(chunk);
    assert.deepEqual([ends.next(5), ends.next(40_000), ends.next(49_999)], [5, 40_000, 49_999]);
  });
});
