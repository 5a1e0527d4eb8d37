/**
 * Every limit of the codec, at the last byte that it allows and at the first that it does not; and that what comes
 * in small pieces costs no more than what comes whole.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ReceiveBuffer } from "../../lib/h1/receive-buffer.ts";
import { defaultLimits, type Limits } from "../../lib/limits.ts";
import { cut, octets, play, type Scene } from "./play.ts";

const small: Limits = {
  ...defaultLimits,
  lineBytes: 40,
  requestHeadBytes: 100,
  responseHeadBytes: 100,
  fieldCount: 4,
  emptyLineCount: 1,
  chunkLineBytes: 10,
  chunkExtensionBytes: 12,
  trailerBytes: 60,
  trailerCount: 2,
  interimCount: 2,
};
const server: Scene = { role: "server", limits: small };
const client: Scene = { role: "client", limits: small };

const GET = "GET / HTTP/1.1\r\nHost: a\r\n";
const POST = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n";

function lastLine(scene: Scene, text: string): string {
  const bytes = octets(text);
  const whole = play(scene, [bytes]);
  assert.deepEqual(play(scene, [...bytes].map((octet) => Uint8Array.of(octet))), whole, "an octet at a time");
  assert.deepEqual(play(scene, cut(bytes, bytes.length >> 1)), whole, "in halves");
  return whole.at(-1)!;
}

describe("a limit", () => {
  const rows: [string, Scene, string, string, string][] = [
    [
      "a request line",
      server,
      `GET /${"a".repeat(26)} HTTP/1.1\r\nHost: a\r\n\r\n`,
      `GET /${"a".repeat(27)} HTTP/1.1\r\n\r\n`,
      "refused 414",
    ],
    [
      "a request line that does not end",
      server,
      `GET /${"a".repeat(30)}`,
      `GET /${"a".repeat(60)}`,
      "refused 414",
    ],
    [
      "a field line",
      server,
      `${GET}X: ${"a".repeat(37)}\r\n\r\n`,
      `${GET}X: ${"a".repeat(38)}\r\n\r\n`,
      "refused 431",
    ],
    [
      "a request head",
      server,
      `${GET}${`X: ${"a".repeat(31)}\r\n`}${`X: ${"a".repeat(30)}\r\n`}\r\n`,
      `${GET}${`X: ${"a".repeat(32)}\r\n`.repeat(2)}\r\n`,
      "refused 431",
    ],
    [
      "fields in a request",
      server,
      `${GET}${"A: b\r\n".repeat(3)}\r\n`,
      `${GET}${"A: b\r\n".repeat(4)}\r\n`,
      "refused 431",
    ],
    ["empty lines before a request", server, `\r\n${GET}\r\n`, `\r\n\r\n${GET}\r\n`, "refused 400"],
    ["a chunk line", server, `${POST}1;abcdefgh\r\n`, `${POST}1;abcdefghij\r\n`, "refused 400"],
    [
      "a chunk size of zeros",
      server,
      `${POST}${"0".repeat(9)}1\r\n`,
      `${POST}${"0".repeat(12)}1\r\n`,
      "refused 400",
    ],
    [
      "extensions in a body",
      server,
      `${POST}${"1;abcde\r\na\r\n".repeat(2)}`,
      `${POST}${"1;abcde\r\na\r\n".repeat(3)}`,
      "refused 400",
    ],
    [
      "fields in a trailer section",
      server,
      `${POST}0\r\n${"A: b\r\n".repeat(2)}\r\n`,
      `${POST}0\r\n${"A: b\r\n".repeat(3)}\r\n`,
      "refused 431",
    ],
    [
      "a trailer section",
      server,
      `${POST}0\r\nA: ${"b".repeat(20)}\r\nA: ${"b".repeat(28)}\r\n\r\n`,
      `${POST}0\r\nA: ${"b".repeat(30)}\r\nA: ${"b".repeat(30)}\r\n\r\n`,
      "refused 431",
    ],
    [
      "a status line",
      client,
      `HTTP/1.1 200 ${"a".repeat(27)}\r\n`,
      `HTTP/1.1 200 ${"a".repeat(40)}\r\n`,
      "refused 431",
    ],
    [
      "fields in a response",
      client,
      `${OK}${"A: b\r\n".repeat(3)}\r\n`,
      `${OK}${"A: b\r\n".repeat(4)}\r\n`,
      "refused 431",
    ],
    [
      "a response head",
      client,
      `${OK}X: ${"a".repeat(32)}\r\n\r\n`,
      `${OK}X: ${"a".repeat(30)}\r\nX: ${"a".repeat(30)}\r\n\r\n`,
      "refused 431",
    ],
    [
      "interim responses",
      client,
      `${"HTTP/1.1 102 \r\n\r\n".repeat(2)}${OK}\r\n`,
      `${"HTTP/1.1 102 \r\n\r\n".repeat(3)}${OK}\r\n`,
      "refused 400",
    ],
  ];
  for (const [name, scene, within, beyond, refusal] of rows) {
    it(`is there for ${name}`, () => {
      assert.doesNotMatch(lastLine(scene, within), /refused/);
      assert.equal(lastLine(scene, beyond), refusal);
    });
  }

  it("on interim responses is for each response", () => {
    const exchange = `${"HTTP/1.1 102 \r\n\r\n".repeat(2)}${OK}\r\n`;
    const scene: Scene = { ...client, methods: ["GET", "GET"] };
    assert.equal(play(scene, cut(octets(exchange.repeat(2)), exchange.length)).at(-1), "paused, done");
  });

  it("on extensions is for each body", () => {
    const message = `${POST}1;abcdefgh\r\na\r\n0\r\n\r\n`;
    assert.equal(lastLine(server, message.repeat(3)), "need data");
  });
});

describe("small pieces", () => {
  it("of a head are copied a number of times that grows with its logarithm", () => {
    const buffer = new ReceiveBuffer();
    const places = new Set<Uint8Array>();
    const piece = Uint8Array.of(97);
    for (let i = 0; i < 65536; i++) {
      buffer.add(piece);
      buffer.keep();
      places.add(buffer.bytes);
    }
    assert.equal(buffer.length, 65536);
    assert(places.size <= 9, `the bytes were in ${places.size} places`);
  });

  it("of a chunk's line are not held at all", () => {
    const line = octets(`5${";abc=def".repeat(20)}\r\n`);
    const buffer = new ReceiveBuffer();
    for (const octet of line) {
      buffer.add(Uint8Array.of(octet));
      buffer.skip(1);
      buffer.keep();
      assert.equal(buffer.bytes.length, 0);
    }
  });
});
