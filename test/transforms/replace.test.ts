import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compose, replace, type Transform } from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutEvery, randomNumbers, run, seed, text } from "../harness/splits.ts";

/**
 * What has been decided of a body that begins so: the output, and how many bytes may still become a match.
 */
function decided(begun: string, needle: string, replacement: string): { output: string; held: number } {
  let output = "";
  for (let at = 0; at < begun.length;) {
    const rest = begun.slice(at, at + needle.length);
    if (rest === needle) {
      output += replacement;
      at += needle.length;
    } else if (needle.startsWith(rest)) {
      return { output, held: rest.length };
    } else {
      output += begun[at++];
    }
  }
  return { output, held: 0 };
}

const rows: readonly (readonly [name: string, body: string, needle: string, replacement: string])[] = [
  ["nothing to replace", "hello world", "foobar", "bar"],
  ["one match", "a foobar b", "foobar", "bar"],
  ["matches side by side", "foofoofoo", "foo", "x"],
  ["a match at each end", "foo and foo", "foo", "x"],
  ["a false start that overlaps the match", "aaab", "aab", "x"],
  ["a periodic needle", "abababab", "abab", "x"],
  ["a periodic needle, left over", "ababababab", "abab", "<>"],
  ["a needle of one byte", "a-b-c-", "-", "+"],
  ["a needle of one byte repeated", "aaaaa", "aa", "b"],
  ["a beginning at the very end", "xxfooba", "foobar", "!"],
  ["a beginning within a beginning", "aabaabaaab", "aabaaab", "!"],
  ["deletion", "foo1foo2foo", "foo", ""],
  ["deletion of everything", "foofoo", "foo", ""],
  ["a replacement that holds the needle", "foo", "foo", "foofoo"],
  ["a replacement that completes the needle", "xaab", "ab", "b"],
  ["dollars", "price: x", "x", "$& $1 $$"],
  ["an empty body", "", "foo", "x"],
  ["bytes beyond ASCII", "\x00\xff\xfe\xff\xfe\xfd", "\xff\xfe\xfd", "\x80"],
];

describe("replace", () => {
  for (const [name, body, needle, replacement] of rows) {
    it(`replaces as replaceAll does: ${name}`, () => {
      const expected = body.replaceAll(needle, () => replacement);
      assertSplits(() => replace(bytes(needle), bytes(replacement)), body, expected);
    });
  }

  it("compares text as UTF-8, wherever a character is cut", () => {
    const encoder = new TextEncoder();
    const body = encoder.encode("naïve café, naïve cafe\u0301 🙂🙃");
    assertSplits(() => replace("é", "e"), body, encoder.encode("naïve cafe, naïve cafe\u0301 🙂🙃"));
    assertSplits(() => replace("🙃", "é"), body, encoder.encode("naïve café, naïve cafe\u0301 🙂é"));
  });

  for (const alphabet of ["ab", "abc", "a"]) {
    it(`equals replaceAll on the alphabet ${alphabet}`, () => {
      const letters = (maxLength: number, minLength = 0) =>
        fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
      fc.assert(
        fc.property(letters(40), letters(6, 1), letters(3), (body, needle, replacement) => {
          assertSplits(() => replace(needle, replacement), body, body.replaceAll(needle, replacement));
        }),
        { seed, numRuns: 150 },
      );
    });
  }

  it("equals replaceAll for long needles, cut into small chunks and large", () => {
    const long = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 60, maxLength: 400 });
    fc.assert(
      fc.property(long, long, fc.nat(60), fc.integer({ min: 1, max: 500 }), (needle, noise, cut, size) => {
        const body = [needle.slice(cut), needle, noise, needle, needle, needle.slice(0, cut)].join("");
        const chunks = cutEvery(bytes(body), size);
        const output = text(...run(replace(needle, "-"), chunks).pieces);
        assert.equal(output, body.replaceAll(needle, "-"));
      }),
      { seed, numRuns: 200 },
    );
  });

  it("equals replaceAll where a scan gives up and hands over to the next", () => {
    const random = randomNumbers(seed);
    const needles = ["z" + "a".repeat(300), "a".repeat(300) + "z", "a".repeat(150) + "z" + "a".repeat(150)];
    for (const needle of [...needles, "zz", "zaz", "a".repeat(300)]) {
      let body = "";
      while (body.length < 40_000) {
        const kind = random();
        body += kind < 0.1 ? needle : kind < 0.4 ? "z" : "a".repeat(Math.trunc(random() * 400));
      }
      for (const size of [40_500, 4096, 301, 7]) {
        const output = text(...run(replace(needle, "<->"), cutEvery(bytes(body), size)).pieces);
        assert.ok(
          output === body.replaceAll(needle, "<->"),
          `${needle.slice(0, 9)}…, size ${size}, SEED=${seed}`,
        );
      }
    }
  });

  it("misses no match where it hands over", () => {
    for (const needle of ["zaz", "zbazaz", "zaazaaazzaaazaazaaaz"]) {
      for (let falseHits = 0; falseHits < 60; falseHits++) {
        const body = "z".repeat(falseHits) + needle + "b".repeat(99);
        assert.equal(text(...run(replace(needle, "-"), [bytes(body)]).pieces), body.replace(needle, "-"));
      }
    }
  });

  it("holds exactly what can still match, after every chunk", () => {
    const letters = (maxLength: number, minLength = 0) =>
      fc.string({ unit: fc.constantFrom("a", "b"), minLength, maxLength });
    fc.assert(
      fc.property(letters(60), letters(8, 1), fc.integer({ min: 1, max: 9 }), (body, needle, size) => {
        const { pieces, counts } = run(replace(needle, "("), cutEvery(bytes(body), size));
        counts.forEach((count, index) => {
          const begun = body.slice(0, (index + 1) * size);
          assert.equal(text(...pieces.slice(0, count)), decided(begun, needle, "(").output);
        });
      }),
      { seed, numRuns: 300 },
    );
  });

  it("passes on a chunk that it does not change as it is, and its parts as subarrays", () => {
    const out: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
    const transform = replace("foobar", "x");
    const chunk = bytes("hello world");
    transform.transform(chunk, controller);
    assert.equal(out[0], chunk);
    const other = bytes("1 foobar 2 foo");
    transform.transform(other, controller);
    assert.deepEqual(out.slice(1).map((piece) => text(piece)), ["1 ", "x", " 2 "]);
    assert.equal(out[1]?.buffer, other.buffer);
    assert.equal(out[3]?.buffer, other.buffer);
  });

  it("does not see later changes to the bytes it was made with", () => {
    const needle = bytes("ab");
    const replacement = bytes("cd");
    const transform = replace(needle, replacement);
    needle.fill(0);
    replacement.fill(0);
    assert.equal(text(...run(transform, [bytes("xabx")]).pieces), "xcdx");
  });

  it("refuses an empty search, and what is neither text nor bytes", () => {
    assert.throws(() => replace("", "x"), RangeError);
    assert.throws(() => replace(new Uint8Array(), "x"), RangeError);
    assert.throws(() => replace(/x/ as unknown as string, "x"), {
      name: "TypeError",
      message: "Cannot replace as the search must be a string or a Uint8Array: got RegExp",
    });
    assert.throws(() => replace("x", null as unknown as string), TypeError);
  });

  it("says that it retains nothing", () => {
    assert.equal(replace("a", "b").retains, false);
  });
});

// A quadratic search takes as many times longer as the needle is longer: here 64 times. Linear ones take as
// long.
describe("replace takes linear time", () => {
  const length = 1 << 18;
  const shapes: readonly (readonly [name: string, shape: (n: number) => string])[] = [
    ["aaa…b", (n) => "a".repeat(n - 1) + "b"],
    ["baaa…", (n) => "b" + "a".repeat(n - 1)],
    ["aa…b…aa", (n) => "a".repeat(n / 2) + "b" + "a".repeat(n / 2 - 1)],
    ["zzz…a", (n) => "z".repeat(n - 1) + "a"],
    ["zz…a…zz", (n) => "z".repeat(n / 2) + "a" + "z".repeat(n / 2 - 1)],
    ["aa…bb…aa", (n) => "a".repeat(n / 2 - 1) + "bb" + "a".repeat(n / 2 - 1)],
  ];
  const bodies: readonly (readonly [name: string, body: Uint8Array])[] = [
    ["a body of a", bytes("a".repeat(length))],
    ["a body of z", bytes("z".repeat(length))],
    ["a body of a with some b", bytes(("a".repeat(2500) + "b").repeat(Math.ceil(length / 2501)))],
  ];
  for (const [name, shape] of shapes) {
    for (const [bodyName, body] of bodies) {
      for (const size of [1, 1000, length]) {
        it(`needle ${name}, ${bodyName}, chunks of ${size}`, () => {
          const chunks = cutEvery(body, size);
          const time = (n: number) => duration(replace(shape(n), "x"), chunks);
          assertAtMost(16, { long: () => time(4096), short: () => time(64) });
        });
      }
    }
  }
});

describe("replace, many of the same text", () => {
  it("shares nothing that is handed on", () => {
    const held = (transform: Transform) => {
      const out: Uint8Array[] = [];
      const controller = { enqueue: (piece: Uint8Array) => void out.push(piece), terminate() {} };
      transform.transform(bytes("xfoob"), controller);
      transform.flush?.(controller);
      return out;
    };
    // Against the rules, but it must not reach anybody else.
    for (const piece of held(replace("foobar", "bar"))) {
      structuredClone(piece.buffer, { transfer: [piece.buffer as ArrayBuffer] });
    }
    assert.equal(text(...held(replace("foobar", "bar"))), "xfoob");
    assertSplits(() => replace("foobar", "bar"), "a foobar foob", "a bar foob");
  });

  it("tells charsets apart", () => {
    const body = new Uint8Array([0x61, 0xe4, 0xc3, 0xa4]);
    const latin1 = { encode: (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0)) };
    for (const [options, expected] of [[{}, "61e42d"], [latin1, "612dc3a4"], [{}, "61e42d"]] as const) {
      const out: Uint8Array[] = [];
      const controller = { enqueue: (piece: Uint8Array) => void out.push(piece.slice()), terminate() {} };
      const transform = replace("ä", "-", options);
      transform.transform(body, controller);
      transform.flush?.(controller);
      assert.equal(
        out.map((piece) => [...piece].map((byte) => byte.toString(16)).join("")).join(""),
        expected,
      );
    }
  });

  it("finds texts that were forgotten in between", () => {
    for (let round = 0; round < 2; round++) {
      for (let i = 0; i < 100; i++) assertSplits(() => replace(`${i}x`, "y"), `a${i}xb`, "ayb");
    }
  });
});

describe("replace in a chain", () => {
  it("sees what the step above it made", () => {
    assertSplits(() => compose(replace("a", "bb"), replace("bbb", "c")), "xabx ab bab", "xcx c cb");
  });
});
