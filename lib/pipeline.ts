/**
 * A body through stages: neighbouring transforms are fused, and cost one hop together; pairs of streams are piped
 * through; functions are called with the stream.
 */
import { compose } from "../transforms/mod.ts";
import type { Transformer } from "../transforms/transform.ts";
import { Checked } from "./check-chunk.ts";
import { isPair, isTransformer, type Pair, type Stage } from "./stages.ts";
import { fromIterable, pipeThrough, streams } from "./streams.ts";

/** A step that takes the whole stream. */
export type StreamStep = (
  body: ReadableStream<Uint8Array>,
) => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Runs a body through stages.
 *
 * @param body The body.
 * @param stages Transforms, pairs of streams, or functions from a stream to a stream, in order, or one of these; an empty
 * list returns the body itself.
 * @returns The changed body. It fails with a `TypeError` where a transform gets a chunk that is no `Uint8Array`.
 * @throws {TypeError} If a stage is none of these, or the body is no stream, or has a reader.
 *
 * @example Transforms, and a pair between them
 * ```ts
 * import { pipeline } from "sluice";
 * import { replace } from "sluice/transforms";
 * import assert from "node:assert/strict";
 *
 * const body = new Blob(["foo", "bar"]).stream();
 * const coded = pipeline(body, [replace("foobar", "barfoo"), new CompressionStream("gzip")]);
 * const changed = pipeline(coded, [new DecompressionStream("gzip"), replace("bar", "")]);
 * assert.equal(await new Response(changed).text(), "foo");
 * ```
 */
export function pipeline(
  body: ReadableStream<Uint8Array>,
  stages: Stage | StreamStep | readonly (Stage | StreamStep)[],
): ReadableStream<Uint8Array> {
  checkBody(body);
  let output = body;
  for (const step of fuse(listed(stages))) {
    output = typeof step === "function" ? asStream(step(output)) : pipeThrough(output, asPair(step));
  }
  return output;
}

/** One stage as a list of one. */
export function listed(
  stages: Stage | StreamStep | readonly (Stage | StreamStep)[],
): readonly (Stage | StreamStep)[] {
  return Array.isArray(stages) ? stages : [stages as Stage | StreamStep];
}

function checkBody(body: Partial<ReadableStream<Uint8Array>> | null): void {
  if (typeof body?.getReader !== "function") {
    throw new TypeError(
      `Cannot run the pipeline as the body must be a ReadableStream: got ${nameOf(body)}; ` +
        "of a Response take its body, or use transformResponse",
    );
  }
  if (body.locked === true) {
    throw new TypeError("Cannot run the pipeline as the body must be free: it has a reader");
  }
}

/** What a value is, as an error names it. */
export function nameOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if (typeof (value as { then?: unknown }).then === "function") return "a promise";
  return value.constructor?.name ?? "an object";
}

/** Joins runs of neighbouring transformers into one each. */
export function fuse(stages: readonly (Stage | StreamStep)[]): (Transformer | Pair | StreamStep)[] {
  const fused: (Transformer | Pair | StreamStep)[] = [];
  let run: Transformer[] = [];
  const close = () => {
    if (run.length > 0) fused.push(run.length === 1 ? run[0]! : compose(...run));
    run = [];
  };
  for (const stage of stages) {
    if (isTransformer(stage)) {
      run.push(stage);
    } else if (isPair(stage) || typeof stage === "function") {
      close();
      fused.push(stage);
    } else {
      throw new TypeError(
        `Cannot run the pipeline as a stage must be a transform, a { readable, writable } pair or a function: got ${
          describe(stage)
        }`,
      );
    }
  }
  close();
  return fused;
}

/** What somebody meant to be a stage, and what it lacks. */
function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if ("readable" in value && "writable" in value) return "a pair whose readable and writable are not streams";
  return typeof (value as { then?: unknown }).then === "function"
    ? "a promise"
    : "an object without a transform function";
}

function asPair(step: Transformer | Pair): Pair {
  return isTransformer(step) ? new streams.TransformStream<Uint8Array, Uint8Array>(new Checked(step)) : step;
}

function asStream(
  result: ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  if (typeof (result as { getReader?: unknown } | null)?.getReader === "function") {
    return result as ReadableStream<Uint8Array>;
  }
  if (typeof (result as AsyncIterable<Uint8Array> | null)?.[Symbol.asyncIterator] === "function") {
    return fromIterable(result);
  }
  const promised = typeof (result as { then?: unknown } | null)?.then === "function";
  // The promise's own failure is not lost: it is the same mistake, told once.
  if (promised) void Promise.resolve(result).catch(() => {});
  throw new TypeError(
    "Cannot stream the body as the function must return a ReadableStream or an async iterable: got " +
      (promised ? "a promise; write async function* instead of async function" : typeof result),
  );
}
