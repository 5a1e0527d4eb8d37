/**
 * Every content coding of this runtime against the runtime's own zlib: both ways, however the body is cut, and whatever is
 * wrong with it.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as zlib from "node:zlib";
import { CodingError } from "../../lib/errors.ts";
import { assertSplits, cutEvery, run, splits } from "../harness/splits.ts";
import {
  coding,
  codings,
  concat,
  decoder,
  encoder,
  oracles,
  plain,
  prose,
  sink,
  textOf,
  utf8,
} from "./oracles.ts";

const short = utf8(prose(300));
const long = utf8(prose(200_000));

function isFault(code: string): (error: unknown) => boolean {
  return (error) => error instanceof CodingError && error.code === code;
}

it("gzip, deflate and br are here on every runtime", () => {
  for (const name of ["gzip", "x-gzip", "deflate", "br"]) assert.ok(codings.has(name), name);
});

for (const [name, found] of codings) {
  const oracle = oracles[name]!;

  describe(`${name}`, () => {
    it("decodes what zlib has encoded, however it is cut", () => {
      assertSplits(() => decoder(found), oracle.encode(short), short);
    });

    it("encodes what zlib decodes, however it is cut", () => {
      for (const [cut, chunks] of splits(short)) {
        const coded = concat(run(encoder(found), chunks).pieces);
        assert.equal(textOf(oracle.decode(coded)), textOf(short), cut);
      }
    });

    it("codes long bodies in chunks of any size", () => {
      for (const size of [1000, 4096, 70_000, long.length]) {
        const coded = concat(run(encoder(found), cutEvery(long, size)).pieces);
        assert.deepEqual(oracle.decode(coded).length, long.length);
        const { pieces } = run(decoder(found), cutEvery(coded, size));
        assert.equal(textOf(concat(pieces)), textOf(long));
      }
    });

    it("codes whole bodies", () => {
      assert.equal(textOf(oracle.decode(found.encode(long))), textOf(long));
      assert.equal(textOf(found.decode(oracle.encode(long), long.length)), textOf(long));
      assert.throws(() => found.decode(oracle.encode(long), long.length - 1), isFault("expansion"));
    });

    it("codes a body of nothing", () => {
      assert.equal(found.decode(oracle.encode(new Uint8Array(0)), 10).length, 0);
      assert.equal(oracle.decode(found.encode(new Uint8Array(0))).length, 0);
      assert.deepEqual(run(decoder(found), []).pieces, []);
    });

    it("makes each chunk decodable at once", () => {
      const transformer = encoder(found);
      const coded = sink();
      let sent = "";
      for (const event of ["data: one\n\n", "data: two\n\n", "x", "data: two and a half\n\n"]) {
        transformer.transform(utf8(event), coded);
        sent += event;
        assert.equal(textOf(oracle.decodePart(coded.bytes())), sent);
      }
      transformer.flush?.(coded);
      assert.equal(textOf(oracle.decode(coded.bytes())), sent);
    });

    it("decodes each flushed chunk at once", () => {
      const from = encoder(found);
      const to = decoder(found);
      const decoded = sink();
      let sent = "";
      for (const event of ["data: one\n\n", "data: two\n\n", "x"]) {
        const coded = sink();
        from.transform(utf8(event), coded);
        to.transform(coded.bytes(), decoded);
        sent += event;
        assert.equal(textOf(decoded.bytes()), sent);
      }
    });

    it("says so of a body that is cut short anywhere", () => {
      const coded = oracle.encode(short);
      for (let size = 1; size < coded.length; size++) {
        const cut = coded.subarray(0, size);
        assert.throws(
          () => run(decoder(found), [cut]),
          isFault("truncated"),
          `${size} of ${coded.length} bytes`,
        );
        assert.throws(
          () => run(decoder(found), cutEvery(cut, 7)),
          isFault("truncated"),
          `${size}, in sevens`,
        );
      }
    });

    it("says so of what is no such body", () => {
      const garbage = utf8("nothing that was ever coded begins like this, nor goes on so");
      for (const [cut, chunks] of splits(garbage)) {
        assert.throws(() => run(decoder(found), chunks), isFault("corrupt"), cut);
      }
    });

    it("says so of what follows its end", () => {
      const coded = oracle.encode(short);
      for (const tail of ["x", "\0x", "GET / HTTP/1.1\r\n"]) {
        const body = concat([coded, utf8(tail)]);
        const at = coded.length;
        for (
          const chunks of [[body], [coded, utf8(tail)], cutEvery(body, 1), [
            body.subarray(0, at - 1),
            body.subarray(at - 1),
          ]]
        ) {
          assert.throws(() => run(decoder(found), chunks), CodingError, JSON.stringify(tail));
        }
      }
    });

    it("fails, or gives the same, or has no checksum, when a byte is wrong", () => {
      const coded = oracle.encode(short);
      const checked = name !== "br" && name !== "zstd";
      for (let i = 0; i < coded.length; i++) {
        const wrong = coded.slice();
        wrong[i]! ^= 0x55;
        const out = sink();
        try {
          const transformer = decoder(found);
          transformer.transform(wrong, out);
          transformer.flush?.(out);
        } catch (error) {
          assert.ok(error instanceof CodingError, `byte ${i}: ${String(error)}`);
          continue;
        }
        if (checked) assert.equal(textOf(out.bytes()), textOf(short), `byte ${i}`);
      }
    });

    it("gives out pieces of a bounded size", () => {
      const coded = oracle.encode(new Uint8Array(1_000_000));
      const { pieces } = run(decoder(found), [coded]);
      assert.equal(pieces.reduce((sum, { length }) => sum + length, 0), 1_000_000);
      assert.ok(pieces.every(({ length }) => length <= 65_536));
    });
  });
}

describe("formats", () => {
  it("gzip: all members count, and zeros behind them don't", () => {
    const body = concat([
      plain(zlib.gzipSync("foo")),
      plain(zlib.gzipSync("bar")),
      plain(zlib.gzipSync("")),
      plain(zlib.gzipSync("!")),
    ]);
    assertSplits(() => decoder(coding("gzip")), body, "foobar!");
    assertSplits(() => decoder(coding("gzip")), concat([body, new Uint8Array(9)]), "foobar!");
  });

  it("gzip: a second member that is cut short is no end", () => {
    const first = plain(zlib.gzipSync("foo"));
    const body = concat([first, plain(zlib.gzipSync("bar"))]);
    for (let size = first.length + 1; size < body.length; size++) {
      assert.throws(
        () => run(decoder(coding("gzip")), [body.subarray(0, size)]),
        isFault("truncated"),
        `${size}`,
      );
    }
  });

  it("gzip: a wrong checksum is an error", () => {
    const body = plain(zlib.gzipSync(short));
    body[body.length - 6]! ^= 1;
    assert.throws(() => run(decoder(coding("gzip")), [body]), isFault("corrupt"));
  });

  it("gzip: a name in its head is read over", () => {
    const unnamed = plain(zlib.gzipSync("foo"));
    const head = Uint8Array.from(unnamed.subarray(0, 10), (byte, i) => i === 3 ? 0x08 : byte);
    assertSplits(
      () => decoder(coding("gzip")),
      concat([head, utf8("name.txt\0"), unnamed.subarray(10)]),
      "foo",
    );
  });

  it("deflate: bare deflate is decoded too, at every level", () => {
    for (const level of [0, 1, 6, 9]) {
      assertSplits(() => decoder(coding("deflate")), plain(zlib.deflateRawSync(short, { level })), short);
      assertSplits(() => decoder(coding("deflate")), plain(zlib.deflateSync(short, { level })), short);
    }
  });

  it("deflate: bare deflate that is cut short is an error", () => {
    const coded = plain(zlib.deflateRawSync(short));
    for (let size = 1; size < coded.length; size++) {
      assert.throws(
        () => run(decoder(coding("deflate")), [coded.subarray(0, size)]),
        isFault("truncated"),
        `${size}`,
      );
    }
  });

  it("deflate: what is encoded has zlib's head", () => {
    assert.equal(coding("deflate").encode(short)[0], 0x78);
  });
});
