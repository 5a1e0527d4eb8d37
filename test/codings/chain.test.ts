/**
 * Transforms between decoders and encoders, as one synchronous transform: what comes out, when, and in how many pieces.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codedStages } from "../../lib/coded-chain.ts";
import { CodingError } from "../../lib/errors.ts";
import { defaultLimits } from "../../lib/limits.ts";
import { pipeline } from "../../lib/pipeline.ts";
import type { Stage } from "../../lib/stages.ts";
import { fromIterable, streams } from "../../lib/streams.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import type { ZlibStream } from "../../lib/zlib-module.ts";
import { makeTransform, rechunk, replace, tap, type Transformer } from "../../transforms/mod.ts";
import { cutEvery, randomNumbers, run, splits, text } from "../harness/splits.ts";
import {
  coding,
  codings,
  concat,
  decoder,
  encoder,
  oracles,
  prose,
  sink,
  textOf,
  utf8,
  watched,
} from "./oracles.ts";

const limits = defaultLimits;

function chain(names: readonly string[], stages: readonly Stage[], of = codings): Transformer {
  const all = codedStages(names.map((name) => coding(name, of)), stages, limits);
  assert.equal(all.length, 1, "fuses into one");
  return all[0] as Transformer;
}

/** Encodes with one coding after the other, flushing after each chunk; with the last one, the body ends. */
function encodeChunks(names: readonly string[], chunks: readonly string[]): Uint8Array[] {
  const steps = names.map((name) => encoder(coding(name)));
  return chunks.map((chunk, i) =>
    steps.reduce((bytes, step) => {
      const out = sink();
      step.transform(bytes, out);
      if (i === chunks.length - 1) step.flush?.(out);
      return out.bytes();
    }, utf8(chunk))
  );
}

const decodeBy = (names: readonly string[], bytes: Uint8Array): Uint8Array =>
  names.toReversed().reduce((coded, name) => oracles[name]!.decode(coded), bytes);

const decodePartBy = (names: readonly string[], bytes: Uint8Array): Uint8Array =>
  names.toReversed().reduce((coded, name) => oracles[name]!.decodePart(coded), bytes);

const encodeBy = (names: readonly string[], bytes: Uint8Array): Uint8Array =>
  names.reduce((plain, name) => oracles[name]!.encode(plain), bytes);

const stacks = [...[...codings.keys()].map((name) => [name]), ["gzip", "br"], ["br", "gzip"], [
  "gzip",
  "gzip",
]];

for (const names of stacks) {
  describe(names.join(", "), () => {
    it("is changed, however it is cut", () => {
      const body = prose(300);
      for (const [cut, chunks] of splits(encodeBy(names, utf8(body)))) {
        const coded = concat(run(chain(names, [replace("foobar", "BAR")]), chunks).pieces);
        assert.equal(textOf(decodeBy(names, coded)), body.replaceAll("foobar", "BAR"), cut);
      }
    });

    it("is changed where it is long", () => {
      const body = prose(150_000);
      for (const size of [997, 4096, 1_000_000]) {
        const chunks = cutEvery(encodeBy(names, utf8(body)), size);
        const coded = concat(run(chain(names, [replace("foobar", "BAR"), rechunk(100)]), chunks).pieces);
        assert.equal(textOf(decodeBy(names, coded)), body.replaceAll("foobar", "BAR"));
      }
    });

    it("passes each event on at once", () => {
      const events = [
        "data: foobar one\n\n",
        "data: two foo",
        "bar\n\n",
        "data: foobar, foobar, foobar\n\n",
        "\n",
      ];
      const through = chain(names, [replace("foobar", "BAR")]);
      const out = sink();
      let sent = "";
      for (const [i, event] of encodeChunks(names, events).entries()) {
        through.transform(event, out);
        sent += events[i];
        // Only what may be the beginning of a match is held.
        const wanted = sent.replaceAll("foobar", "BAR").replace(/foo$/, "");
        assert.equal(textOf(decodePartBy(names, out.bytes())), wanted, event.join());
      }
    });
  });
}

describe("a coded chain", () => {
  it("gives one piece a chunk, with one flush", () => {
    const chunks = encodeChunks(["gzip"], ["foobar foobar foobar foobar", "foobar", "-"]);
    const through = chain(["gzip"], [replace("foobar", "BAR")]);
    const { pieces, counts } = run(through, chunks);
    const flushed = counts.map((count) => text(...pieces.slice(0, count)));
    const marker = "\0\0\xff\xff";
    assert.deepEqual(flushed.map((output) => output.split(marker).length - 1), [1, 2, 3]);
    assert.ok(flushed.every((output) => output.endsWith(marker)));
    assert.equal(through.fragments, true);
    assert.equal(through.retains, false);
  });

  it("makes flushing once cheaper than flushing every fragment", () => {
    const body = "foobar, ".repeat(500);
    const [chunk] = encodeChunks(["gzip"], [body]);
    const { pieces } = run(chain(["gzip"], [replace("foobar", "BAR")]), [chunk!]);
    assert.ok(concat(pieces).length < 200, `${concat(pieces).length} bytes`);
  });

  it("gives nothing for a chunk of which nothing comes", () => {
    const hold = makeTransform({ transform: () => {} }, { retains: false });
    const { counts } = run(chain(["gzip"], [hold]), encodeChunks(["gzip"], ["one", "two"]));
    assert.deepEqual(counts, [0, 0]);
  });

  it("gives memory of its own to whoever keeps chunks", () => {
    const body = prose(300_000);
    const kept: Uint8Array[] = [];
    const keeper = tap((chunk) => void kept.push(chunk));
    run(chain(["gzip"], [keeper]), cutEvery(encodeBy(["gzip"], utf8(body)), 1000));
    assert.equal(textOf(concat(kept)), body);
  });

  it("ends well when a step ends it early", () => {
    const first = makeTransform({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, 3));
        controller.terminate();
      },
    });
    const { pieces, terminated } = run(chain(["gzip"], [first]), encodeChunks(["gzip"], ["foobar", "more"]));
    assert.equal(terminated, true);
    assert.equal(textOf(decodeBy(["gzip"], concat(pieces))), "foo");
  });

  it("does nothing to a body without codings", () => {
    const stages = [replace("a", "b")];
    assert.deepEqual(codedStages([], stages, limits), stages);
  });

  it("works with pairs of streams and functions among the stages", async () => {
    const content = prose(20_000);
    const pair = new streams.TransformStream<Uint8Array, Uint8Array>();
    const stages = codedStages(
      [coding("gzip"), coding("br")],
      [replace("foobar", "BAR"), pair, (body) => body],
      limits,
    );
    const body = fromIterable(cutEvery(encodeBy(["gzip", "br"], utf8(content)), 999));
    const pieces: Uint8Array[] = [];
    for await (const piece of pipeline(body, stages)) pieces.push(piece);
    assert.equal(textOf(decodeBy(["gzip", "br"], concat(pieces))), content.replaceAll("foobar", "BAR"));
  });
});

describe("a decompression bomb", () => {
  const zeros = new Uint8Array(10 * 1024 * 1024);
  const isExpansion = (error: unknown): boolean => error instanceof CodingError && error.code === "expansion";

  for (const names of stacks) {
    it(`is stopped early: 10 MiB of zeros as ${names.join(", ")}`, () => {
      let seen = 0;
      const count = tap((chunk) => void (seen += chunk.length));
      const bomb = encodeBy(names, zeros);
      assert.throws(() => run(chain(names, [count]), cutEvery(bomb, 4096)), isExpansion);
      assert.ok(seen <= 1.1 * Math.max(limits.codingGraceBytes, 100 * bomb.length), `${seen} bytes`);
    });
  }

  it("counts from the outermost coding, so that two can't multiply", () => {
    // Each layer alone stays within 100:1.
    const inner = concat(Array.from({ length: 40 }, () => encodeBy(["gzip"], blanks())));
    const outer = encodeBy(["gzip"], inner);
    const ratios = [40 * 65_536 / inner.length, inner.length / outer.length];
    assert.ok(ratios.every((ratio) => ratio < 100), String(ratios));
    assert.throws(() => run(chain(["gzip", "gzip"], []), [outer]), isExpansion);
    assert.equal(concat(run(decoder(coding("gzip")), [inner]).pieces).length, 40 * 65_536);
  });

  it("is not what a small body is, however well it shrinks", () => {
    const small = zeros.subarray(0, limits.codingGraceBytes);
    const { pieces } = run(chain(["gzip"], []), [encodeBy(["gzip"], small)]);
    assert.equal(decodeBy(["gzip"], concat(pieces)).length, small.length);
  });
});

/** 64 KiB that shrink some 30 times, and are the same each time. */
function blanks(): Uint8Array {
  const random = randomNumbers(1);
  return Uint8Array.from({ length: 65_536 }, (_, i) => i % 64 === 0 ? random() * 256 : 32);
}

describe("the engines of a chain", () => {
  /** A chain with all engines that it makes. */
  function observed(stages: readonly Stage[]): { through: Transformer; engines: ZlibStream[] } {
    const engines: ZlibStream[] = [];
    const of = zlibCodings(watched((engine) => {
      engines.push(engine);
      return engine;
    }));
    engines.length = 0;
    return { through: chain(["gzip", "br"], stages, of), engines };
  }

  const free = (engines: readonly ZlibStream[]): boolean[] => engines.map(({ _handle }) => _handle === null);
  const coded = encodeBy(["gzip", "br"], utf8(prose(5000)));
  const half = coded.subarray(0, coded.length / 2);

  it("are made when the body comes, and freed with its end", () => {
    const { through, engines } = observed([]);
    assert.equal(engines.length, 0);
    const out = sink();
    through.transform(coded, out);
    assert.deepEqual(free(engines), [false, false, false, false]);
    through.flush?.(out);
    assert.deepEqual(free(engines), [true, true, true, true]);
  });

  it("are freed at once when the body is given up", () => {
    const { through, engines } = observed([]);
    through.transform(half, sink());
    through.cancel?.(new Error("gone"));
    assert.ok(engines.length >= 2);
    assert.deepEqual(new Set(free(engines)), new Set([true]));
  });

  it("are freed when a decoder fails", () => {
    const { through, engines } = observed([]);
    through.transform(half, sink());
    assert.throws(
      () => through.transform(utf8("this is not how it goes on".repeat(300)), sink()),
      CodingError,
    );
    assert.deepEqual(new Set(free(engines)), new Set([true]));
  });

  it("are freed when the body is cut short", () => {
    const { through, engines } = observed([]);
    through.transform(half, sink());
    assert.throws(() => through.flush?.(sink()), CodingError);
    assert.deepEqual(new Set(free(engines)), new Set([true]));
  });

  it("are freed when a step between fails", () => {
    const { through, engines } = observed([{
      transform: () => {
        throw new RangeError("no");
      },
    }]);
    assert.throws(() => through.transform(coded, sink()), RangeError);
    assert.deepEqual(new Set(free(engines)), new Set([true]));
  });

  it("are freed when a step between ends the body", () => {
    const { through, engines } = observed([{ transform: (_, controller) => controller.terminate() }]);
    through.transform(coded, sink());
    assert.deepEqual(new Set(free(engines)), new Set([true]));
  });
});
