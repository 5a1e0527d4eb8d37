/** The harness must find what it is there to find. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Transformer } from "../../transforms/mod.ts";
import { assertSplits, bytes, cutAt, run, splits, text } from "../harness/splits.ts";

describe("the split harness", () => {
  it("cuts a body in every way without losing a byte", () => {
    const names = [];
    for (const [name, chunks] of splits(bytes("hello"))) {
      assert.equal(text(...chunks), "hello", name);
      names.push(name);
    }
    assert.equal(names.length, 28);
    assert.deepEqual(cutAt(bytes("hello"), [1, 1, 5]).map((chunk) => text(chunk)), ["h", "", "ello", ""]);
  });

  const faults: Readonly<Record<string, () => Transformer>> = {
    "keeps a reference to its input": () => {
      const held: Uint8Array[] = [];
      return {
        retains: false,
        transform: (chunk) => void held.push(chunk),
        flush: (controller) =>
          held.filter((chunk) => chunk.length > 0).forEach((chunk) => controller.enqueue(chunk)),
      };
    },
    "changes its input": () => ({
      transform(chunk, controller) {
        const given = chunk.slice();
        chunk.fill(0);
        if (given.length > 0) controller.enqueue(given);
      },
    }),
    "enqueues an empty chunk": () => ({ transform: (chunk, controller) => controller.enqueue(chunk) }),
    "changes what it has enqueued": () => {
      const one = new Uint8Array(1);
      return {
        transform(chunk, controller) {
          for (const byte of chunk) {
            one[0] = byte;
            controller.enqueue(one);
          }
        },
      };
    },
    "depends on the cuts": () => ({
      transform(chunk, controller) {
        if (chunk.length > 1) controller.enqueue(chunk);
      },
    }),
    "enqueues after it has terminated": () => ({
      transform(chunk, controller) {
        controller.terminate();
        controller.enqueue(chunk);
      },
    }),
  };
  for (const [name, make] of Object.entries(faults)) {
    it(`catches a transform that ${name}`, () => {
      assert.throws(() => assertSplits(make, "hello", "hello"), assert.AssertionError);
    });
  }

  it("lets a transform keep its input where it says so", () => {
    const held: Uint8Array[] = [];
    const keeper: Transformer = {
      transform: (chunk) => void held.push(chunk),
      flush: (controller) => held.forEach((chunk) => controller.enqueue(chunk)),
    };
    assert.equal(text(...run(keeper, [bytes("a"), bytes("b")]).pieces), "ab");
  });
});
