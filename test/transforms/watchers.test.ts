/** What all transforms have in common that hand on what they get: no byte held, none copied, nothing delayed. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import {
  append,
  compose,
  crc32,
  hash,
  meter,
  prepend,
  progress,
  record,
  tap,
  type Transformer,
} from "../../transforms/mod.ts";
import { bytes, cutEvery, run, text } from "../harness/splits.ts";

const make: Readonly<Record<string, () => Transformer>> = {
  "tap": () => tap({}),
  "progress": () => progress(() => {}, { every: 1 }),
  "meter": () => meter(),
  "hash with crc32": () => hash(crc32(), () => {}),
  "hash with node:crypto": () => hash(createHash("sha256"), (sha) => void sha.digest()),
  "record": () => record(() => {}),
  "record that leaves out": () => record(() => new Promise(() => {}), { maxWaitingBytes: 1, onFull: "drop" }),
  "prepend nothing": () => prepend(""),
  "append": () => append(""),
  "all of them": () =>
    compose(
      tap({}),
      progress(() => {}),
      meter(),
      hash(crc32(), () => {}),
      record(() => {}),
      prepend(""),
      append(""),
    ),
};

describe("a transform that hands on what it gets", () => {
  for (const [name, transform] of Object.entries(make)) {
    it(`passes each chunk on itself, in the call that brings it: ${name}`, () => {
      const transformer = transform();
      const out: Uint8Array[] = [];
      const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
      for (const chunk of [bytes("ab"), bytes("c"), bytes("def")]) {
        transformer.transform(chunk, controller);
        assert.equal(out.pop(), chunk);
        assert.equal(out.length, 0);
      }
      transformer.transform(new Uint8Array(), controller);
      transformer.flush?.(controller);
      assert.equal(out.length, 0);
    });

    it(`takes a body that drips: ${name}`, () => {
      const body = bytes("drip".repeat(2_500));
      const { pieces } = run(transform(), cutEvery(body, 1));
      assert.equal(pieces.length, body.length);
      assert.equal(text(...pieces.slice(-4)), "drip");
    });
  }
});
