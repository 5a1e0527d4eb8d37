/**
 * The codings made of the web's own streams, against zlib.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { StreamCoding } from "../../lib/codings.ts";
import { CodingError } from "../../lib/errors.ts";
import { pipeline } from "../../lib/pipeline.ts";
import { fromIterable } from "../../lib/streams.ts";
import { transformResponse } from "../../lib/transform-response.ts";
import { webCodings } from "../../lib/web-codings.ts";
import { replace } from "../../transforms/mod.ts";
import { cutEvery } from "../harness/splits.ts";
import { concat, oracles, prose, textOf, unbounded, utf8 } from "./oracles.ts";

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
        await assert.rejects(decode(whole.subarray(0, size)), `${size} of ${whole.length} bytes`);
      }
      await assert.rejects(decode(utf8("nothing like this")));
    });

    it("stops a bomb", async () => {
      const bomb = stream(cutEvery(oracle.encode(new Uint8Array(10_000_000)), 100));
      const decoder = found(name).decoder({ expansion: { maxBytes: 100_000 }, reuses: false });
      await assert.rejects(
        collect(pipeline(bomb, [decoder])),
        (error) => error instanceof CodingError && error.code === "expansion",
      );
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
});
