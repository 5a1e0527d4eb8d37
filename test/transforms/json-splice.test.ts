import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { isolateJson, type JsonPath, spliceJson } from "../../transforms/json-splice.ts";
import { bytes, seed, text } from "../harness/splits.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** All paths of a value that lead to something. */
function paths(value: unknown, path: JsonPath = []): JsonPath[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...below.flatMap(([step, child]) => paths(child, [...path, step]))];
}

function replaceAt(value: unknown, [step, ...rest]: JsonPath, other: unknown): unknown {
  if (step === undefined) return other;
  const copy = structuredClone(value) as Record<string | number, unknown>;
  // Not an assignment, as that would not make a member of "__proto__".
  const child = replaceAt((value as typeof copy)[step], rest, other);
  Object.defineProperty(copy, step, { value: child, enumerable: true, configurable: true, writable: true });
  return copy;
}

describe("spliceJson", () => {
  const rows: readonly (readonly [name: string, json: string, path: JsonPath, expected: string])[] = [
    ["the whole", " 1.0 ", [], " X "],
    ["a member", '{"a" :\t1.0 , "b":[ ]}', ["a"], '{"a" :\tX , "b":[ ]}'],
    ["an element", '[1, "]", {"a":"}"} ,4]', [2], '[1, "]", X ,4]'],
    [
      "what lies deep",
      '{"a":[{"b":"\\"]}"},{"b":"c"}],"d":1e5}',
      ["a", 1, "b"],
      '{"a":[{"b":"\\"]}"},{"b":X}],"d":1e5}',
    ],
    ["a name with escapes", '{"\\u0061\\"":1,"a":2}', ['a"'], '{"\\u0061\\"":X,"a":2}'],
    ["a name beyond ASCII", '{"\xc3\xa9":"\\\\"}', ["é"], '{"\xc3\xa9":X}'],
    ["every occurrence of a name", '{"a":1,"a":[2]}', ["a"], '{"a":X,"a":X}'],
    ["nothing", '{"a":1}', ["b", 0], '{"a":1}'],
    ["nothing in an array that has no such element", "[ ]", [0], "[ ]"],
    ["bytes that are no UTF-8 around it", '{"a":"\xff","b":1}', ["b"], '{"a":"\xff","b":X}'],
  ];
  for (const [name, json, path, expected] of rows) {
    it(`replaces ${name}`, () => {
      assert.equal(text(spliceJson(bytes(json), [{ path, json: bytes("X") }])), expected);
    });
  }

  it("replaces several at once", () => {
    const edits = [{ path: ["b"], json: bytes("2") }, { path: ["a", 0], json: bytes("1") }];
    assert.equal(text(spliceJson(bytes('{"a":[0],"b":0}'), edits)), '{"a":[1],"b":2}');
  });

  it("equals parsing, replacing and writing", () => {
    const spaces = fc.constantFrom(undefined, " ", "\t");
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 4 }),
        fc.nat(),
        fc.jsonValue({ maxDepth: 1 }),
        spaces,
        (value, n, other, space) => {
          const all = paths(value);
          const path = all[n % all.length]!;
          const json = encoder.encode(JSON.stringify(value, null, space));
          const spliced = spliceJson(json, [{ path, json: encoder.encode(JSON.stringify(other)) }]);
          assert.deepEqual(
            JSON.parse(decoder.decode(spliced)),
            JSON.parse(JSON.stringify(replaceAt(value, path, other))),
          );
        },
      ),
      { seed, numRuns: 3000 },
    );
  });
});

describe("isolateJson", () => {
  const rows: readonly (readonly [json: string, path: JsonPath, expected: string])[] = [
    ['{"a":[1, 2 ,3],"b":[1,2]}', ["a", 1], '{"a":[2],"b":[1,2]}'],
    ['{"a":[{"b":[1,2],"c":0},{"b":[3, 4]}]}', ["a", 1, "b", 1, "x"], '{"a":[{"b":[4]}]}'],
    ["[[1],[2,3]]", [1, 0], "[[2]]"],
    ['{"a":1}', ["a"], '{"a":1}'],
    ['{"a":[1]}', ["a", 7], '{"a":[1]}'],
  ];
  for (const [json, path, expected] of rows) {
    it(`leaves ${path.join(".")} of ${json}`, () => {
      assert.equal(text(isolateJson(bytes(json), path)), expected);
    });
  }
});
