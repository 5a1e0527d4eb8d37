/**
 * Properties over generated input: whatever bytes come, nothing but a ProtocolError is thrown (`play` lets any other
 * through), and how they were cut makes no difference.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { cut, octets, play, type Scene } from "./play.ts";

const SEEDS: readonly string[] = [
  "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhelloGET / HTTP/1.1\r\nHost: a\r\n\r\n",
  'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;a="b"\r\nhello\r\n0\r\nX: 1\r\n\r\n',
  "\r\nCONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\nraw",
  "HTTP/1.1 103 Early\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
  "HTTP/1.0 404\r\nX: \t1 \r\n\r\nuntil the end",
  "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: a\r\n\r\nraw",
];
// The octets that parsers disagree about.
const HOSTILE = octets('\r\n \t\0:;,="\\0159afGH+-_#\x7f\x80\x85\xa0\xff');

const scenes: fc.Arbitrary<Scene> = fc.record({
  role: fc.constantFrom("server" as const, "client" as const),
  upgrade: fc.boolean(),
  fin: fc.boolean(),
});

/** A seed with octets replaced, inserted and deleted. */
const mutants: fc.Arbitrary<Uint8Array> = fc.tuple(
  fc.constantFrom(...SEEDS),
  fc.array(
    fc.record({ at: fc.nat(), kind: fc.constantFrom(0, 1, 2), octet: fc.constantFrom(...HOSTILE) }),
    { maxLength: 4 },
  ),
).map(([seed, edits]) => {
  const bytes = [...octets(seed)];
  for (const { at, kind, octet } of edits) {
    const place = at % bytes.length;
    if (kind === 0) bytes[place] = octet;
    else if (kind === 1) bytes.splice(place, 0, octet);
    else bytes.splice(place, 1);
  }
  return Uint8Array.from(bytes);
});

/** The cuts of some bytes, from numbers of any size. */
function cutAnywhere(bytes: Uint8Array, numbers: readonly number[]): Uint8Array[] {
  return cut(bytes, ...numbers.map((number) => number % (bytes.length + 1)).sort((a, b) => a - b));
}

describe("whatever comes", () => {
  it("arbitrary bytes are refused or read the same way, however they are cut", () => {
    fc.assert(
      fc.property(
        scenes,
        fc.uint8Array({ maxLength: 80 }),
        fc.array(fc.nat(), { maxLength: 6 }),
        (scene, bytes, at) => {
          assert.deepEqual(play(scene, cutAnywhere(bytes, at)), play(scene, [bytes]));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("so are messages with a few octets changed", () => {
    fc.assert(
      fc.property(scenes, mutants, fc.array(fc.nat(), { maxLength: 6 }), (scene, bytes, at) => {
        assert.deepEqual(play(scene, cutAnywhere(bytes, at)), play(scene, [bytes]));
      }),
      { numRuns: 2000 },
    );
  });
});
