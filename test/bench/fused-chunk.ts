// Reads a body of 4 KiB chunks through transforms and prints the nanoseconds for a chunk: run by works/fused.ts
// on each runtime. Usage: node fused-chunk.js COUNT fused|piped

import process from "node:process";
import { compose, limit, rechunk, tap, type Transform } from "../../transforms/mod.ts";

const CHUNK_BYTES = 4096;
const CHUNKS = 10_000;
/** Bodies that only warm up, and bodies that count. */
const RUNS = { before: 2, counted: 5 };

/** Transforms that cost little themselves, so that the way between them shows. */
const kinds: readonly (() => Transform)[] = [() => limit(2 ** 40), () => rechunk(), () => tap({})];

const [count = "1", way = "fused"] = process.argv.slice(2);
const times: number[] = [];
for (let run = 0; run < RUNS.before + RUNS.counted; run++) times.push(await readThrough());
console.log(Math.min(...times.slice(RUNS.before)));

async function readThrough(): Promise<number> {
  const transforms = Array.from({ length: Number(count) }, (_, i) => kinds[i % kinds.length]!());
  const chain = way === "fused" ? [compose(...transforms)] : transforms;
  const chunk = new Uint8Array(CHUNK_BYTES);
  let left = CHUNKS;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  const started = performance.now();
  const reader = chain.reduce((body, transform) => body.pipeThrough(transform), source).getReader();
  while (!(await reader.read()).done);
  return (performance.now() - started) * 1e6 / CHUNKS;
}
