/**
 * Measures what a transform costs: nanoseconds for a chunk of 4 KiB through 1, 4 and 8 transforms, piped one
 * after the other and fused into one hop; how fast `replace`, `replaceMany` and `replaceRegExp` get past bytes
 * that they do not change; and how fast lines and the events of streams go by that nobody changes.
 *
 * All variants of a group take turns, five rounds of each after one to warm up, and the median counts. The
 * body is random words without a match, the same chunk each time, so it lies in the processor's cache.
 */

import process from "node:process";
import { pathToFileURL } from "node:url";
import {
  compose,
  limit,
  mapEvents,
  mapLines,
  rechunk,
  replace,
  replaceMany,
  replaceRegExp,
  sseText,
  tap,
  tapUsage,
  type Transform,
} from "../../transforms/mod.ts";
import { bytes, randomNumbers } from "../harness/splits.ts";

/** One measured number. */
export interface TransformResult {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const ROUNDS = 5;
const CHUNK_BYTES = 4096;
const CHUNKS = 4000;
const LARGE_CHUNK_BYTES = 64 * 1024;
const LARGE_CHUNKS = 2000;

const words = '<li class="item"> the of and to in is you that it he was for on are as with his they at </li>'
  .split(" ");

function prose(length: number): Uint8Array {
  const random = randomNumbers(1);
  let text = "";
  while (text.length < length) text += words[Math.trunc(random() * words.length)] + " ";
  return bytes(text.slice(0, length));
}

/** Made words of 4 to 11 letters, all different, from syllables, so that many begin alike. */
function vocabulary(count: number): string[] {
  const random = randomNumbers(2);
  const syllables =
    ("al an ar be bil ca ci con cor de dis dy ed el em en ers ex fa fi for ful ga gen gra hap " +
      "i ing in ket ky la li lo lu man men mi mo mus ne ni nor o out par per pla ple por pre qua re ry se sta " +
      "sug sup sy ta ter ti tion tra ty un ver vi vor wa wi wor").split(" ");
  const made = new Set<string>();
  while (made.size < count) {
    let word = "";
    for (const length = 4 + random() * 6; word.length < length;) {
      word += syllables[Math.trunc(random() * syllables.length)];
    }
    made.add(word);
  }
  return [...made];
}

/** The same text again and again, up to a length. */
function repeated(text: string, length: number): Uint8Array {
  return bytes(text.repeat(Math.ceil(length / text.length)).slice(0, length));
}

/** The events of a chat completion and of a message, as LLMs stream them. */
const completion = 'data: {"id":"chatcmpl-7f3a","object":"chat.completion.chunk","created":1764000000,' +
  '"model":"m","choices":[{"index":0,"delta":{"content":" hello"},"finish_reason":null}]}\n\n';
const message = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,' +
  '"delta":{"type":"text_delta","text":" hello"}}\n\n';

/** The transforms that take records, with a body in which they change nothing. */
const recordSteps: Readonly<Record<string, readonly [make: () => Transform, text: string]>> = {
  "mapLines": [() => mapLines(() => {}), `${words.join(" ")}\n`],
  "mapEvents, completions": [() => mapEvents(() => {}), completion],
  "mapEvents, completions, CR LF": [() => mapEvents(() => {}), completion.replaceAll("\n", "\r\n")],
  "mapEvents, messages": [() => mapEvents(() => {}), message],
  "sseText, completions": [() => sseText("llm", () => replace("{{", "x")), completion],
  "tapUsage, completions": [() => tapUsage(() => {}), completion],
};

/** The transforms to chain, by what they are like: such as only count, and such as read every byte. */
const kinds: Readonly<Record<string, (place: number) => Transform>> = {
  cheap: (place) => [() => limit(2 ** 40), () => rechunk(), () => tap({})][place % 3]?.() ?? rechunk(),
  replace: (place) => replace(`needle ${place}`, "-"),
};

function repeat(kind: string, count: number): Transform[] {
  return Array.from({ length: count }, (_, place) => (kinds[kind] as (place: number) => Transform)(place));
}

/** Reads a body of equal chunks through transforms; returns the nanoseconds for a chunk. */
async function readThrough(transforms: readonly Transform[], chunk: Uint8Array): Promise<number> {
  let left = CHUNKS;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left-- > 0) controller.enqueue(chunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
  const started = performance.now();
  const reader = transforms.reduce((body, transform) => body.pipeThrough(transform), source).getReader();
  while (!(await reader.read()).done);
  return (performance.now() - started) * 1e6 / CHUNKS;
}

/** Calls a transform directly; returns the nanoseconds for a chunk. */
function callDirectly(transform: Transform, chunk: Uint8Array, chunks: number): number {
  const controller = { enqueue() {}, terminate() {} };
  const started = performance.now();
  for (let i = 0; i < chunks; i++) transform.transform(chunk, controller);
  return (performance.now() - started) * 1e6 / chunks;
}

/** Lets all measurements take turns; returns the median of each. */
async function medians(
  measurements: Readonly<Record<string, () => number | Promise<number>>>,
): Promise<readonly (readonly [name: string, nanoseconds: number])[]> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [name, measure] of Object.entries(measurements)) {
      const time = await measure();
      if (round > 0) (times[name] ??= []).push(time);
    }
  }
  return Object.entries(times).map(([name, all]) => {
    return [name, all.sort((a, b) => a - b)[ROUNDS >> 1] as number] as const;
  });
}

/**
 * Measures the transforms; takes some seconds.
 *
 * @returns The results, in the order in which they are to be shown.
 */
export async function benchTransforms(): Promise<readonly TransformResult[]> {
  const chunk = prose(CHUNK_BYTES);
  const hops: Record<string, () => number | Promise<number>> = {
    "no transform, stream": () => readThrough([], chunk),
  };
  for (const kind of Object.keys(kinds)) {
    hops[`1 ${kind}, stream`] = () => readThrough(repeat(kind, 1), chunk);
    for (const count of [4, 8]) {
      hops[`${count} ${kind}, piped`] = () => readThrough(repeat(kind, count), chunk);
      hops[`${count} ${kind}, fused`] = () => readThrough([compose(...repeat(kind, count))], chunk);
    }
    for (const count of [1, 8]) {
      hops[`${count} ${kind}, fused, no stream`] = () => {
        return callDirectly(compose(...repeat(kind, count)), chunk, 20 * CHUNKS);
      };
    }
  }
  const large = prose(LARGE_CHUNK_BYTES);
  const searches: Record<string, () => number> = {};
  const needles = [
    "{{",
    "foobar",
    "the cat",
    "stone",
    "https://internal.example.com/",
    "the lazy dog sleeps",
  ];
  for (const needle of needles) {
    searches[`replace "${needle}", no match`] = () => callDirectly(replace(needle, "x"), large, LARGE_CHUNKS);
  }
  const made = vocabulary(3000);
  const random = randomNumbers(3);
  const pick = () => `${made[Math.trunc(random() * 2000)]} ${words[Math.trunc(random() * words.length)]} `;
  const text = bytes(
    Array.from({ length: LARGE_CHUNK_BYTES / 8 }, pick).join("").slice(0, LARGE_CHUNK_BYTES),
  );
  const many = made.slice(2000).map((word) => [` ${word} `, "x"] as const);
  const steps: Readonly<Record<string, () => Transform>> = {
    'replace "foobar" in any case': () => replace("foobar", "x", { ignoreCase: true }),
    "replaceMany, 1,000 words": () => replaceMany(many),
    "replaceMany, 1,000 words in any case": () => replaceMany(many, { ignoreCase: true }),
    "replaceMany, 3 templates": () => replaceMany({ "{{name}}": "x", "{{date}}": "y", "{{id}}": "z" }),
    "replaceRegExp /foobar\\d+/g": () => replaceRegExp(/foobar\d+/g, "x"),
    "replaceRegExp /\\b\\d{4}-\\d\\d-\\d\\d\\b/g": () => replaceRegExp(/\b\d{4}-\d\d-\d\d\b/g, "x"),
    'replaceRegExp /https?:[^\\s"]+/gi': () => replaceRegExp(/https?:[^\s"]+/gi, "x"),
  };
  for (const [name, make] of Object.entries(steps)) {
    searches[`${name}, no match`] = () => callDirectly(make(), text, LARGE_CHUNKS / 8);
  }
  for (const [name, [make, text]] of Object.entries(recordSteps)) {
    const body = repeated(text, LARGE_CHUNK_BYTES);
    const chunks = name.startsWith("map") ? LARGE_CHUNKS : LARGE_CHUNKS / 20;
    searches[`${name}, no change`] = () => callDirectly(make(), body, chunks);
  }
  return [
    ...(await medians(hops)).map(([name, value]) => ({ name, value, unit: "ns/chunk" })),
    ...(await medians(searches)).map(([name, value]) => ({
      name,
      value: LARGE_CHUNK_BYTES / value,
      unit: "GB/s",
    })),
  ];
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const { name, value, unit } of await benchTransforms()) {
    console.log(`${name.padEnd(52)} ${value.toFixed(unit === "GB/s" ? 2 : 0).padStart(8)} ${unit}`);
  }
}
