/** What the transforms are asked to do, each work beside the peers that can do it too. */

import * as zlib from "node:zlib";
import { codedStages } from "../../lib/coded-chain.ts";
import { pipeline } from "../../lib/pipeline.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import {
  mapEvents,
  mapLines,
  replace,
  replaceMany,
  replaceRegExp,
  sseText,
  tapUsage,
  type Transform,
} from "../../transforms/mod.ts";
import { concat } from "../../transforms/concat.ts";
import type { Open, Peers, Sink, Worker } from "./peers.ts";
import {
  BODY_BYTES,
  cut,
  densities,
  type Density,
  longWords,
  makeBody,
  makeText,
  shortWords,
} from "./transform-bodies.ts";

/** One thing that is measured. */
export interface Case {
  /** The table that it belongs to. */
  readonly table: string;
  /** What is done, and to which body. */
  readonly work: string;
  /** Who does it. */
  readonly by: string;
  readonly open: Open;
  readonly chunks: readonly Uint8Array[];
  /** How many bytes count for a body: those of the chunks, but where these are coded. */
  readonly bytes: number;
  /** What must come of a text; where it is missing, the output is not compared. */
  readonly expected?: (text: string) => string;
  /** Makes text of all that came out, where that is coded. */
  readonly decode?: (output: Uint8Array) => Uint8Array;
}

/** What several take turns at. */
type Work = Pick<Case, "table" | "work" | "chunks"> & Partial<Pick<Case, "expected" | "bytes">>;

const OWN = "sluice";

/** Calls a transform directly. */
function direct(make: () => Transform): Open {
  return (sink: Sink): Worker => {
    const transform = make();
    const controller = { enqueue: sink, terminate() {} };
    return {
      feed: (chunk) => transform.transform(chunk, controller),
      end: () => transform.flush?.(controller),
    };
  };
}

function entries(work: Work, subjects: Readonly<Record<string, Open>>): readonly Case[] {
  return Object.entries(subjects).map(([by, open]) => ({ bytes: BODY_BYTES, ...work, by, open }));
}

const text = makeText(BODY_BYTES);

function perDensity(
  table: string,
  work: string,
  matches: readonly string[],
  expected: (text: string) => string,
  subjects: Readonly<Record<string, Open>>,
  chosen: readonly Density[] = densities,
): readonly Case[] {
  return chosen.flatMap((density) => {
    const chunks = makeBody(text, matches, density);
    return entries({ table, work: `${work}, ${density}`, chunks, expected }, subjects);
  });
}

/** What is left of the work where borders do not matter: each chunk as text, by the engine's own `replaceAll`. */
function chunkByChunk(needle: string, replacement: string): Open {
  return (sink) => ({
    feed: (chunk) => sink(new TextDecoder().decode(chunk).replaceAll(needle, replacement)),
    end() {},
  });
}

function literals(peers: Peers): readonly Case[] {
  const table = "One text";
  const all = (needle: string) => (body: string) => body.replaceAll(needle, "bar");
  const own = (needle: string) => ({ [OWN]: direct(() => replace(needle, "bar")) });
  return [
    ...perDensity(table, "`foobar`", ["foobar"], all("foobar"), {
      ...own("foobar"),
      "chunk.replaceAll": chunkByChunk("foobar", "bar"),
      "@ssttevee/streamsearch": peers.streamsearch("foobar", "bar"),
      "replacestream": peers.replacestream("foobar", "bar"),
      "stream-replace-string": peers.streamReplaceString("foobar", "bar"),
    }),
    ...["stone", "the cat", "{{", "https://internal.example.com/"].flatMap((needle) => {
      return perDensity(table, `\`${needle}\``, [needle], all(needle), own(needle), ["none", "dense"]);
    }),
    ...perDensity(
      table,
      "`foobar` in any case",
      ["foobar", "FooBar"],
      (body) => body.replaceAll(/foobar/gi, "bar"),
      {
        [OWN]: direct(() => replace("foobar", "bar", { ignoreCase: true })),
      },
      ["none", "dense"],
    ),
  ];
}

/** As one expression: the longest first, so that of those that begin at a place the longest is taken. */
function anyOf(needles: readonly string[]): RegExp {
  return new RegExp(
    needles.toSorted((a, b) => b.length - a.length).map((n) => n.replaceAll(/\W/g, "\\$&")).join("|"),
    "g",
  );
}

function many(peers: Peers): readonly Case[] {
  const lists = {
    "1,000 words of 4 to 10 letters": longWords,
    "1,000 words of 4 letters": shortWords,
    "10 words": longWords.slice(0, 10),
    "3 templates": ["{{name}}", "{{date}}", "{{id}}"],
  };
  return Object.entries(lists).flatMap(([name, needles], place) => {
    const expected = anyOf(needles);
    const pairs = needles.map((needle) => [needle, "bar"] as const);
    const subjects = (density: Density): Readonly<Record<string, Open>> => ({
      [OWN]: direct(() => replaceMany(pairs)),
      "modern-ahocorasick, chunk by chunk": peers.modernAhocorasickByChunk(needles, "bar"),
      ...place === 0 && density === "none"
        ? { "modern-ahocorasick's stream": peers.modernAhocorasick(needles, "bar") }
        : {},
    });
    return densities.flatMap((density) => {
      const replaced = (body: string): string => body.replaceAll(expected, "bar");
      return perDensity("Many texts", name, needles, replaced, subjects(density), [density]);
    });
  });
}

function expressions(peers: Peers): readonly Case[] {
  const table = "Regular expressions";
  const date = /\b\d{4}-\d\d-\d\d\b/g;
  const others = [/foobar\d+/g, /https?:[^\s"]+/gi];
  const foreign = makeBody(makeText(BODY_BYTES, 1), [""], "none");
  const own = (pattern: RegExp): Readonly<Record<string, Open>> => ({
    [OWN]: direct(() => replaceRegExp(pattern, "bar")),
  });
  const expected = (pattern: RegExp) => (body: string) => body.replace(pattern, "bar");
  return [
    ...perDensity(table, `\`${date}\``, [" 2026-01-31 "], expected(date), {
      ...own(date),
      replacestream: peers.replacestream(date, "bar"),
    }),
    ...others.flatMap((pattern) =>
      perDensity(table, `\`${pattern}\``, [""], expected(pattern), own(pattern), ["none"])
    ),
    ...[date, ...others].flatMap((pattern) => {
      const work = `\`${pattern}\`, none, much of it not ASCII`;
      return entries({ table, work, chunks: foreign, expected: expected(pattern) }, own(pattern));
    }),
  ];
}

/** Events as LLMs stream them: of a chat completion, and of a message. */
const completion = 'data: {"id":"chatcmpl-7f3a","object":"chat.completion.chunk","created":1764000000,' +
  '"model":"m","choices":[{"index":0,"delta":{"content":" hello"},"finish_reason":null}]}\n\n';
const message = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,' +
  '"delta":{"type":"text_delta","text":" hello"}}\n\n';

function events(peers: Peers): readonly Case[] {
  const table = "Records, none changed";
  const streams = {
    completions: completion,
    "completions, CR LF": completion.replaceAll("\n", "\r\n"),
    messages: message,
  };
  const repeated = (text: string) =>
    cut(new TextEncoder().encode(text.repeat(Math.ceil(BODY_BYTES / text.length))));
  return [
    ...entries({
      table,
      work: "lines",
      chunks: repeated(text.slice(0, 100) + "\n"),
      expected: (body) => body,
    }, {
      "sluice mapLines": direct(() => mapLines(() => {})),
    }),
    ...Object.entries(streams).flatMap(([name, event]) => {
      const chunks = repeated(event);
      return [
        ...entries({ table, work: name, chunks, expected: (body) => body }, {
          "sluice mapEvents": direct(() => mapEvents(() => {})),
          ...name === "completions, CR LF" ? {} : {
            "sluice mapEvents, data read": direct(() => mapEvents((event) => void event.data)),
            "sluice tapUsage": direct(() => tapUsage(() => {})),
            "sluice sseText": direct(() => sseText("llm", () => replace("{{", "x"))),
          },
        }),
        ...entries({ table, work: name, chunks }, { "eventsource-parser": peers.eventsourceParser() }),
      ];
    }),
  ];
}

/** All that a body gives, read through a stream of its own. */
function throughStream(stages: (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>): Open {
  return (sink) => {
    const source = new TransformStream<Uint8Array, Uint8Array>();
    const writer = source.writable.getWriter();
    const reading = (async () => {
      const reader = stages(source.readable).getReader();
      for (let read = await reader.read(); !read.done; read = await reader.read()) sink(read.value);
    })();
    return {
      feed: (chunk) => writer.write(chunk),
      end: async () => {
        await writer.close();
        await reading;
      },
    };
  };
}

function coded(): readonly Case[] {
  const gzip = zlibCodings(zlib).get("gzip");
  if (gzip === undefined) return [];
  const plain = makeBody(text, ["foobar"], "sparse");
  const chunks = cut(zlib.gzipSync(concat(plain)));
  const work = { table: "Content-coded", work: "gunzip, replace `foobar`, gzip at level 1", chunks };
  const limits = { decodedBytes: Infinity, codingRatio: Infinity, codingGraceBytes: Infinity };
  const own = throughStream((body) => {
    return pipeline(body, codedStages([gzip], [replace("foobar", "bar")], limits));
  });
  const zlibItself: Open = (sink) => {
    const waiting: Uint8Array[] = [];
    return {
      feed(chunk) {
        if (waiting.push(chunk) < chunks.length) return;
        sink(zlib.gzipSync(zlib.gunzipSync(concat(waiting.splice(0))), { level: 1 }));
      },
      end() {},
    };
  };
  return [
    ...entries({ ...work, expected: (body) => body.replaceAll("foobar", "bar") }, { [OWN]: own }),
    ...entries(work, { "zlib alone, whole, without replacing": zlibItself }),
  ].map((one) => ({ ...one, decode: (output) => new Uint8Array(zlib.gunzipSync(output)) }));
}

/**
 * Makes all cases.
 *
 * @param peers The peers.
 * @returns The cases, those of a table together, those of a work next to one another.
 */
export function makeCases(peers: Peers): readonly Case[] {
  return [...literals(peers), ...many(peers), ...expressions(peers), ...events(peers), ...coded()];
}
