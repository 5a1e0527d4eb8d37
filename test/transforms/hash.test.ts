import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { compose, type Crc32, crc32, hash, type IncrementalHash, limit } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, seed, splits } from "../harness/splits.ts";

/** The checksum that gzip writes behind a body (RFC 1952 2.3.1). */
function gzipChecksum(body: Uint8Array): number {
  const coded = gzipSync(body);
  return coded.readUInt32LE(coded.length - 8);
}

describe("hash", () => {
  it("changes nothing", () => {
    assertSplits(() => hash(crc32(), () => {}), "hello world", "hello world");
  });

  it("makes the digest of the whole body, however it is cut", () => {
    const body = bytes("hello world");
    const wanted = createHash("sha256").update(body).digest("hex");
    for (const [name, chunks] of splits(body)) {
      const digests: string[] = [];
      run(hash(createHash("sha256"), (sha) => void digests.push(sha.digest("hex"))), chunks);
      assert.deepEqual(digests, [wanted], name);
    }
  });

  it("makes none of a body that is cut short", () => {
    const sums: number[] = [];
    const take = (crc: Crc32) => void sums.push(crc.digest());
    run(compose(hash(crc32(), take), limit(1, { onExcess: "terminate" })), [bytes("ab")]);
    assert.throws(() => run(compose(hash(crc32(), take), limit(1)), [bytes("ab")]), RangeError);
    assert.deepEqual(sums, []);
  });

  it("fails the body before its end if the digest is refused", () => {
    const refusing = hash(crc32(), () => {
      throw new Error("a wrong digest");
    });
    assert.throws(() => run(refusing, [bytes("ab")]), { message: "a wrong digest" });
  });

  it("says that it retains nothing", () => assert.equal(hash(crc32(), () => {}).retains, false));

  it("refuses what is no hash", () => {
    assert.throws(() => hash({} as unknown as IncrementalHash, () => {}), {
      name: "TypeError",
      message: "Cannot hash the body as the hash must be an object with an update method: got Object",
    });
    assert.throws(() => hash(crc32(), null as unknown as () => void), TypeError);
  });
});

describe("crc32", () => {
  it("is 0 of nothing", () => assert.equal(crc32().digest(), 0));

  it("is what gzip writes, however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(64), (body, cut) => {
        const crc = crc32();
        crc.update(body.subarray(0, cut));
        crc.update(body.subarray(cut));
        assert.equal(crc.digest(), gzipChecksum(body));
      }),
      { seed, numRuns: 500 },
    );
  });
});
