import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { rechunk, replace, replaceMany, type ReplaceOptions, replaceRegExp } from "../../transforms/mod.ts";
import { assertSplits, bytes, cutEvery, run, seed, text } from "../harness/splits.ts";

/** ASCII only, as `toLowerCase` does more. */
function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** What `replaceAll` with a function makes of it, which sees the matches of a needle in any case. */
function replaced(
  body: string,
  needle: string,
  replacement: (match: string, offset: number) => string,
  { ignoreCase = false, limit = Infinity }: ReplaceOptions,
): string {
  const source = ignoreCase ? fold(body) : body;
  let output = "";
  let at = 0;
  for (let left = limit; left > 0; left--) {
    const hit = source.indexOf(ignoreCase ? fold(needle) : needle, at);
    if (hit < 0) break;
    output += body.slice(at, hit) + replacement(body.slice(hit, hit + needle.length), hit);
    at = hit + needle.length;
  }
  return output + body.slice(at);
}

function letters(alphabet: string, maxLength: number, minLength = 0) {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

const someOptions = fc.record({ ignoreCase: fc.boolean(), limit: fc.constantFrom(0, 1, 2, 5, Infinity) });

describe("replace with options", () => {
  it("equals replaceAll with a function, for every limit and in any case", () => {
    const mark = (match: string, offset: number) => `<${match}${offset}>`;
    fc.assert(
      fc.property(letters("abAB", 30), letters("abAB", 4, 1), someOptions, (body, needle, options) => {
        const make = () => replace(needle, (match, offset) => mark(text(match), offset), options);
        assertSplits(make, body, replaced(body, needle, mark, options));
      }),
      { seed, numRuns: 300 },
    );
  });

  it("does not see non-ASCII letters in two cases", () => {
    const encode = (text: string) => new TextEncoder().encode(text);
    assertSplits(
      () => replace("äk", "-", { ignoreCase: true }),
      encode("äk ÄK äK \u212a"),
      encode("- ÄK - \u212a"),
    );
  });

  it("lets go of what proves to be no match in the body's own case", () => {
    const { pieces, counts } = run(
      replace("foobar", "-", { ignoreCase: true }),
      cutEvery(bytes("xFoOBaxfO"), 1),
    );
    assert.deepEqual(counts, [1, 1, 1, 1, 1, 1, 3, 3, 3]);
    assert.deepEqual(pieces.map((piece) => text(piece)), ["x", "FoOBa", "x", "fO"]);
  });

  it("holds nothing once the limit is reached", () => {
    const { counts } = run(replace("ab", "-", { limit: 1 }), cutEvery(bytes("abaaab"), 1));
    assert.deepEqual(counts, [0, 1, 2, 3, 4, 5]);
  });

  it("gives a function a copy of the match to keep", () => {
    const kept: Uint8Array[] = [];
    const transform = replace("ab", (match) => {
      kept.push(match);
      return match;
    });
    assert.equal(text(...run(transform, cutEvery(bytes("xabxab"), 3)).pieces), "xabxab");
    assert.deepEqual(kept.map((match) => text(match)), ["ab", "ab"]);
    assert.notEqual(kept[0]?.buffer, kept[1]?.buffer);
  });

  it("calls a function in the order of the matches", () => {
    let count = 0;
    assertSplits(
      () => {
        count = 0;
        return replace("a", () => `${count++}`);
      },
      "aXaXa",
      "0X1X2",
    );
  });

  for (const charset of ["utf-16le", "utf-16be"] as const) {
    it(`matches whole units of ${charset}`, () => {
      const encode = (text: string) => {
        const order = charset === "utf-16le" ? 0 : 1;
        return Uint8Array.from(
          { length: 2 * text.length },
          (_, i) => (i + order) % 2 === 0 ? text.charCodeAt(i >> 1) & 255 : text.charCodeAt(i >> 1) >> 8,
        );
      };
      const body = "\u4161\u6141\u0061\u0041 a\u4100";
      assertSplits(
        () => replace("\u6141", "x", { charset }),
        encode(body),
        encode(body.replaceAll("\u6141", "x")),
      );
      assertSplits(() => replace("a", "ä€", { charset }), encode(body), encode(body.replaceAll("a", "ä€")));
      assertSplits(
        () => replace("A", "", { charset, ignoreCase: true }),
        encode(body),
        encode(body.replaceAll(/a/gi, "")),
      );
    });
  }

  it("encodes text by an encoder that it is handed", () => {
    const encode = (text: string) => bytes(text.replaceAll("\u20ac", "\xa4"));
    const make = () => replace("10 \u20ac", (match) => `${match.length} \u20ac`, { encode });
    assertSplits(make, "10 \xa4 10 \x80", "4 \xa4 10 \x80");
  });

  const refused: readonly (readonly [name: string, options: unknown, error: object])[] = [
    ["a limit that is no whole number", { limit: 1.5 }, {
      name: "RangeError",
      message: "Cannot replace as the limit must be a whole number, 0 or more, or Infinity: got 1.5",
    }],
    ["a charset that it does not know", { charset: "latin1" }, {
      name: "RangeError",
      message: "Cannot replace as the charset must be utf-8, utf-16le or utf-16be: got latin1; " +
        "for another one hand in its encoder as encode",
    }],
    ["an encoder for UTF-16", { charset: "utf-16le", encode: bytes }, {
      name: "RangeError",
      message: "Cannot replace as encode must be for a charset of single bytes: got utf-16le too",
    }],
  ];
  for (const [name, options, error] of refused) {
    it(`refuses ${name}`, () => assert.throws(() => replace("a", "b", options as ReplaceOptions), error));
  }

  it("refuses a replacement that is neither text, bytes nor a function", () => {
    assert.throws(() => replace("a", 1 as unknown as string), {
      name: "TypeError",
      message:
        "Cannot replace as the replacement, where it is no function, must be a string or a Uint8Array: got number",
    });
  });
});

describe("transforms refuse when they are made", () => {
  const rows: readonly (readonly [name: string, make: () => unknown, error: string, message: RegExp])[] = [
    [
      "an onOverflow that is none",
      () => replaceRegExp(/a/, "b", { onOverflow: "skip" as "error" }),
      "TypeError",
      /"skip"/,
    ],
    ["no searches", () => (replaceMany as (...pairs: unknown[]) => unknown)(), "TypeError", /got undefined/],
    ["a text for searches", () => replaceMany("ab" as unknown as []), "TypeError", /got string/],
    [
      "searches that are no pairs",
      () => replaceMany(["ab"] as unknown as []),
      "TypeError",
      /got string as item 0/,
    ],
    ["an exact size that no memory has", () => rechunk(2 ** 40, { exact: true }), "RangeError", /1073741824/],
    ["half a character to be found", () => replace("a\ud83d", "X"), "RangeError", /half U\+D83D at 1/],
    ["half a character among many", () => replaceMany({ "\ude42": "X" }), "RangeError", /half U\+DE42 at 0/],
    ["half a character to be put in place", () => replace("a", "\ud83d"), "RangeError", /half U\+D83D/],
  ];
  for (const [name, make, error, message] of rows) {
    it(name, () => assert.throws(make, { name: error, message }));
  }

  it("but takes halves in UTF-16, where they have bytes", () => {
    const body = Uint8Array.of(0x3d, 0xd8, 0x61, 0);
    const make = () => replace("\ud83d", "X", { charset: "utf-16le" });
    assertSplits(make, body, Uint8Array.of(0x58, 0, 0x61, 0));
  });
});
