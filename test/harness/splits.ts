/**
 * Runs a transform over one body cut in many ways: whole, one byte at a time, at every two-way cut, and at
 * random cuts. The random cuts come from a seed, which a failure prints; `SEED=n` replays it.
 *
 * Every cut gets a transform of its own, fed from one read buffer that is overwritten after each call where
 * the transform says that it retains nothing. So a transform that keeps a reference to its input gives itself
 * away.
 */

import assert from "node:assert/strict";
import type { Transformer } from "../../transforms/mod.ts";

// Browsers have no process.
const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };

/** The seed of this run. */
export const seed: number = Number(process?.env?.["SEED"] ?? Math.trunc(Math.random() * 2 ** 31));

/** A generator of numbers in [0, 1) that a seed decides (mulberry32). */
export function randomNumbers(from: number): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Bytes of a text whose characters are all below 256. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** The text that `bytes` makes these bytes of. */
export function text(...chunks: readonly Uint8Array[]): string {
  return chunks.map((chunk) => Array.from(chunk, (byte) => String.fromCharCode(byte)).join("")).join("");
}

/** What a transform did with a body. */
export interface Run {
  /** The chunks that it enqueued, in copies. */
  readonly pieces: readonly Uint8Array[];
  /** How many pieces had been enqueued after each call of `transform`. */
  readonly counts: readonly number[];
  /** Whether it called `terminate`. */
  readonly terminated: boolean;
}

/** One enqueued chunk: as it was then, and as it is now. */
interface Piece {
  readonly then: Uint8Array;
  readonly now: Uint8Array;
}

/**
 * Calls a transformer directly with the chunks of a body, until it terminates or the body ends.
 *
 * @param transformer The transformer, fresh.
 * @param chunks The body.
 * @returns What it enqueued.
 */
export function run(transformer: Transformer, chunks: readonly Uint8Array[]): Run {
  const reuses = transformer.retains === false;
  const buffer = new Uint8Array(Math.max(0, ...chunks.map((chunk) => chunk.length)));
  const pieces: Piece[] = [];
  const counts: number[] = [];
  let terminated = false;
  const controller = {
    enqueue(now: Uint8Array): void {
      assert.ok(!terminated, "enqueued after it terminated");
      assert.ok(now.length > 0, "enqueued an empty chunk");
      pieces.push({ then: now.slice(), now });
    },
    terminate(): void {
      terminated = true;
    },
  };
  function unchanged(these: readonly Piece[]): void {
    for (const { then, now } of these) assert.deepEqual(now, then, "changed a chunk that it had enqueued");
  }
  const lasting: Piece[] = [];
  for (const chunk of chunks) {
    const given = reuses ? buffer.subarray(0, chunk.length) : chunk.slice();
    given.set(chunk);
    const before = pieces.length;
    transformer.transform(given, controller);
    assert.deepEqual(given, chunk, "changed its input");
    const fresh = pieces.slice(before);
    unchanged(fresh);
    lasting.push(...fresh.filter(({ now }) => !reuses || now.buffer !== buffer.buffer));
    if (reuses) buffer.fill(0xee);
    counts.push(pieces.length);
    if (terminated) break;
  }
  if (!terminated) transformer.flush?.(controller);
  unchanged(lasting);
  return { pieces: pieces.map(({ then }) => then), counts, terminated };
}

/** Cuts a body at the given places, in ascending order. */
export function cutAt(body: Uint8Array, places: readonly number[]): Uint8Array[] {
  return [...places, body.length].map((place, index) => body.subarray(places[index - 1] ?? 0, place));
}

/** Cuts a body into pieces of a size. */
export function cutEvery(body: Uint8Array, size: number): Uint8Array[] {
  return Array.from(
    { length: Math.ceil(body.length / size) },
    (_, i) => body.subarray(i * size, (i + 1) * size),
  );
}

/** How many random cuts each body gets. */
const RANDOM_CUTS = 20;

/** Yields every way that the harness cuts a body, with a name. Cuts at the same place make an empty chunk. */
export function* splits(body: Uint8Array): Generator<readonly [name: string, chunks: Uint8Array[]]> {
  yield ["whole", [body]];
  yield ["one byte at a time", cutEvery(body, 1)];
  for (let place = 0; place <= body.length; place++) yield [`cut at ${place}`, cutAt(body, [place])];
  const random = randomNumbers(seed);
  for (let i = 0; i < RANDOM_CUTS; i++) {
    const count = 1 + Math.trunc(random() * 8);
    const places = Array.from({ length: count }, () => Math.trunc(random() * (body.length + 1)));
    places.sort((a, b) => a - b);
    yield [`cut at ${places} (SEED=${seed})`, cutAt(body, places)];
  }
}

/**
 * Asserts that a transform makes the same of a body however it is cut.
 *
 * @param make Makes the transform, anew for each cut.
 * @param body The body, as bytes or as text of characters below 256.
 * @param expected What is to come out, likewise.
 */
export function assertSplits(
  make: () => Transformer,
  body: string | Uint8Array,
  expected: string | Uint8Array,
): void {
  const input = typeof body === "string" ? bytes(body) : body;
  const output = typeof expected === "string" ? expected : text(expected);
  for (const [name, chunks] of splits(input)) {
    assert.equal(text(...run(make(), chunks).pieces), output, name);
  }
}
