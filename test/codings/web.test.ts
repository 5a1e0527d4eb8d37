/**
 * The codings made of the web's own streams, against zlib.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { brotliCompressSync, constants, deflateRawSync } from "node:zlib";
import type { StreamCoding } from "../../lib/codings.ts";
import { CodingError } from "../../lib/errors.ts";
import { pipeline } from "../../lib/pipeline.ts";
import { fromIterable } from "../../lib/streams.ts";
import { transformResponse } from "../../lib/transform-response.ts";
import { webCodings } from "../../lib/web-codings.ts";
import { replace } from "../../transforms/mod.ts";
import { cutEvery } from "../harness/splits.ts";
import { concat, oracles, prose, textOf, unbounded, utf8 } from "./oracles.ts";

/** What it takes to make a large bomb soon. */
const fast = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };
const decoding = { expansion: unbounded, reuses: false };
const body = utf8(prose(100_000));
const changedBody = prose(100_000).replaceAll("foobar", "BAR");

function found(name: string): StreamCoding {
  const coding = webCodings.get(name);
  assert.ok(coding, name);
  return coding;
}

function stream(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return fromIterable(chunks);
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return concat(pieces);
}

/** Whether the runtime has a format; the names are those of its streams. */
function has(format: string): boolean {
  try {
    return new CompressionStream(format as CompressionFormat) instanceof CompressionStream;
  } catch {
    return false;
  }
}

/** A response whose body comes in pieces that cut it anywhere. */
function coded(names: string, whole: Uint8Array): Response {
  const source = new Blob([whole as Uint8Array<ArrayBuffer>]).stream();
  return new Response(source, { headers: { "Content-Encoding": names } });
}

for (const name of ["gzip", "x-gzip", "deflate", "br", "zstd"]) {
  if (["br", "zstd"].includes(name) && webCodings.get(name) === undefined) continue;
  const oracle = oracles[name]!;

  describe(`${name}, by the web's streams`, () => {
    it("decodes, changes and encodes", async () => {
      const stages = [found(name).decoder(decoding), replace("foobar", "BAR"), found(name).encoder()];
      const changed = await collect(pipeline(stream(cutEvery(oracle.encode(body), 1000)), stages));
      assert.equal(textOf(oracle.decode(changed)), changedBody);
    });

    it("keeps a response in its coding", async () => {
      const response = coded(name, oracle.encode(body));
      const changed = transformResponse(response, [replace("foobar", "BAR")], { codings: webCodings });
      assert.equal(changed.headers.get("content-encoding"), name);
      assert.equal(textOf(oracle.decode(new Uint8Array(await changed.arrayBuffer()))), changedBody);
    });

    it("fails where the body is cut short, or is none", async () => {
      const whole = oracle.encode(body);
      const decode = (bytes: Uint8Array) =>
        collect(pipeline(stream(cutEvery(bytes, 1000)), [found(name).decoder(decoding)]));
      for (const size of [whole.length - 1, whole.length - 4, whole.length - 5, whole.length >> 1, 3]) {
        await assert.rejects(
          decode(whole.subarray(0, size)),
          (error) => error instanceof CodingError && ["truncated", "corrupt"].includes(error.code),
          `${size} of ${whole.length} bytes`,
        );
      }
      const wrong = { name: "CodingError", message: /^Cannot decode the body as its coding must be sound: / };
      await assert.rejects(decode(utf8("nothing like this")), wrong);
    });

    it("decodes no bytes at all to none", async () => {
      const none = await collect(pipeline(stream([]), [found(name).decoder(decoding)]));
      assert.equal(none.length, 0);
    });

    it("fails as its source does", async () => {
      const gone = new Error("the origin has gone");
      const source = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(oracle.encode(body).subarray(0, 50));
        },
        pull: (controller) => controller.error(gone),
      }, { highWaterMark: 0 });
      await assert.rejects(
        collect(pipeline(source, [found(name).decoder(decoding)])),
        (error) => error === gone,
      );
    });

    it("lets a source go at once that its reader has left, though it gives nothing", async () => {
      const left = new Promise((resolve) => {
        const source = new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(oracle.encode(body).subarray(0, 50)),
          cancel: resolve,
        });
        void pipeline(source, [found(name).decoder(decoding)]).cancel("enough");
      });
      assert.equal(await left, "enough");
    });

    it("stops a bomb", async () => {
      const bomb = stream(cutEvery(oracle.encode(new Uint8Array(10_000_000)), 100));
      const decoder = found(name).decoder({ expansion: { maxBytes: 100_000 }, reuses: false });
      await assert.rejects(
        collect(pipeline(bomb, [decoder])),
        (error) => error instanceof CodingError && error.code === "expansion",
      );
    });

    it("stops a bomb that comes in one piece before it is large", async () => {
      const zeros = new Uint8Array(100 * 1024 ** 2);
      const bomb = name === "br" ? brotliCompressSync(zeros, fast) : oracle.encode(zeros);
      const decoder = found(name).decoder({ expansion: { maxBytes: 100_000 }, reuses: false });
      const told = await collect(pipeline(stream([bomb]), [decoder])).then(() => null, (error) => error);
      assert.ok(told instanceof CodingError && told.code === "expansion");
      const got = Number(/got (\d+)$/.exec(told.message)![1]);
      assert.ok(got < 50 * 1024 ** 2, `${got} bytes were decoded before somebody looked`);
    });
  });
}

describe("webCodings", () => {
  it("has what the runtime has", () => {
    const formats = { gzip: "gzip", deflate: "deflate", br: "brotli", zstd: "zstd", snappy: "snappy" };
    for (const [name, format] of Object.entries(formats)) {
      assert.equal(webCodings.get(name) !== undefined, has(format), name);
    }
    assert.ok(has("gzip") && has("deflate"));
  });

  it("undoes two codings, and applies them again in their order", async () => {
    const whole = oracles["deflate"]!.encode(oracles["gzip"]!.encode(body));
    const options = { codings: webCodings };
    const changed = transformResponse(coded("gzip, deflate", whole), [replace("foobar", "BAR")], options);
    const bytes = new Uint8Array(await changed.arrayBuffer());
    assert.equal(textOf(oracles["gzip"]!.decode(oracles["deflate"]!.decode(bytes))), changedBody);
  });

  it("tells what a DecompressionStream can't do, if it can't", async () => {
    const gzip = oracles["gzip"]!.encode(body);
    const rows: readonly (readonly [name: string, coded: Uint8Array, plain: Uint8Array])[] = [
      ["gzip", concat([gzip, gzip]), concat([body, body])],
      ["gzip", concat([gzip, new Uint8Array(100)]), body],
      ["deflate", deflateRawSync(body), body],
    ];
    for (const [name, whole, plain] of rows) {
      const decoded = collect(pipeline(stream([whole]), [found(name).decoder(decoding)]));
      const outcome = await decoded.catch((error) => error);
      if (!(outcome instanceof CodingError)) assert.deepEqual(outcome, plain);
    }
  });
});
