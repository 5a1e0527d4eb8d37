import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compose, replaceMany, type ReplaceOptions } from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutEvery, randomNumbers, run, seed, text } from "../harness/splits.ts";

type Pairs = readonly (readonly [search: string, replacement: string])[];

/** ASCII only, as `toLowerCase` does more. */
function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** The longest of the searches that the text has at an index; of equal ones the first. */
function longestAt(body: string, at: number, pairs: Pairs, ignoreCase: boolean) {
  const same = (a: string, b: string) => ignoreCase ? fold(a) === fold(b) : a === b;
  let longest: readonly [string, string] | undefined;
  for (const pair of pairs) {
    const fits = same(body.slice(at, at + pair[0].length), pair[0]);
    if (fits && pair[0].length > (longest?.[0].length ?? 0)) longest = pair;
  }
  return longest;
}

/** What has been decided of a body that begins so, or of a whole one. */
function decided(body: string, pairs: Pairs, ends: boolean, { ignoreCase = false, limit = Infinity } = {}) {
  const same = (a: string, b: string) => ignoreCase ? fold(a) === fold(b) : a === b;
  let output = "";
  let left = limit;
  for (let at = 0; at < body.length;) {
    const rest = body.slice(at);
    const isLive = !ends && left > 0 &&
      pairs.some(([search]) => search.length > rest.length && same(search.slice(0, rest.length), rest));
    if (isLive) break;
    const found = left > 0 ? longestAt(body, at, pairs, ignoreCase) : undefined;
    if (found !== undefined) left--;
    output += found?.[1] ?? body[at];
    at += found?.[0].length ?? 1;
  }
  return output;
}

const rows: readonly (readonly [name: string, body: string, pairs: Pairs])[] = [
  ["nothing to replace", "hello world", [["foo", "1"], ["bar", "2"]]],
  ["two side by side", "foobarfoo", [["foo", "1"], ["bar", "2"]]],
  ["the longest of two", "foobar foo", [["foo", "1"], ["foobar", "2"]]],
  ["the leftmost before the longer", "abcde", [["bcde", "1"], ["ab", "2"]]],
  ["one within the beginning of another", "abcx abcd", [["abcd", "1"], ["bc", "2"]]],
  ["two within the beginning of another", "abcbx", [["abcbcd", "1"], ["b", "2"], ["c", "3"]]],
  ["what a failed one leaves begins another", "abcabd", [["abcabc", "1"], ["abd", "2"]]],
  ["one that is another's end", "xabc bc", [["abc", "1"], ["bc", "2"], ["c", "3"]]],
  ["a short one, then a long one that fails", "aaaab aaab", [["a", "1"], ["aaab", "2"]]],
  ["all lengths of one byte", "aaaaaaa", [["a", "1"], ["aa", "2"], ["aaaa", "4"]]],
  ["one byte each", "a-b-c", [["a", "1"], ["b", "2"], ["c", "3"]]],
  ["a beginning at the very end", "xxfooba", [["foobar", "1"], ["ooo", "2"]]],
  ["a beginning with another in it at the very end", "xxfooba", [["foobar", "1"], ["oo", "2"], ["ba", "3"]]],
  ["deletion", "foo1bar", [["foo", ""], ["bar", ""]]],
  ["equal searches", "foo", [["foo", "1"], ["foo", "2"]]],
  ["a replacement that is another's search", "ab", [["a", "b"], ["b", "a"]]],
  ["bytes beyond ASCII", "\x00\xff\xfe\xff\xfe\xfd", [["\xff\xfe\xfd", "\x80"], ["\x00\xff", "\x81"]]],
  ["no searches at all", "abc", []],
];

function toBytesPairs(pairs: Pairs) {
  return pairs.map(([search, replacement]) => [bytes(search), bytes(replacement)] as const);
}

function letters(alphabet: string, maxLength: number, minLength = 0) {
  return fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
}

function somePairs(alphabet: string, maxLength: number, count: number) {
  const marks = fc.constantFrom("", "1", "(2)", "a");
  return fc.array(fc.tuple(letters(alphabet, maxLength, 1), marks), { maxLength: count });
}

describe("replaceMany", () => {
  for (const [name, body, pairs] of rows) {
    it(`replaces the leftmost, then the longest: ${name}`, () => {
      assertSplits(() => replaceMany(toBytesPairs(pairs)), body, decided(body, pairs, true));
    });
  }

  it("takes the entries of an object", () => {
    assertSplits(() => replaceMany({ cat: "dog", dog: "cat" }), "catdog", "dogcat");
  });

  it("compares and writes text as UTF-8", () => {
    const encoder = new TextEncoder();
    const names = { "é": "è", "🙂": "🙃", "🙃": "🙂" };
    assertSplits(
      () => replaceMany(names),
      encoder.encode("é🙂🙃\u{1f644}"),
      encoder.encode("è🙃🙂\u{1f644}"),
    );
  });

  for (const [alphabet, length] of [["ab", 6], ["abc", 4], ["a", 9], ["aAbB", 5]] as const) {
    for (const ignoreCase of [false, true]) {
      const kind = ignoreCase ? "ignoring case" : "comparing case";
      it(`equals trying every search at every place, on the alphabet ${alphabet}, ${kind}`, () => {
        const limits = fc.constantFrom(Infinity, 0, 1, 3);
        fc.assert(
          fc.property(letters(alphabet, 30), somePairs(alphabet, length, 6), limits, (body, pairs, limit) => {
            const options = { ignoreCase, limit };
            assertSplits(() => replaceMany(pairs, options), body, decided(body, pairs, true, options));
          }),
          { seed, numRuns: 300 },
        );
      });
    }
  }

  it("holds exactly what can still match, after every chunk", () => {
    const sizes = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        letters("abA", 60),
        somePairs("abA", 7, 6),
        sizes,
        fc.boolean(),
        (body, pairs, size, ignoreCase) => {
          const { pieces, counts } = run(replaceMany(pairs, { ignoreCase }), cutEvery(bytes(body), size));
          counts.forEach((count, index) => {
            const begun = body.slice(0, (index + 1) * size);
            assert.equal(text(...pieces.slice(0, count)), decided(begun, pairs, false, { ignoreCase }));
          });
        },
      ),
      { seed, numRuns: 2000 },
    );
  });

  it("equals it for long chunks, where a filter gets past most bytes", () => {
    const random = randomNumbers(seed);
    const pick = (list: readonly string[]) => list[Math.trunc(random() * list.length)] as string;
    const word = (least: number, alphabet: string) =>
      Array.from({ length: least + Math.trunc(random() * 6) }, () => pick([...alphabet])).join("");
    for (let round = 0; round < 60; round++) {
      const least = 1 + round % 8;
      const alphabet = pick(["ab", "abcdef", "abcdefghijklmnopqrstuvwxyzABC "]);
      const pairs = Array.from({ length: 1 + Math.trunc(random() * 40) }, (_, i) => {
        return [word(least, alphabet), `<${i}>`] as const;
      });
      const searches = pairs.map(([search]) => search);
      let body = "";
      while (body.length < 1500) body += random() < 0.3 ? pick(searches) : word(1, alphabet);
      for (const options of [{}, { ignoreCase: true }]) {
        const expected = decided(body, pairs, true, options);
        for (const size of [1600, 333, 65, 5]) {
          const made = text(...run(replaceMany(pairs, options), cutEvery(bytes(body), size)).pieces);
          assert.ok(made === expected, `least ${least}, size ${size}, SEED=${seed}`);
        }
      }
    }
  });

  it("passes on a chunk that it does not change as it is, and its parts as subarrays", () => {
    const out: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
    const transform = replaceMany({ foobar: "x", barfoo: "y" });
    const chunk = bytes("hello world");
    transform.transform(chunk, controller);
    assert.equal(out[0], chunk);
    const other = bytes("1 foobar 2 foo");
    transform.transform(other, controller);
    assert.deepEqual(out.slice(1).map((piece) => text(piece)), ["1 ", "x", " 2 "]);
    assert.equal(out[1]?.buffer, other.buffer);
    assert.equal(out[3]?.buffer, other.buffer);
  });

  it("hands a match that can't become longer on with its last byte", () => {
    const { pieces, counts } = run(replaceMany({ ab: "1", abc: "2" }), cutEvery(bytes("abcabx"), 1));
    assert.deepEqual(counts, [0, 0, 1, 1, 1, 3]);
    assert.equal(text(...pieces), "21x");
  });

  it("shows a function each match as it lies in the body, and where", () => {
    const body = "-foo-FOO-Bar-fo-bar";
    const chunks = (size: number) => cutEvery(bytes(body), size);
    for (const size of [1, 2, 5, 40]) {
      const seen: [string, number][] = [];
      const see = (match: Uint8Array, offset: number) => {
        seen.push([text(match), offset]);
        match.fill(0);
        return `${seen.length}`;
      };
      const transform = replaceMany([["foo", see], ["bar", see]], { ignoreCase: true });
      assert.equal(text(...run(transform, chunks(size)).pieces), "-1-2-3-fo-4");
      assert.deepEqual(seen, [["foo", 1], ["FOO", 5], ["Bar", 9], ["bar", 16]]);
    }
  });

  it("is done with the body when the limit is reached", () => {
    const { pieces, counts } = run(replaceMany({ foo: "1" }, { limit: 1 }), cutEvery(bytes("foofo"), 1));
    assert.deepEqual(counts, [0, 0, 1, 2, 3]);
    assert.equal(text(...pieces), "1fo");
  });

  it("finds a limit's last match in what is held when the body ends", () => {
    const pairs: Pairs = [["a", "1"], ["aaaa", "2"]];
    assertSplits(() => replaceMany(pairs, { limit: 2 }), "aaa", "11a");
  });

  const refused: readonly (readonly [name: string, pairs: unknown, options: unknown, error: object])[] = [
    ["an empty search", [["", "x"]], {}, {
      name: "RangeError",
      message: "Cannot replace as a search must be at least one byte long: got 0",
    }],
    ["a search that is neither text nor bytes", [[/x/, "x"]], {}, {
      name: "TypeError",
      message: "Cannot replace as a search must be a string or a Uint8Array: got RegExp",
    }],
    ["a replacement that is none", [["x", null]], {}, {
      name: "TypeError",
      message:
        "Cannot replace as the replacement, where it is no function, must be a string or a Uint8Array: got null",
    }],
    ["half a unit", [[bytes("abc"), "x"]], { charset: "utf-16le" }, {
      name: "RangeError",
      message: "Cannot replace as a search must be a multiple of two bytes, not 0, long: got 3",
    }],
    ["a limit below 0", [["a", "x"]], { limit: -1 }, {
      name: "RangeError",
      message: "Cannot replace as the limit must be a whole number, 0 or more, or Infinity: got -1",
    }],
    ["a limit that is no number", [["a", "x"]], { limit: "1" }, { name: "TypeError" }],
    ["a charset that it does not know", [["a", "x"]], { charset: "latin2" }, { name: "RangeError" }],
    ["an encoder for UTF-16", [["a", "x"]], { charset: "utf-16be", encode: bytes }, { name: "RangeError" }],
  ];
  for (const [name, pairs, options, error] of refused) {
    it(`refuses ${name}`, () => {
      assert.throws(() => replaceMany(pairs as Pairs, options as ReplaceOptions), error);
    });
  }

  it("refuses what a function returns if it is neither text nor bytes", () => {
    const transform = replaceMany([["a", (() => 1) as unknown as () => string]]);
    assert.throws(() => run(transform, [bytes("a")]), {
      name: "TypeError",
      message: "Cannot replace as what the function returns must be a string or a Uint8Array: got number",
    });
  });

  it("says that it retains nothing", () => {
    assert.equal(replaceMany({}).retains, false);
  });
});

/** A text in UTF-16. */
function utf16(text: string, littleEndian: boolean): Uint8Array {
  const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
  return Uint8Array.from(units.flatMap((unit) => {
    return littleEndian ? [unit & 255, unit >> 8] : [unit >> 8, unit & 255];
  }));
}

// The alphabet is such that its characters' bytes, taken one off, are characters of it again: 䅁 is 0x4141.
describe("replaceMany in UTF-16", () => {
  for (const charset of ["utf-16le", "utf-16be"] as const) {
    it(`matches whole units only, in ${charset}`, () => {
      const encode = (text: string) => utf16(text, charset === "utf-16le");
      const alphabet = "aA\u4141\u6141\u4161\u0061\u6100";
      fc.assert(
        fc.property(
          letters(alphabet, 20),
          somePairs(alphabet, 4, 4),
          fc.boolean(),
          (body, pairs, ignoreCase) => {
            const expected = decided(body, pairs, true, { ignoreCase });
            assertSplits(() => replaceMany(pairs, { charset, ignoreCase }), encode(body), encode(expected));
          },
        ),
        { seed, numRuns: 300 },
      );
    });

    it(`finds matches in long chunks, in ${charset}`, () => {
      const encode = (text: string) => utf16(text, charset === "utf-16le");
      const body = "the Cat and the doG, \u6300\u6100\u7400 ".repeat(40);
      const made = run(replaceMany({ cat: "cow", dog: "d" }, { charset, ignoreCase: true }), [encode(body)]);
      const expected = body.replaceAll("Cat", "cow").replaceAll("doG", "d");
      assert.equal(text(...made.pieces), text(encode(expected)));
    });

    it(`passes half a unit at the end on, in ${charset}`, () => {
      assertSplits(() => replaceMany({ a: "b" }, { charset }), "\x61\x62\x61", "\x61\x62\x61");
    });
  }
});

// What reads bytes again takes as many times longer as the searches are longer: here 64 times.
describe("replaceMany takes linear time", () => {
  const length = 1 << 17;
  const shapes: readonly (readonly [name: string, shape: (n: number) => readonly string[]])[] = [
    ["a and aaa…b", (n) => ["a", "a".repeat(n - 1) + "b"]],
    ["aaa…b", (n) => ["a".repeat(n - 1) + "b"]],
    ["aa and ba…ab and a…ac", (n) => ["aa", "b" + "a".repeat(n - 2) + "b", "a".repeat(n - 1) + "c"]],
  ];
  const bodies: readonly (readonly [name: string, body: Uint8Array])[] = [
    ["a body of a", bytes("a".repeat(length))],
    ["a body of a with some b", bytes(("a".repeat(2500) + "b").repeat(Math.ceil(length / 2501)))],
  ];
  for (const [name, shape] of shapes) {
    for (const [bodyName, body] of bodies) {
      for (const size of [1, 1000, length]) {
        it(`searches ${name}, ${bodyName}, chunks of ${size}`, () => {
          const make = (n: number) => replaceMany(shape(n).map((search) => [search, "x"] as const));
          const chunks = cutEvery(body, size);
          const time = (n: number) => duration(make(n), chunks);
          assertAtMost(16, { long: () => time(4096), short: () => time(64) });
        });
      }
    }
  }

  it("is made in linear time, of searches that are beginnings of one another", () => {
    const made = (count: number) => {
      const started = performance.now();
      replaceMany(Array.from({ length: count }, (_, i) => ["a".repeat(i + 1), "x"] as const));
      return performance.now() - started;
    };
    // The searches themselves are 64 times as many bytes.
    assertAtMost(16 * 64, { long: () => made(2000), short: () => made(250) });
  });
});

describe("replaceMany in a chain", () => {
  it("sees what the step above it made", () => {
    const make = () => compose(replaceMany({ a: "bb" }), replaceMany({ bbb: "c", bb: "d" }));
    assertSplits(make, "xabx ab bab", "xcx c cb");
  });
});
