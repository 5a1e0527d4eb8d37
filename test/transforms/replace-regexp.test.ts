import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  compose,
  type RegExpEngine,
  type RegExpReplacement,
  replace,
  replaceRegExp,
  type ReplaceRegExpOptions,
  type Transform,
} from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutAt, cutEvery, run, seed, text } from "../harness/splits.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** What `String.prototype.replace` makes of a body in UTF-8, or of each of its lines. */
function replaced(body: string, pattern: RegExp, replacement: string, perLine = false): string {
  if (!perLine) return body.replace(pattern, replacement);
  const lines = body.split("\n");
  const last = lines.pop() as string;
  const changed = lines.map((line) => line.replace(pattern, replacement));
  return [...changed, last === "" ? "" : last.replace(pattern, replacement)].join("\n");
}

/** An expression with the flag `v`. */
const ofSets = (source: string) => new RegExp(source, "gv");

const rows: readonly (readonly [name: string, body: string, pattern: RegExp, replacement: string])[] = [
  ["nothing to replace", "hello world", /foo\d/g, "x"],
  ["one match", "a foo1 b", /foo\d/g, "x"],
  ["the first only", "foo1 foo2", /foo\d/, "x"],
  ["a greedy repeat", "aaaa baaab", /a+/g, "x"],
  ["a lazy repeat", "aaaa baaab", /ba*?b/g, "x"],
  ["an exact count", "123 1234 12345", /\d{4}/g, "x"],
  ["a count with bounds", "1 12 123 1234", /\d{2,3}/g, "x"],
  ["a lazy count with bounds", "1 12 123 1234", /\d{2,3}?/g, "x"],
  ["a count from so many on", "1 12 123 1234", /\d{2,}/g, "x"],
  ["a repeated group", "ab abab ababab abababab", /(?:ab){2,3}/g, "x"],
  ["a group repeated often", "ab".repeat(25) + " " + "ab".repeat(9), /(?:ab){10,12}/g, "x"],
  ["a lazily repeated group", "<a><b>x</b></a>", /(?:<\w>)+?x/g, "x"],
  ["alternatives, the first counts", "foobar foo", /foo|foobar/g, "x"],
  ["alternatives, the first is longer", "foobar foob", /foobar|foo/g, "x"],
  ["groups by number", "john smith", /(\w+) (\w+)/g, "$2 $1 $3 $0 $01 $$ $& $10"],
  ["groups by name", "1.2.", /(?<a>\d)\.(?<b>x)?/g, "$<a>$<b>$<c>$<a"],
  ["a name where there are none", "a", /a/g, "$<a>"],
  ["a dollar at the end", "a", /a/g, "x$"],
  ["the beginning", "aaa", /^a/g, "x"],
  ["the beginning of lines", "a\na\nba", /^a/gm, "x"],
  ["the end", "aaa", /a$/g, "x"],
  ["the end of lines", "a\na\nab\r\na\r\n", /a$/gm, "x"],
  ["word boundaries", "foo food foo", /\bfoo\b/g, "x"],
  ["no word boundaries", "foo food afoo", /foo\B/g, "x"],
  ["a lookahead", "foobar foobaz foo", /foo(?=bar)/g, "x"],
  ["a negative lookahead", "foobar foobaz foo", /foo(?!bar)/g, "x"],
  ["a lookahead in a lookahead", "abcd abce ab", /a(?=b(?!ce))/g, "x"],
  ["a lookahead in a repeated group", "aad abd abbbbbd", /(?:a(?=[^]{5})|b)*d/g, "x"],
  ["a lookahead, with the flag v", "xb a", ofSets("x(?=ba)|b(?= a)"), "-"],
  ["a lookahead that is undecided, with the flag v", "xba xb", ofSets("x(?=ba)"), "-"],
  ["lookarounds in one another, with the flag v", "babbaabbb", ofSets("a+?(?!ba?(?<!.a\\b))"), "-"],
  [
    "a negative lookahead of what is long, with the flag v",
    "😀",
    ofSets("(?=\\D{0,2}?(?!😀a{2,}😀))"),
    "-",
  ],
  ["a lookbehind", "$12 12 €12", /(?<=\$)\d+/g, "x"],
  ["a negative lookbehind", "$12 12 a1", /(?<![$\d])\d+/g, "x"],
  ["a lookbehind at the end of a match", "ab aab b", /[ab]+(?<=ab)c?/g, "x"],
  ["a comment, tempered", "a <!-- b -- c --> d <!---->", /<!--(?:(?!-->)[^])*-->/g, "x"],
  ["a string with escapes", 'a "b \\" c" "d', /"(?:[^"\\]|\\.)*"/g, "x"],
  ["any case", "FOO Foo foo", /foo/gi, "x"],
  ["case in a group", "FOo fOO", /f(oo)/gi, "x$1"],
  ["empty matches", "abc", /x*/g, "-"],
  ["empty and other matches", "aab", /a*/g, "-"],
  ["an empty match everywhere", "ab\ncd", /(?:)/g, "-"],
  ["an empty first alternative", "ab", /|ab/g, "-"],
  ["the ends of lines, empty", "a\n\nb", /$/gm, ";"],
  ["an empty body", "", /^|$/g, "x"],
  ["a backreference", "<b>x</b> <b>y</i> <i>z</i>", /<(\w+)>[^<]*<\/\1>/g, "x"],
  ["a backreference by name", "abab abba", /(?<p>[ab]{2})\k<p>/g, "x"],
  ["a lookahead in a lookbehind", "abc abd", /(?<=a(?=bd))b/g, "x"],
  ["a repeated lookahead", "aab", /a(?=b)?/g, "x"],
  ["a brace that is none", "a{b} a{1 x{,2}", /a\{|[{]1|x{,2}/g, "-"],
  ["an escaped slash and bracket", "a/]b", /\/]/g, "-"],
  ["a class with brackets", "a[b]c\\d", /[[\]\\]/g, "-"],
  ["a control escape", "a\tb\x01c", /\t|\cA/g, "-"],
  ["hex and unicode escapes", "aAbB", /\x61|\u0042/g, "-"],
  ["characters beyond ASCII", "naïve café ça", /[é-ï]/g, "<$&>"],
  ["a dot for a character of three bytes", "a€b€", /a.b/g, "<$&>"],
  ["a dot for a pair, with u", "a🙂b🙃", /a.b|.$/gu, "<$&>"],
  ["empty matches between pairs, with u", "🙂🙃", /(?:)/gu, "-"],
  ["a property", "aÄ1é", /\p{L}+/gu, "<$&>"],
  ["a code point", "x🙂x", /\u{1f642}|\ud83d\ude43/gu, "-"],
  ["a nested class, with v", "a1b2", ofSets("[[a-z]--[b]]\\d"), "-"],
  ["a class of strings, with v", "a👍🏽b", ofSets("\\p{RGI_Emoji}"), "-"],
];

const someBodies = ["", "a\n", "foo\nfoo foo\n\nfoofoo", "foo\r\nfoo\r\n", "a", "\n\n"];

describe("replaceRegExp", () => {
  for (const [name, body, pattern, replacement] of rows) {
    it(`replaces as String.prototype.replace does: ${name}`, () => {
      assertSplits(
        () => replaceRegExp(pattern, replacement),
        encode(body),
        encode(body.replace(pattern, replacement)),
      );
    });
  }

  for (const body of someBodies) {
    it(`takes each line for itself: ${JSON.stringify(body)}`, () => {
      for (const pattern of [/foo/, /foo/g, /^/g, /\bf?$/g, /$/, /[^]*/, /(o)\1/g]) {
        const make = () => replaceRegExp(pattern, "<$&>", { perLine: true });
        assertSplits(make, body, replaced(body, pattern, "<$&>", true));
      }
    });
  }

  it("has every flag but y, which it refuses", () => {
    assertSplits(() => replaceRegExp(/^a.b$/dgims, "x"), "A\nb\na.B", "x\nx");
    assert.throws(() => replaceRegExp(/a/y, "x"), {
      name: "RangeError",
      message: 'Cannot replace as the flag y must not be set: got "y"',
    });
  });

  it("does not touch the expression that it is given", () => {
    const pattern = /a/g;
    pattern.lastIndex = 7;
    assertSplits(() => replaceRegExp(pattern, "b"), "aXa", "bXb");
    assert.equal(pattern.lastIndex, 7);
  });

  it("calls a function with the match, and where it begins in the body's bytes", () => {
    const body = encode("é 1a é 22b");
    for (const size of [1, 2, 3, 100]) {
      const seen: unknown[] = [];
      const transform = replaceRegExp(/(?<n>\d+)(?<x>x)?[ab]/g, (match, offset) => {
        seen.push([match[0], match[1], match.groups?.["x"], offset]);
        return seen.length === 1 ? "€" : bytes("\xff");
      });
      const made = text(...run(transform, cutEvery(body, size)).pieces);
      assert.equal(made, text(encode("é € é ")) + "\xff");
      assert.deepEqual(seen, [["1a", "1", undefined, 3], ["22b", "22", undefined, 9]]);
    }
  });
});

const LEAVES = ["a", "b", "[ab]", "[^a]", ".", "\\w", "\\W", "é", "\\n"];
const ASSERTIONS = ["^", "$", "\\b", "\\B"];
const QUANTIFIERS = [
  "*",
  "+",
  "?",
  "{2}",
  "{1,2}",
  "{0,3}",
  "{2,}",
  "{0}",
  "*?",
  "+?",
  "??",
  "{1,3}?",
  "{2}?",
];
const LARGE_QUANTIFIERS = ["{9,10}", "{9,}?", "{0,9}"];
const GROUPS = ["(", "(?:", "(?<NAME>"];
const LOOKS = ["(?=", "(?!", "(?<=", "(?<!"];

/** Sources of patterns, of nearly every syntax. */
const { source } = fc.letrec<{ source: string; term: string; items: string }>((tie) => ({
  source: fc.array(tie("items"), { minLength: 1, maxLength: 2 }).map((options) => options.join("|")),
  items: fc.array(tie("term"), { maxLength: 3 }).map((items) => items.join("")),
  term: fc.oneof(
    { maxDepth: 2 },
    { arbitrary: fc.constantFrom(...LEAVES), weight: 6 },
    {
      arbitrary: fc.tuple(fc.constantFrom(...LEAVES), fc.constantFrom(...QUANTIFIERS, ...LARGE_QUANTIFIERS))
        .map((it) => it.join("")),
      weight: 4,
    },
    { arbitrary: fc.constantFrom(...ASSERTIONS), weight: 1 },
    {
      arbitrary: fc.tuple(fc.constantFrom(...GROUPS), tie("source")).map(([open, body]) => `${open}${body})`),
      weight: 2,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...GROUPS), tie("source"), fc.constantFrom(...QUANTIFIERS))
        .map(([open, body, quantifier]) => `${open}${body})${quantifier}`),
      weight: 3,
    },
    {
      arbitrary: fc.tuple(fc.constantFrom(...LOOKS), tie("source")).map(([open, body]) => `${open}${body})`),
      weight: 2,
    },
  ),
}));

/** Expressions; names of groups are made different. */
const expressions = fc.tuple(source, fc.subarray(["g", "i", "m", "s"]), fc.constantFrom("", "u", "v"))
  .map(([body, flags, mode]) => {
    let count = 0;
    return new RegExp(body.replace(/NAME/g, () => `n${count++}`), flags.join("") + mode);
  });

const bodies = fc.string({
  unit: fc.constantFrom("a", "a", "b", "b", "A", " ", "\n", "é", "🙂"),
  maxLength: 14,
});

describe("replaceRegExp by properties", () => {
  it("equals String.prototype.replace, however the body is cut", () => {
    fc.assert(
      fc.property(expressions, bodies, fc.boolean(), (pattern, body, perLine) => {
        const expected = replaced(body, pattern, "<$&$1>", perLine);
        // Halves of pairs have bytes here, which they have not for an encoder.
        fc.pre(!/\p{Surrogate}/u.test(expected));
        assertSplits(() => replaceRegExp(pattern, "<$&$1>", { perLine }), encode(body), encode(expected));
      }),
      { seed, numRuns: 2500 },
    );
  });

  it("equals it by an engine of which nothing is known but that matches are short", () => {
    const patterns = [/a{1,3}b?/g, /\bab?\b/g, /(?<=a)b{1,2}(?!a)/g, /a|bb/g, /(?:)/g, /é./g, /(a)\1/g];
    fc.assert(
      fc.property(
        fc.constantFrom(...patterns),
        bodies,
        fc.integer({ min: 6, max: 20 }),
        (pattern, body, maxMatch) => {
          fc.pre(!body.includes("🙂"));
          const engine: RegExpEngine = {
            flags: "g",
            lastIndex: 0,
            exec(text) {
              pattern.lastIndex = engine.lastIndex;
              return pattern.exec(text);
            },
          };
          const make = () => replaceRegExp(engine, "<$&$1>", { maxMatch });
          assertSplits(make, encode(body), encode(body.replace(pattern, "<$&$1>")));
        },
      ),
      { seed, numRuns: 1000 },
    );
  });

  it("leaves every byte that it does not replace as it is, in each charset", () => {
    const charsets = fc.constantFrom("utf-8", "latin1", "utf-16le", "utf-16be");
    const some = fc.oneof(
      fc.uint8Array({ maxLength: 24 }),
      fc.array(
        fc.constantFrom(0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x99, 0x61, 0xc3, 0xd8, 0xdc, 0x00, 0xed, 0xa0),
        { maxLength: 24 },
      )
        .map((values) => Uint8Array.from(values)),
    );
    fc.assert(
      fc.property(charsets, some, (charset, body) => {
        assertSplits(() => replaceRegExp(/[^]+/gu, "$&", { charset }), body, body);
        assertSplits(() => replaceRegExp(/[^a]|\b/gu, "$&", { charset }), body, body);
        assertSplits(() => replaceRegExp(/\w+x|\d{3,9}y/g, "$&", { charset }), body, body);
      }),
      { seed, numRuns: 600 },
    );
  });
});

describe("replaceRegExp holds what can still match", () => {
  const held: readonly (readonly [pattern: RegExp, body: string, held: readonly string[]])[] = [
    [/foo\d+;/g, "xfofoo1 2", ["", "f", "fo", "f", "fo", "foo", "foo1", "", ""]],
    [/foobar/g, "foobar", ["f", "fo", "foo", "foob", "fooba", ""]],
    [/a+/g, "aab", ["a", "aa", ""]],
    [/a{2}/g, "aab", ["a", "", ""]],
    [/a{2,3}/g, "aaab", ["a", "aa", "", ""]],
    [/a+?/g, "aab", ["", "", ""]],
    [/\bfoo\b/g, "foo fo", ["f", "fo", "foo", "", "f", "fo"]],
    [/foo(?=bar)/g, "foobaz", ["f", "fo", "foo", "foob", "fooba", ""]],
    [/foo(?=bar)/g, "foobar", ["f", "fo", "foo", "foob", "fooba", ""]],
    [/foo(?=(b)ar)/g, "foobarx", ["f", "fo", "foo", "foob", "fooba", "foobar", ""]],
    [/foo(?!bar)/g, "foobafoo", ["f", "fo", "foo", "foob", "fooba", "f", "fo", "foo"]],
    [/a$/g, "aab", ["a", "a", ""]],
    [/^ab/g, "aabab", ["a", "", "", "", ""]],
    [/"[^"]*"/g, 'a"bc"d"', ["", '"', '"b', '"bc', "", "", '"']],
    [/x(?:ab)*y/g, "xababx", ["x", "xa", "xab", "xaba", "xabab", "x"]],
    [/(?:ab){2}/g, "ababa", ["a", "ab", "aba", "", "a"]],
    [/https?:\/\/\S+/gi, "a Http://b ", [
      "",
      "",
      "H",
      "Ht",
      "Htt",
      "Http",
      "Http:",
      "Http:/",
      "Http://",
      "Http://b",
      "",
    ]],
    [/a|abc/g, "abc", ["", "", ""]],
    [/abc|a/g, "abxa", ["a", "ab", "", "a"]],
    [/ab/, "abab", ["a", "", "", ""]],
  ];
  for (const [pattern, body, expected] of held) {
    it(`${pattern} in ${JSON.stringify(body)}`, () => {
      const { pieces, counts } = run(replaceRegExp(pattern, "$&"), cutEvery(bytes(body), 1));
      const rest = counts.map((count, i) => body.slice(text(...pieces.slice(0, count)).length, i + 1));
      assert.deepEqual(rest, expected);
    });
  }

  it("with perLine nothing of a line that has ended", () => {
    const { counts } = run(replaceRegExp(/[^]*/, "$&", { perLine: true }), [
      bytes("ab"),
      bytes("c\n"),
      bytes("\n"),
    ]);
    assert.deepEqual(counts, [0, 2, 3]);
  });

  it("nothing after the only match", () => {
    const { pieces, counts } = run(replaceRegExp(/a/, "b"), [encode("é"), ...cutEvery(encode("a€a"), 1)]);
    assert.deepEqual(counts, [1, 2, 3, 4, 5, 6]);
    assert.equal(text(...pieces), text(encode("éb€a")));
  });

  it("the beginning of a character only while it is one", () => {
    const chunks = ["\xe2", "\x82", "\xe2\x82", "\xac"].map(bytes);
    assert.deepEqual(run(replaceRegExp(/x|é/g, "y"), chunks).counts, [0, 0, 1, 3]);
    assert.deepEqual(run(replaceRegExp(/ax/g, "y"), chunks).counts, [1, 2, 3, 4], "where only ASCII matters");
  });

  it("at most maxMatch bytes, of an engine or with a backreference", () => {
    for (const size of [1, 7, 50]) {
      const { pieces, counts } = run(
        replaceRegExp(/(a)\1/g, "-", { maxMatch: 10 }),
        cutEvery(bytes("x".repeat(100)), size),
      );
      counts.forEach((count, i) => {
        const taken = Math.min((i + 1) * size, 100);
        assert.equal(text(...pieces.slice(0, count)).length, Math.max(0, taken - 9));
      });
    }
  });
});

describe("replaceRegExp with matches that are too long", () => {
  const cuts = [1, 3, 100];

  it("fails by itself", () => {
    for (const size of cuts) {
      const transform = replaceRegExp(/a+/g, "x", { maxMatch: 4 });
      assert.throws(() => run(transform, cutEvery(bytes("xaaaaaab"), size)), {
        name: "RangeError",
        message:
          "Cannot replace as a match must be at most 4 bytes long: got one at byte 1 that is, or may become, " +
          "longer; raise maxMatch, or say what is to be done by onOverflow",
      });
    }
  });

  it("takes one that just fits", () => {
    assertSplits(() => replaceRegExp(/a+/g, "x", { maxMatch: 4 }), "baaaabaaaa", "bxbx");
    assertSplits(() => replaceRegExp(/é+/g, "x", { maxMatch: 4 }), encode("éébéé"), "xbx");
    assertSplits(() => replaceRegExp(/(a)\1+b/g, "x", { maxMatch: 4 }), "aaabaab", "xx");
  });

  it("calls a function instead, passes it on and finds the ones behind it", () => {
    for (const size of cuts) {
      const seen: number[] = [];
      const options = { maxMatch: 4, onOverflow: (offset: number) => void seen.push(offset) };
      const transform = replaceRegExp(/"\w*"/g, "x", options);
      const { pieces } = run(transform, cutEvery(bytes('é"abcdef" "a" "abcdefg'), size));
      assert.equal(text(...pieces), 'é"abcdef" x "abcdefg');
      assert.deepEqual(seen, [1, 14]);
    }
  });

  it("counts what a lookahead looks at", () => {
    const seen: number[] = [];
    const options = { maxMatch: 4, onOverflow: (offset: number) => void seen.push(offset) };
    const transform = replaceRegExp(/a(?=b*c)/g, "x", options);
    assert.equal(text(...run(transform, cutEvery(bytes("abbbbbbbcabc"), 1)).pieces), "abbbbbbbcxbc");
    assert.deepEqual(seen, [0]);
  });

  it("sees an engine's that comes in one piece", () => {
    const seen: number[] = [];
    const options = { maxMatch: 4, onOverflow: (offset: number) => void seen.push(offset) };
    const transform = replaceRegExp(/(a)\1+b/g, "x", options);
    assert.equal(
      text(...run(transform, [bytes("-aaaaaab-aab")]).pieces),
      "-aaaax-x".replace("aaaax", "aaax"),
    );
    assert.deepEqual(seen, [1, 2, 3]);
  });
});

describe("replaceRegExp on long bodies", () => {
  const line = 'é "key": "value 1234", 2024-05-06 https://example.com/x?y=z <b>bold</b>\n';
  const body = line.repeat(3000);
  const patterns = [
    /\d{4}-\d\d-\d\d/g,
    /https?:\/\/[^\s"]+/g,
    /<(\w+)>[^<]*<\/\1>/g,
    /^.*key.*$/gm,
    /\b1234\b/g,
  ];
  for (const pattern of patterns) {
    it(`equals String.prototype.replace across slices: ${pattern}`, () => {
      const expected = body.replace(pattern, "[$&]");
      for (const size of [300_000, 65_536, 4099]) {
        const made = run(replaceRegExp(pattern, "[$&]"), cutEvery(encode(body), size)).pieces;
        assert.ok(
          new TextDecoder().decode(Uint8Array.from(made.flatMap((piece) => [...piece]))) === expected,
        );
      }
    });
  }

  it("passes on what it does not change as subarrays", () => {
    const out: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
    const transform = replaceRegExp(/foo\d/g, "x");
    const chunk = bytes("hello world");
    transform.transform(chunk, controller);
    assert.equal(out[0], chunk);
    const other = bytes("1 foo1 2 foo");
    transform.transform(other, controller);
    assert.deepEqual(out.slice(1).map((piece) => text(piece)), ["1 ", "x", " 2 "]);
    assert.equal(out[1]?.buffer, other.buffer);
  });

  it("sees as much of what was before as it is told to", () => {
    const make = (context: number) => replaceRegExp(/(?<=ab{3})c/g, "x", { context });
    const cut = (transform: Transform) => text(...run(transform, cutEvery(bytes("abbbcab"), 1)).pieces);
    assert.equal(cut(make(4)), "abbbxab");
    assert.equal(cut(make(3)), "abbbcab");
    assert.equal(
      text(...run(replaceRegExp(/^c|\bc/g, "x", { context: 1 }), cutAt(bytes("bc c"), [1])).pieces),
      "bc x",
    );
  });
});

describe("replaceRegExp in other charsets", () => {
  it("reads and writes latin1", () => {
    const make = () => replaceRegExp(/\xe9./g, "$&\xff", { charset: "latin1" });
    assertSplits(make, "caf\xe9s \x80\xe9\xe9", "caf\xe9s\xff \x80\xe9\xe9\xff");
    const wrong = replaceRegExp(/a/g, () => "€", { charset: "latin1" });
    assert.throws(() => run(wrong, [bytes("a")]), {
      name: "RangeError",
      message: "Cannot replace as text in latin1 must end at U+00FF: got €",
    });
  });

  for (const charset of ["utf-16le", "utf-16be"] as const) {
    it(`reads and writes ${charset}`, () => {
      const body = "a🙂é\u6161 b🙂";
      const encodeBoth = (text: string) => {
        return Uint8Array.from({ length: 2 * text.length }, (_, i) => {
          const unit = text.charCodeAt(i >> 1);
          return (i % 2 === 0) === (charset === "utf-16le") ? unit & 255 : unit >> 8;
        });
      };
      const pattern = /a.|b\p{S}$/gu;
      const make = () => replaceRegExp(pattern, "<$&>", { charset });
      assertSplits(make, encodeBoth(body), encodeBoth(body.replace(pattern, "<$&>")));
    });
  }

  it("shows bytes that are no UTF-8 as lone surrogates, and writes these as bytes", () => {
    const make = () => replaceRegExp(/[\udc80-\udcff]+/g, (match) => `<${match[0]}>`);
    assertSplits(
      make,
      "a\xff\xfeb\xe2\x82c\xc3\xa9\xed\xa0\x80",
      "a<\xff\xfe>b<\xe2\x82>c\xc3\xa9<\xed\xa0\x80>",
    );
  });
});

describe("replaceRegExp refuses", () => {
  const refused: readonly (readonly [
    name: string,
    pattern: unknown,
    replacement: unknown,
    options: unknown,
    error: object,
  ])[] = [
    ["text for a pattern", "a", "b", {}, {
      name: "TypeError",
      message: "Cannot replace as the pattern must be a RegExp, or search like one: got a",
    }],
    ["null for a pattern", null, "b", {}, { name: "TypeError" }],
    ["an engine that is not global", { flags: "", lastIndex: 0, exec: () => null }, "b", {}, {
      name: "RangeError",
      message: 'Cannot replace as the flags of an engine must have g and not y: got ""',
    }],
    ["a number for a replacement", /a/, 1, {}, { name: "TypeError" }],
    ["a template with what is before", /a/, "$$`$&$`", {}, {
      name: "SyntaxError",
      message:
        "Cannot replace as the replacement must be made of the match alone: got $`, which is the body before it",
    }],
    ["a template with what is behind", /a/, "$'", {}, { name: "SyntaxError" }],
    ["a maxMatch of 0", /a/, "b", { maxMatch: 0 }, {
      name: "RangeError",
      message: "Cannot replace as maxMatch must be a whole number of bytes, 1 or more: got 0",
    }],
    ["a context of 0", /a/, "b", { context: 0 }, { name: "RangeError" }],
    ["a charset that it does not know", /a/, "b", { charset: "utf-7" }, {
      name: "RangeError",
      message: "Cannot replace as the charset must be one of utf-8, latin1, utf-16le, utf-16be: got utf-7",
    }],
  ];
  for (const [name, pattern, replacement, options, error] of refused) {
    it(name, () => {
      const make = () =>
        replaceRegExp(pattern as RegExp, replacement as RegExpReplacement, options as ReplaceRegExpOptions);
      assert.throws(make, error);
    });
  }

  it("an engine that does not search from lastIndex on", () => {
    const engine = { flags: "g", lastIndex: 0, exec: (text: string) => /a/.exec(text) };
    assert.throws(() => run(replaceRegExp(engine, "b", { maxMatch: 1 }), [bytes("xaa")]), {
      name: "TypeError",
      message: "Cannot replace as the engine must search from lastIndex 2 on: got 1",
    });
  });
});

describe("replaceRegExp takes linear time", () => {
  const text = 'some text, "a quoted one" and 2024-05-06 ';
  for (const pattern of [/\d{4}-\d\d/g, /"[^"]*"/g, /\w+ed\b/g]) {
    for (const size of [1, 1000]) {
      it(`${pattern}, chunks of ${size}`, () => {
        const [few, many] = [400, 3200].map((count) => cutEvery(bytes(text.repeat(count)), size));
        const time = (chunks: readonly Uint8Array[]) => duration(replaceRegExp(pattern, "-"), chunks);
        assertAtMost(4 * 8, { long: () => time(many!), short: () => time(few!) });
      });
    }
  }
});

describe("replaceRegExp in a chain", () => {
  it("sees what the step above it made", () => {
    assertSplits(() => compose(replace("a", "bb"), replaceRegExp(/b{3}/g, "c")), "xabx ab bab", "xcx c cb");
  });
});
