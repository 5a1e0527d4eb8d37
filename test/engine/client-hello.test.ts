/**
 * What a TLS client says first: of real clients, however it is cut, and of what only looks like one.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Duplex } from "node:stream";
import { connect, type ConnectionOptions } from "node:tls";
import fc from "fast-check";
import { type ClientHello, readClientHello } from "../../lib/client-hello.ts";
import { concat } from "../../transforms/concat.ts";
import { octets } from "../harness/playbook.ts";

const LIMIT = 16 * 1024;

/** The first bytes of this runtime's own client. */
async function helloOf(options: ConnectionOptions): Promise<Uint8Array> {
  return await new Promise((resolve) => {
    const socket = new Duplex({
      read() {},
      write(chunk: Uint8Array, _encoding, done) {
        resolve(Uint8Array.from(chunk));
        done();
      },
    });
    connect({ socket, ...options }).on("error", () => {});
  });
}

/** A hello with these extensions, in records of at most so many bytes. */
function made(extensions: Uint8Array, recordBytes: number = 1 << 14): Uint8Array {
  const body = concat([
    new Uint8Array(34).fill(3),
    octets("\x00\x00\x02\x13\x01\x01\x00"),
    sized(2, extensions),
  ]);
  const message = concat([octets("\x01\x00"), sized(2, body)]);
  const records: Uint8Array[] = [];
  for (let at = 0; at < message.length; at += recordBytes) {
    records.push(octets("\x16\x03\x01"), sized(2, message.subarray(at, at + recordBytes)));
  }
  return concat(records);
}

function sized(bytes: 1 | 2, content: Uint8Array): Uint8Array {
  const { length } = content;
  return concat([bytes === 1 ? Uint8Array.of(length) : Uint8Array.of(length >> 8, length & 255), content]);
}

function extension(kind: number, data: Uint8Array): Uint8Array {
  return concat([Uint8Array.of(0, kind), sized(2, data)]);
}

const named = extension(0, sized(2, concat([Uint8Array.of(0), sized(2, octets("WWW.Example.test"))])));
const protocols = extension(16, sized(2, concat([sized(1, octets("h2")), sized(1, octets("http/1.1"))])));

const rows: [what: string, bytes: Uint8Array, hello: ClientHello][] = [
  ["no extensions", made(new Uint8Array(0)), { serverName: null, protocols: null }],
  ["a name", made(named), { serverName: "www.example.test", protocols: null }],
  ["protocols", made(protocols), { serverName: null, protocols: ["h2", "http/1.1"] }],
  ["both, and one that nobody knows", made(concat([named, extension(99, octets("x")), protocols])), {
    serverName: "www.example.test",
    protocols: ["h2", "http/1.1"],
  }],
  ["many records", made(concat([named, protocols]), 7), {
    serverName: "www.example.test",
    protocols: ["h2", "http/1.1"],
  }],
];

describe("readClientHello()", () => {
  for (const [what, bytes, hello] of rows) {
    it(`reads one with ${what}, and waits for all of it`, () => {
      for (let length = 0; length < bytes.length; length++) {
        assert.equal(readClientHello(bytes.subarray(0, length), LIMIT), null, `after ${length}`);
      }
      assert.deepEqual(readClientHello(bytes, LIMIT), hello);
      assert.deepEqual(readClientHello(concat([bytes, octets("\x16more")]), LIMIT), hello);
    });
  }

  it("reads what this runtime's client says", async () => {
    const bytes = await helloOf({ servername: "a.test", ALPNProtocols: ["h2", "http/1.1"] });
    assert.deepEqual(readClientHello(bytes, LIMIT), {
      serverName: "a.test",
      protocols: ["h2", "http/1.1"],
    });
    const { serverName, protocols } = readClientHello(await helloOf({ servername: "" }), LIMIT)!;
    assert.deepEqual([serverName, protocols], [null, null]);
  });

  const broken: [what: string, bytes: Uint8Array][] = [
    ["another message", octets("\x16\x03\x01\x00\x04\x02\x00\x00\x00")],
    ["another record", octets("\x17\x03\x01\x00\x01\x00")],
    ["an empty record", octets("\x16\x03\x01\x00\x00")],
    [
      "a record of another kind within it",
      concat([made(named, 9).subarray(0, 14), octets("\x15\x03\x01\x00\x01")]),
    ],
    ["lengths that contradict each other", made(extension(0, octets("\x00\xff\x00")))],
    ["nothing in it", octets("\x16\x03\x01\x00\x04\x01\x00\x00\x00")],
    ["more than it may have", octets("\x16\x03\x01\x40\x00\x01\x00\x40\x01")],
  ];
  for (const [what, bytes] of broken) {
    it(`refuses ${what}`, () => void assert.throws(() => readClientHello(bytes, LIMIT), RangeError));
  }

  it("says of anything that it is one, that it isn't, or that there is more to come", () => {
    const whole = made(concat([named, protocols]), 50);
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(fc.property(fc.array(change, { maxLength: 4 }), fc.nat(whole.length), (changes, length) => {
      const bytes = whole.slice(0, length);
      for (const [at, octet] of changes) if (at < length) bytes[at] = octet;
      try {
        readClientHello(bytes, LIMIT);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }));
  });
});
