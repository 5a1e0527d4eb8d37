/**
 * Where zstd's frames end, by frames made by hand: every kind of head, every kind of block.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodingError } from "../../lib/errors.ts";
import { ZstdFrames } from "../../lib/zstd-frames.ts";
import { concat } from "./oracles.ts";

const magic = [0x28, 0xb5, 0x2f, 0xfd];

/** A block's header: its size, its kind, and whether it is the last one. */
function block(size: number, kind: number, last: boolean): number[] {
  const header = size * 8 + kind * 2 + (last ? 1 : 0);
  return [header & 0xff, (header >> 8) & 0xff, header >> 16];
}

const filler = (count: number): number[] => Array.from({ length: count }, () => 0x28);

const frames: Readonly<Record<string, number[]>> = {
  "a window, an empty raw block": [...magic, 0x00, 0x58, ...block(0, 0, true)],
  "a single segment with a size of 1 byte": [...magic, 0x20, 5, ...block(5, 0, true), ...filler(5)],
  "a size of 2 bytes": [...magic, 0x60, 0, 1, ...block(300, 0, true), ...filler(300)],
  "a size of 4 bytes, a window": [...magic, 0x80, 0x58, 1, 0, 0, 0, ...block(1, 0, true), 1],
  "a size of 8 bytes": [...magic, 0xe0, 1, 0, 0, 0, 0, 0, 0, 0, ...block(1, 0, true), 1],
  "a dictionary of 4 bytes": [...magic, 0x03, 0x58, 1, 2, 3, 4, ...block(1, 0, true), 1],
  "a checksum": [...magic, 0x04, 0x58, ...block(2, 0, true), 1, 2, ...filler(4)],
  "blocks of all kinds": [
    ...magic,
    0x00,
    0x58,
    ...block(3, 0, false),
    1,
    2,
    3,
    ...block(100_000, 1, false),
    7,
    ...block(70_000, 2, false),
    ...filler(70_000),
    ...block(0, 0, true),
  ],
  "a frame to skip": [0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3],
  "an empty frame to skip": [0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0],
};

describe("frames of zstd", () => {
  for (const [name, frame] of Object.entries(frames)) {
    const bytes = Uint8Array.from(frame);

    it(`end where they end: ${name}`, () => {
      const walker = new ZstdFrames();
      const body = concat([bytes, bytes.subarray(0, 3)]);
      assert.equal(walker.advance(body, 0), bytes.length);
      assert.equal(walker.whole, true);
      assert.equal(walker.advance(body, bytes.length), body.length);
      assert.equal(walker.whole, false);
    });

    it(`end nowhere else, byte by byte: ${name}`, () => {
      const walker = new ZstdFrames();
      for (let i = 0; i < bytes.length - 1; i++) {
        walker.advance(bytes.subarray(i, i + 1), 0);
        if (walker.whole) assert.fail(`whole after ${i + 1} bytes`);
      }
      walker.advance(bytes.subarray(-1), 0);
      assert.equal(walker.whole, true);
    });
  }

  it("are refused where there is no frame, and where a block's kind is not known", () => {
    for (
      const wrong of [[0, 0, 0, 0], [0x28, 0xb5, 0x2f, 0xfe], [...magic, 0x00, 0x58, ...block(0, 3, true)]]
    ) {
      assert.throws(() => new ZstdFrames().advance(Uint8Array.from(wrong), 0), CodingError);
    }
  });
});
