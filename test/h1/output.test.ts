/** What is sent: pieces that come together, stay as they were handed out, and have every octet in its place. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { latin1Text, portableText, writeLatin1 } from "../../lib/h1/octets.ts";
import { Output } from "../../lib/h1/output.ts";
import { latin1, octets } from "./play.ts";

const EVERY_OCTET = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");

function filled(length: number, octet: number): Uint8Array {
  return new Uint8Array(length).fill(octet);
}

describe("Output", () => {
  it("hands out small pieces together", () => {
    const output = new Output();
    output.text("HTTP/1.1 200 OK\r\n\r\n");
    output.bytes(octets("hello"));
    output.text("\xe4");
    assert.equal(output.pending, 25);
    const pieces = output.take();
    assert.equal(pieces.length, 1);
    assert.equal(latin1(pieces[0]!), "HTTP/1.1 200 OK\r\n\r\nhello\xe4");
    assert.equal(output.pending, 0);
    assert.deepEqual(output.take(), []);
  });

  it("copies small pieces, and hands on large ones as they are", () => {
    const output = new Output();
    const small = octets("hello");
    const large = filled(20000, 1);
    output.text("a");
    output.bytes(small);
    output.bytes(large);
    output.text("b");
    small.fill(0);
    const pieces = output.take();
    assert.deepEqual(pieces.map((piece) => piece.length), [6, 20000, 1]);
    assert.equal(latin1(pieces[0]!), "ahello");
    assert.equal(pieces[1], large);
  });

  it("does not write again to what it has handed out", () => {
    const output = new Output();
    const taken: [Uint8Array, string][] = [];
    for (let i = 0; i < 300; i++) {
      output.text(`message ${i} `);
      output.bytes(filled(i, i));
      taken.push(...output.take().map((piece): [Uint8Array, string] => [piece, latin1(piece)]));
    }
    for (const [now, then] of taken) assert.equal(latin1(now), then);
  });

  it("makes few pieces of many frames, in blocks that grow with what is sent", () => {
    const output = new Output();
    const send = (): Uint8Array[] => {
      for (let i = 0; i < 64; i++) {
        output.text("1000\r\n");
        output.bytes(filled(4096, i));
        output.text("\r\n");
      }
      return output.take();
    };
    send();
    const pieces = send();
    assert.equal(pieces.reduce((sum, piece) => sum + piece.length, 0), 64 * 4104);
    assert(pieces.length <= 6, `${pieces.length} pieces`);
    for (const piece of pieces) assert(piece.buffer.byteLength <= 65536);
  });

  it("takes a small block for a small message", () => {
    const output = new Output();
    output.bytes(filled(1000, 1));
    assert(output.take()[0]!.buffer.byteLength <= 8192);
  });

  it("takes text of any length", () => {
    const output = new Output();
    output.text("a".repeat(100000));
    assert.equal(latin1(output.take()[0]!), "a".repeat(100000));
  });
});

describe("octets as text", () => {
  it("are a character each, in the native way and in the portable one", () => {
    const bytes = octets(EVERY_OCTET.repeat(40));
    assert.equal(latin1Text(bytes, 3, 10000), EVERY_OCTET.repeat(40).slice(3, 10000));
    assert.equal(portableText(bytes, 3, 10000), EVERY_OCTET.repeat(40).slice(3, 10000));
  });

  it("are written as they were read, and nothing beside them", () => {
    for (const text of ["", "short", "\xff", EVERY_OCTET, "a".repeat(1000), `${"a".repeat(1000)}\xe4`]) {
      const into = filled(text.length + 8, 7);
      writeLatin1(text, into, 4);
      assert.equal(latin1(into), `\x07\x07\x07\x07${text}\x07\x07\x07\x07`);
    }
  });
});
