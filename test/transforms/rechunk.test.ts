import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { rechunk, type RechunkOptions } from "../../transforms/mod.ts";
import { assertSplits, bytes, cutEvery, run, splits, text } from "../harness/splits.ts";

const letters = "abcdefghijklmnopqrstuvwxyz";

function sizes(chunks: readonly Uint8Array[], size: number, options?: RechunkOptions): number[] {
  return run(rechunk(size, options), chunks).pieces.map((piece) => piece.length);
}

describe("rechunk", () => {
  for (const exact of [false, true]) {
    for (const size of [1, 2, 5, 26, 27, 4096]) {
      it(`changes no byte, size ${size}, exact ${exact}`, () => {
        assertSplits(() => rechunk(size, { exact }), letters, letters);
      });
    }
  }

  it("cuts what is larger, and passes on at once what is not", () => {
    assert.deepEqual(sizes([bytes(letters), bytes("abc"), bytes("de")], 10), [10, 10, 6, 3, 2]);
    assert.deepEqual(run(rechunk(10), [bytes("a"), bytes(letters), bytes("b")]).counts, [1, 4, 5]);
  });

  it("makes pieces of 4096 bytes unless told otherwise", () => {
    const { pieces } = run(rechunk(), [new Uint8Array(10_000)]);
    assert.deepEqual(pieces.map((piece) => piece.length), [4096, 4096, 1808]);
  });

  it("makes pieces of the same size with exact, however the body is cut", () => {
    for (const [name, chunks] of splits(bytes(letters))) {
      assert.deepEqual(sizes(chunks, 8, { exact: true }), [8, 8, 8, 2], name);
    }
  });

  it("holds less than a piece with exact", () => {
    for (const [name, chunks] of splits(bytes(letters))) {
      const { pieces, counts } = run(rechunk(8, { exact: true }), chunks);
      let given = 0;
      counts.forEach((count, index) => {
        given += (chunks[index] as Uint8Array).length;
        assert.equal(text(...pieces.slice(0, count)).length, given - given % 8, name);
      });
    }
  });

  it("passes whole pieces on as subarrays, and a chunk that is one as it is", () => {
    for (const exact of [false, true]) {
      const out: Uint8Array[] = [];
      const transform = rechunk(4, { exact });
      const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
      const one = bytes("abcd");
      const two = bytes("abcdefgh");
      transform.transform(one, controller);
      transform.transform(two, controller);
      assert.equal(out[0], one);
      assert.deepEqual(out.slice(1).map((piece) => piece.buffer === two.buffer), [true, true]);
    }
  });

  it("copies each byte once into pieces much larger than the chunks", (t) => {
    let copied = 0;
    const set = Uint8Array.prototype.set;
    t.mock.method(Uint8Array.prototype, "set", function (this: Uint8Array, source: Uint8Array, at?: number) {
      copied += source.length;
      set.call(this, source, at);
    });
    const transform = rechunk(1 << 18, { exact: true });
    const lengths: number[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void lengths.push(chunk.length), terminate() {} };
    for (const chunk of cutEvery(new Uint8Array((1 << 20) + 5), 64)) transform.transform(chunk, controller);
    transform.flush?.(controller);
    assert.deepEqual(lengths, [1 << 18, 1 << 18, 1 << 18, 1 << 18, 5]);
    assert.equal(copied, (1 << 20) + 5);
  });

  it("lets go of what it holds when it is cancelled", () => {
    const transform = rechunk(8, { exact: true });
    const out: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
    transform.transform(bytes("abc"), controller);
    transform.cancel?.(new Error("gone"));
    transform.flush?.(controller);
    assert.deepEqual(out, []);
  });

  for (const size of [0, -1, 1.5, NaN, Infinity]) {
    it(`refuses a size of ${size}`, () => {
      assert.throws(() => rechunk(size), {
        name: "RangeError",
        message: `Cannot rechunk as the size must be a whole number of bytes, 1 or more: got ${size}`,
      });
    });
  }

  it("refuses a size that is no number", () => {
    assert.throws(() => rechunk("8" as unknown as number), TypeError);
  });
});
