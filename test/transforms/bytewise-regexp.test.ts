import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isBytewise } from "../../transforms/bytewise-regexp.ts";
import { replaceRegExp } from "../../transforms/mod.ts";
import { cutEvery, run, seed, text } from "../harness/splits.ts";

/** Patterns that consume and look at ASCII only. */
const bytewise: readonly RegExp[] = [
  /foobar\d+/g,
  /\b\d{4}-\d\d-\d\d\b/g,
  /(?:k|s)[a-z_\t]*\b/gi,
  /\x41|\u0042|\.[\w\-\]]/g,
  /(?<=[ab])c(?!d|\B)/g,
  /(?<![a-z])k+$/g,
  /(a)(?<rest>b?)/gu,
];

/** Patterns that may consume or look at something else, or nothing. */
const others: readonly RegExp[] = [
  /a./g,
  /[^b]a/g,
  /\s+a/g,
  /a\S/g,
  /\Wk/g,
  /k(?=[^a])/g,
  /é/g,
  /[a-é]/g,
  /\xe9/g,
  /\u00e9/g,
  /\p{L}/gu,
  /k/giu,
  /^a/gm,
  /a$/gm,
  /a*/g,
  /\b/g,
  /(?=a)/g,
  /(a)\1/g,
];

describe("isBytewise", () => {
  for (const pattern of bytewise) it(`is sure of ${pattern}`, () => assert.ok(isBytewise(pattern)));
  for (const pattern of others) it(`is not sure of ${pattern}`, () => assert.ok(!isBytewise(pattern)));
});

describe("replaceRegExp on bytes", () => {
  /** What looks like a letter, a digit, a space or a line end to some, beside what is one. */
  const units = [..."aabbcdkKsSAB019-._ \t\n", ..."éſK\u2028\u00a0٣€🙂", "foobar", "2026-01-31"];

  it(`gives what String.replace gives on the text (seed ${seed})`, () => {
    const bodies = fc.string({ unit: fc.constantFrom(...units), maxLength: 40 });
    fc.assert(
      fc.property(
        fc.constantFrom(...bytewise, ...others),
        bodies,
        fc.integer({ min: 1, max: 9 }),
        (pattern, body, size) => {
          const expected = body.replace(pattern, "<$&>");
          fc.pre(!/\p{Surrogate}/u.test(expected));
          const { pieces } = run(
            replaceRegExp(pattern, "<$&>"),
            cutEvery(new TextEncoder().encode(body), size),
          );
          assert.equal(text(...pieces), text(new TextEncoder().encode(expected)));
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it("calls with the place in the body, in bytes", () => {
    const offsets: number[] = [];
    const transform = replaceRegExp(/b+/g, (_, offset) => {
      offsets.push(offset);
      return "é";
    });
    const { pieces } = run(transform, cutEvery(new TextEncoder().encode("€b🙂bbé"), 2));
    assert.equal(text(...pieces), text(new TextEncoder().encode("€é🙂éé")));
    assert.deepEqual(offsets, [3, 8]);
  });
});
