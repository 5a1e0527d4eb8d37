import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { compose, drop, mapJson, mapLines, mapRecords, type Transform } from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutAt, cutEvery, run, seed, splits, text } from "../harness/splits.ts";

/** What becomes of a record in these tests, by its first byte. */
function change(record: string): string | null | undefined {
  if (record.startsWith("-")) return null;
  if (record.startsWith("!")) return `<${record.slice(1)}>`;
  if (record.startsWith("0")) return "";
  return undefined;
}

function changeBytes(record: Uint8Array): string | null | undefined {
  return change(text(record));
}

/** What `mapRecords` must make of a whole body. */
function expectedRecords(body: string, delimiter: string): string {
  const records = body.split(delimiter);
  return records.map((record, index) => {
    const end = index < records.length - 1 ? delimiter : "";
    if (record + end === "") return "";
    const result = change(record);
    return result === null ? "" : (result ?? record) + end;
  }).join("");
}

/** What `mapLines` must make of a whole body. */
function expectedLines(body: string): string {
  return body.replace(/([^\r\n]*)(\r\n|\r|\n)|[^\r\n]+/g, (whole, content?: string, end?: string) => {
    const result = change(content ?? whole);
    return result === null ? "" : (result ?? content ?? whole) + (end ?? "");
  });
}

/** The pieces that one call made. */
function pieces(transform: Transform, chunk: string): string[] {
  const out: string[] = [];
  transform.transform(bytes(chunk), { enqueue: (piece) => void out.push(text(piece)), terminate() {} });
  return out;
}

describe("mapLines", () => {
  const rows: readonly (readonly [name: string, body: string, expected: string])[] = [
    ["nothing to change", "a\nb\n", "a\nb\n"],
    ["all kinds of line ends", "a\r\nb\rc\nd", "a\r\nb\rc\nd"],
    ["changed lines keep their ends", "!a\r\n!b\r!c\n!d", "<a>\r\n<b>\r<c>\n<d>"],
    ["dropped lines take their ends along", "-a\r\nb\r-c\r\n-d\ne\n-f", "b\re\n"],
    ["emptied lines keep their ends", "0a\r\n0b\n", "\r\n\n"],
    ["empty lines", "\n\r\n\r\r\n\n", "\n\r\n\r\r\n\n"],
    ["an empty body", "", ""],
    ["a body without a line end", "!abc", "<abc>"],
    ["bytes that are no text", "\xff\xfe\n\x80", "\xff\xfe\n\x80"],
  ];
  for (const [name, body, expected] of rows) {
    it(`maps ${name}`, () => {
      assert.equal(expectedLines(body), expected);
      assertSplits(() => mapLines(changeBytes), body, expected);
    });
  }

  it("equals a replacement on the whole body", () => {
    const unit = fc.constantFrom("a", "-", "!", "0", "\r", "\n", "\r\n");
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 24 }), (body) => {
        assertSplits(() => mapLines(changeBytes), body, expectedLines(body));
      }),
      { seed, numRuns: 1000 },
    );
  });

  it("passes on a line in the call that brings its end, and a CR is one", () => {
    const transform = mapLines(changeBytes);
    assert.deepEqual(pieces(transform, "ab"), []);
    assert.deepEqual(pieces(transform, "c\nd"), ["abc\n"]);
    assert.deepEqual(pieces(transform, "ef\r"), ["def\r"]);
    assert.deepEqual(pieces(transform, "\ng"), ["\n"]);
    assert.deepEqual(pieces(transform, "\n-h\r"), ["g\n"]);
    assert.deepEqual(pieces(transform, "\ni\n"), ["i\n"]);
  });

  it("passes on what it does not change as one subarray", () => {
    const chunk = bytes("a\nb\n!c\nd\ne");
    const out: Uint8Array[] = [];
    const transform = mapLines(changeBytes);
    transform.transform(chunk, { enqueue: (piece) => void out.push(piece), terminate() {} });
    assert.deepEqual(out.map((piece) => text(piece)), ["a\nb\n", "<c>", "\n", "d\n"]);
    assert.equal(out[0]!.buffer, chunk.buffer);
    assert.equal(out[3]!.buffer, chunk.buffer);
    const whole = bytes("a\nb\n");
    const same: Uint8Array[] = [];
    mapLines(changeBytes).transform(whole, { enqueue: (piece) => void same.push(piece), terminate() {} });
    assert.equal(same[0], whole);
  });

  it("fails with the first byte that makes a line too long, after all lines before it", () => {
    for (const body of ["ab\r\nabcd\nabcde\n", "ab\r\nabcd\nabcde"]) {
      for (const [name, chunks] of splits(bytes(body))) {
        const out: Uint8Array[] = [];
        const controller = { enqueue: (piece: Uint8Array) => void out.push(piece.slice()), terminate() {} };
        const transform = mapLines(() => {}, { maxRecord: 4 });
        assert.throws(() => chunks.forEach((chunk) => transform.transform(chunk, controller)), {
          name: "RangeError",
          message:
            "Cannot pass the line on as it must be at most 4 bytes long: it is longer; raise maxRecord",
        }, name);
        assert.equal(text(...out), "ab\r\nabcd\n", name);
      }
    }
    assertSplits(() => mapLines(() => {}, { maxRecord: 4 }), "ab\r\nabcd\r\nabcd", "ab\r\nabcd\r\nabcd");
  });

  it("passes on the lines before the one that its function fails at", () => {
    const out: Uint8Array[] = [];
    const controller = { enqueue: (piece: Uint8Array) => void out.push(piece), terminate() {} };
    const failing = mapLines((line) => {
      if (text(line) === "c") throw new Error("no");
    });
    assert.throws(() => failing.transform(bytes("a\nb\nc\nd\n"), controller), { message: "no" });
    assert.equal(text(...out), "a\nb\n");
  });

  it("refuses what is no function, no limit, and no result", () => {
    assert.throws(() => mapLines("x" as unknown as () => void), {
      name: "TypeError",
      message: "Cannot map lines as what maps them must be a function: got string",
    });
    assert.throws(() => mapLines(() => {}, { maxRecord: 0 }), RangeError);
    assert.throws(() => mapLines(() => {}, { maxRecord: "1k" as unknown as number }), TypeError);
    const asynchronous = mapLines((() => Promise.resolve("x")) as unknown as () => string);
    assert.throws(() => run(asynchronous, [bytes("a\n")]), {
      name: "TypeError",
      message: "Cannot map the line as its function must return a Uint8Array, a string, null or undefined: " +
        "got a promise",
    });
  });

  it("says that its function may keep what it is shown, and that a call makes one piece", () => {
    assert.equal(mapLines(() => {}).retains, true);
    assert.equal(mapLines(() => {}).fragments, true);
  });

  it("lets go of what it holds when it is cancelled", () => {
    const transform = mapLines(() => {});
    pieces(transform, "abc");
    transform.cancel?.(new Error("left"));
    assert.deepEqual(pieces(transform, "d\n"), ["d\n"]);
  });
});

describe("mapRecords", () => {
  const rows: readonly (readonly [name: string, body: string, delimiter: string, expected: string])[] = [
    ["one byte", "a;!b;-c;;0d;e", ";", "a;<b>;;;e"],
    ["several bytes", "a--b--!c----d", "--", "a--b--<c>----d"],
    ["a delimiter that overlaps itself", "!xaab!yaaab!z", "aab", "<x>aab<ya>aab<z>"],
    ["a delimiter at the end", "!a||", "||", "<a>||"],
    ["a beginning of a delimiter at the end", "!a|", "||", "<a|>"],
    ["no delimiter", "!abc", "||", "<abc>"],
    ["nothing but delimiters", "||||", "||", "||||"],
  ];
  for (const [name, body, delimiter, expected] of rows) {
    it(`maps what ends with ${name}`, () => {
      assert.equal(expectedRecords(body, delimiter), expected);
      assertSplits(() => mapRecords(delimiter, changeBytes), body, expected);
    });
  }

  it("equals splitting the whole body", () => {
    const unit = fc.constantFrom("a", "b", "!", "0");
    const delimiter = fc.string({ unit: fc.constantFrom("a", "b"), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 24 }), delimiter, (body, delimiter) => {
        assertSplits(() => mapRecords(delimiter, changeBytes), body, expectedRecords(body, delimiter));
      }),
      { seed, numRuns: 1000 },
    );
  });

  it("counts the record without its delimiter, also where the chunk ends within that", () => {
    assertSplits(() => mapRecords("----", () => {}, { maxRecord: 2 }), "ab----cd----", "ab----cd----");
    for (const [name, chunks] of splits(bytes("ab----cde----"))) {
      assert.throws(() => run(mapRecords("----", () => {}, { maxRecord: 2 }), chunks), RangeError, name);
    }
  });

  it("does not see later changes to the delimiter it was made with", () => {
    const delimiter = bytes(";");
    const transform = mapRecords(delimiter, changeBytes);
    delimiter.fill(0);
    assert.equal(text(...run(transform, [bytes("!a;!b")]).pieces), "<a>;<b>");
  });

  it("refuses an empty delimiter, and what is neither text nor bytes", () => {
    assert.throws(() => mapRecords("", () => {}), RangeError);
    assert.throws(() => mapRecords(/;/ as unknown as string, () => {}), {
      name: "TypeError",
      message: "Cannot map records as the delimiter must be a string or a Uint8Array: got object",
    });
  });
});

describe("mapJson", () => {
  const double = (value: unknown) => {
    if (value === null) return drop;
    if (typeof value === "number") return value * 2;
    return Array.isArray(value) ? null : undefined;
  };

  it("maps values, keeps line ends, and leaves other lines byte for byte", () => {
    const body = '1\r\n{ "a" : 1.0 }\n\n null \n[]\r2';
    assertSplits(() => mapJson(double), body, '2\r\n{ "a" : 1.0 }\n\nnull\r4');
  });

  it("equals JSON.parse and JSON.stringify on every line", () => {
    const line = fc.json({ maxDepth: 2 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 30 }), (lines, size) => {
        const body = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
        const wrapped = run(mapJson((value) => [value]), cutEvery(body, size)).pieces;
        const expected = lines.map((line) => `${JSON.stringify([JSON.parse(line)])}\n`).join("");
        assert.equal(text(...wrapped), text(new TextEncoder().encode(expected)));
        assert.deepEqual(run(mapJson(() => undefined), cutEvery(body, size)).pieces.flatMap((p) => [...p]), [
          ...body,
        ]);
      }),
      { seed, numRuns: 1000 },
    );
  });

  it("keeps characters whole that are cut", () => {
    const body = new TextEncoder().encode('"né 🙂"\n');
    assertSplits(() => mapJson((value) => value), body, body);
  });

  it("fails at a line that is no JSON, and says which", () => {
    for (const line of ["{", "1 2", "undefined", '"\xff"']) {
      assert.throws(() => run(mapJson((value) => value), [bytes(`1\n2\n${line}\n`)]), {
        name: "SyntaxError",
        message: /^Cannot map line 3 as it must be JSON: /,
      });
    }
  });

  it("lets such lines pass where it is told to", () => {
    const make = () => mapJson(double, { onInvalid: "pass" });
    assertSplits(make, '1\n{\n"\xff"\n2', '2\n{\n"\xff"\n4');
  });

  it("refuses what is no function, no policy, and no JSON value", () => {
    assert.throws(() => mapJson(null as unknown as () => void), TypeError);
    assert.throws(() => mapJson(() => 1, { onInvalid: "ignore" as "pass" }), TypeError);
    for (const [result, kind] of [[() => 1, "function"], [Promise.resolve(1), "a promise"]] as const) {
      assert.throws(() => run(mapJson(() => result), [bytes("1\n")]), {
        name: "TypeError",
        message: `Cannot map line 1 as its function must return a JSON value, drop or undefined: got ${kind}`,
      });
    }
  });

  it("says that it retains nothing", () => {
    assert.equal(mapJson(() => {}).retains, false);
  });

  it("works in a chain", () => {
    const make = () => compose(mapLines((line) => line[0] === 0x23 ? null : undefined), mapJson(double));
    assertSplits(make, "# one\n1\n# two\n2\n", "2\n4\n");
  });
});

describe("records take linear time", () => {
  const makers: Readonly<Record<string, () => Transform>> = {
    mapLines: () => mapLines(() => {}),
    mapRecords: () => mapRecords("aaaaaaab", () => {}),
    mapJson: () => mapJson(() => {}, { onInvalid: "pass" }),
  };
  for (const [name, make] of Object.entries(makers)) {
    it(`${name}, one record in small pieces`, () => {
      const [short, long] = [1 << 14, 1 << 18].map((length) => cutEvery(bytes("a".repeat(length)), 4));
      assertAtMost(64, { long: () => duration(make(), long!), short: () => duration(make(), short!) });
    });
  }

  it("holds an incomplete record and nothing else", () => {
    const body = bytes("ab\ncd\r\nef\rgh");
    for (let place = 0; place <= body.length; place++) {
      const [begun] = cutAt(body, [place]);
      const out: Uint8Array[] = [];
      mapLines(() => {}).transform(begun!, { enqueue: (piece) => void out.push(piece), terminate() {} });
      assert.equal(text(...out), text(begun!).replace(/[^\r\n]*$/, ""), `${place}`);
    }
  });
});
