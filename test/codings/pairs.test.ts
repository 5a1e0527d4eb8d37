/**
 * The codings as pairs of streams, where the runtime's engines can't be driven synchronously.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CodingError } from "../../lib/errors.ts";
import { pipeline } from "../../lib/pipeline.ts";
import { isTransformer, type Pair } from "../../lib/stages.ts";
import { fromIterable, streams } from "../../lib/streams.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import { replace } from "../../transforms/mod.ts";
import { cutEvery } from "../harness/splits.ts";
import {
  coding,
  codings,
  concat,
  oracles,
  prose,
  textOf,
  unbounded,
  utf8,
  withoutHandles,
} from "./oracles.ts";

const streaming = zlibCodings(withoutHandles());
const decoding = { expansion: unbounded, reuses: false };

function stream(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return fromIterable(chunks);
}

async function collect(body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  return concat(pieces);
}

function isFault(code: string): (error: unknown) => boolean {
  return (error) => error instanceof CodingError && error.code === code;
}

it("codings are transforms where the engines can be driven, and pairs where they can't", () => {
  assert.equal(isTransformer(coding("gzip").decoder(decoding)), true);
  const pair = coding("gzip", streaming).decoder(decoding) as Pair;
  assert.equal(isTransformer(pair), false);
  assert.ok(streaming.has("x-gzip"));
  assert.equal(streaming.has("zstd"), false, "public zstd decoders take a cut body for whole");
  return pair.readable.cancel();
});

for (const [name, found] of streaming) {
  const oracle = oracles[name]!;
  const body = utf8(prose(100_000));

  describe(`${name}, streaming`, () => {
    it("decodes, changes and encodes", async () => {
      const stages = [found.decoder(decoding), replace("foobar", "BAR"), found.encoder()];
      const changed = await collect(pipeline(stream(cutEvery(oracle.encode(body), 1000)), stages));
      assert.equal(textOf(oracle.decode(changed)), textOf(body).replaceAll("foobar", "BAR"));
    });

    it("codes whole bodies", () => {
      assert.equal(textOf(found.decode(found.encode(body), body.length)), textOf(body));
      assert.throws(() => found.decode(found.encode(body), body.length - 1), isFault("expansion"));
      assert.throws(
        () => found.decode(found.encode(body).subarray(0, -1), body.length),
        isFault("truncated"),
      );
      assert.throws(() => found.decode(utf8("nothing like this"), body.length), isFault("corrupt"));
    });

    it("passes each event on at once", async () => {
      const { readable, writable } = found.encoder() as Pair;
      const decoder = found.decoder(decoding) as Pair;
      const writer = (writable as WritableStream<Uint8Array>).getWriter();
      const reader = pipeline(readable, [decoder]).getReader();
      for (const event of ["data: one\n\n", "data: two\n\n", "x"]) {
        const written = writer.write(utf8(event));
        let seen = "";
        while (seen.length < event.length) seen += textOf((await reader.read()).value!);
        assert.equal(seen, event);
        await written;
      }
      const closed = writer.close();
      assert.equal((await reader.read()).done, true);
      await closed;
    });

    it("fails where the body is cut short, or is none", async () => {
      const coded = oracle.encode(body);
      const decode = (chunks: Uint8Array[]) => collect(pipeline(stream(chunks), [found.decoder(decoding)]));
      await assert.rejects(decode(cutEvery(coded.subarray(0, -1), 1000)), isFault("truncated"));
      await assert.rejects(decode([utf8("nothing like this")]), isFault("corrupt"));
    });

    it("stops a bomb", async () => {
      const bomb = stream(cutEvery(oracle.encode(new Uint8Array(10_000_000)), 100));
      const decoder = found.decoder({ expansion: { maxBytes: 100_000 }, reuses: false });
      await assert.rejects(collect(pipeline(bomb, [decoder])), isFault("expansion"));
    });

    it("holds the source back while nobody reads", async () => {
      let pulled = 0;
      const source = new streams.ReadableStream<Uint8Array>({
        pull(controller) {
          pulled++;
          controller.enqueue(body);
        },
      }, { highWaterMark: 0 });
      const reader = pipeline(source, [found.encoder(), found.decoder(decoding)]).getReader();
      await reader.read();
      for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
      assert.ok(pulled < 30, `${pulled} chunks of 100,000 bytes`);
      await reader.cancel();
    });

    it("tells the source when the reader leaves", async () => {
      let reason: unknown;
      const source = new streams.ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(body),
        cancel: (why) => {
          reason = why;
        },
      }, { highWaterMark: 0 });
      const reader = pipeline(source, [found.encoder()]).getReader();
      await reader.read();
      const gone = new Error("gone");
      await reader.cancel(gone);
      for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setTimeout(resolve, 0));
      assert.equal(reason, gone);
    });

    it("tells the reader when the source fails", async () => {
      const broken = new Error("broken");
      const source = new streams.ReadableStream<Uint8Array>({
        pull: (controller) => controller.error(broken),
      });
      await assert.rejects(collect(pipeline(source, [found.encoder()])), broken);
    });
  });
}

it("both ways make bodies that the other reads", () => {
  for (const [name, found] of streaming) {
    const body = utf8(prose(1000));
    assert.deepEqual(textOf(found.decode(coding(name).encode(body), 1000)), textOf(body));
    assert.deepEqual(textOf(codings.get(name)!.decode(found.encode(body), 1000)), textOf(body));
  }
});
