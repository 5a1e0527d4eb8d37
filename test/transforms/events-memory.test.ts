import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { mapEvents } from "../../transforms/mod.ts";
import { bytes } from "../harness/splits.ts";

describe("an event of millions of lines", () => {
  const lines = 2_000_000;
  const block = bytes("data\n".repeat(lines) + "\n");
  const none = { enqueue() {}, terminate() {} };

  it("takes no object for each of them, where its data is read, and where it is assigned", () => {
    let grown = 0;
    const before = process.memoryUsage().heapUsed;
    const transform = mapEvents((event) => {
      assert.equal(event.data.length, lines - 1);
      event.data = "\n".repeat(lines) + "x";
      assert.equal(event.data.length, lines + 1);
      grown = process.memoryUsage().heapUsed - before;
    });
    transform.transform(block, none);
    transform.flush?.(none);
    assert.ok(grown < 100 * 2 ** 20, `${grown / 2 ** 20} MiB`);
  });
});
