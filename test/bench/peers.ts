/**
 * What the transforms are measured beside: other people's packages, each made to take bytes and to give bytes or
 * text. They lie in a folder of their own, so that only who measures fetches them.
 *
 * A peer that works on text gets the bytes decoded as a stream, as whoever uses it has to; what it makes of them
 * is not encoded again.
 */

import type { Transform } from "node:stream";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./project.ts";

/** Something that takes a body chunk by chunk. */
export interface Worker {
  feed(chunk: Uint8Array): void | Promise<void>;
  end(): void | Promise<void>;
}

/** Takes what comes out. */
export type Sink = (piece: Uint8Array | string) => void;

/** Begins a body. */
export type Open = (sink: Sink) => Worker;

/** The folder with the packages. */
export const peersFolder: string = join(root, "test/bench/peers");

const require = createRequire(join(peersFolder, "package.json"));

/** Loads a package, as far as it is used here. */
async function load(name: string): Promise<unknown> {
  return await import(pathToFileURL(require.resolve(name)).href);
}

function byText(sink: Sink, take: (text: string) => readonly string[], end: () => readonly string[]): Worker {
  const decoder = new TextDecoder();
  return {
    feed(chunk) {
      for (const text of take(decoder.decode(chunk, { stream: true }))) sink(text);
    },
    end() {
      for (const text of [...take(decoder.decode()), ...end()]) sink(text);
    },
  };
}

/** A stream of Node, waited for where it is full. */
function byNodeStream(sink: Sink, stream: Transform): Worker {
  stream.on("data", sink);
  return {
    async feed(chunk) {
      if (!stream.write(chunk)) await once(stream, "drain");
    },
    async end() {
      stream.end();
      await once(stream, "end");
    },
  };
}

/** The peers that replace one needle, or an expression. */
export interface Peers {
  readonly streamsearch: (needle: string, replacement: string) => Open;
  readonly replacestream: (search: string | RegExp, replacement: string) => Open;
  readonly streamReplaceString: (needle: string, replacement: string) => Open;
  readonly modernAhocorasick: (needles: readonly string[], replacement: string) => Open;
  /** Its replacement of whole texts, so that it misses what two chunks share. */
  readonly modernAhocorasickByChunk: (needles: readonly string[], replacement: string) => Open;
  readonly eventsourceParser: () => Open;
}

interface StreamSearchModule {
  readonly MATCH: symbol;
  readonly StreamSearch: new (needle: Uint8Array) => {
    feed(chunk: Uint8Array): readonly (Uint8Array | symbol)[];
    end(): Uint8Array;
  };
}

type ReplaceStream = (search: string | RegExp, replacement: string, options: object) => Transform;

interface AhoCorasickModule {
  readonly default: new (needles: readonly string[]) => {
    replace(text: string, replacement: string): string;
  };
}

interface AhoCorasickStreams {
  createReplaceStream(
    matcher: unknown,
    replacement: string,
    options: object,
  ): { write(text: string): readonly string[]; end(): readonly string[] };
}

interface ParserModule {
  createParser(callbacks: { onEvent(event: { readonly data: string }): void }): {
    feed(text: string): void;
    reset(options: { consume: boolean }): void;
  };
}

/**
 * Loads the peers.
 *
 * @returns What begins a body with each of them.
 * @throws {Error} If they are not installed.
 */
export async function loadPeers(): Promise<Peers> {
  const { MATCH, StreamSearch } = await load("@ssttevee/streamsearch") as StreamSearchModule;
  const replaceStream = (await load("replacestream") as { readonly default: ReplaceStream }).default;
  const replaceString = (await load("stream-replace-string") as { readonly default: ReplaceStream }).default;
  const AhoCorasick = (await load("modern-ahocorasick") as AhoCorasickModule).default;
  const { createReplaceStream } = await load("modern-ahocorasick/stream") as AhoCorasickStreams;
  const { createParser } = await load("eventsource-parser") as ParserModule;
  return {
    streamsearch: (needle, replacement) => (sink) => {
      const search = new StreamSearch(new TextEncoder().encode(needle));
      const encoded = new TextEncoder().encode(replacement);
      return {
        feed(chunk) {
          for (const token of search.feed(chunk)) sink(token === MATCH ? encoded : token as Uint8Array);
        },
        end: () => sink(search.end()),
      };
    },
    replacestream: (search, replacement) => (sink) => {
      const options = { ignoreCase: false };
      return byNodeStream(sink, replaceStream(search, replacement, options));
    },
    streamReplaceString: (needle, replacement) => (sink) => {
      return byNodeStream(sink, replaceString(needle, replacement, {}));
    },
    modernAhocorasick: (needles, replacement) => {
      const matcher = new AhoCorasick(needles);
      return (sink) => {
        const stream = createReplaceStream(matcher, replacement, { strategy: "leftmost-longest" });
        return byText(sink, (text) => stream.write(text), () => stream.end());
      };
    },
    modernAhocorasickByChunk: (needles, replacement) => {
      const matcher = new AhoCorasick(needles);
      return (sink) =>
        byText(sink, (text) => text === "" ? [] : [matcher.replace(text, replacement)], () => []);
    },
    eventsourceParser: () => (sink) => {
      const parser = createParser({ onEvent: ({ data }) => sink(data) });
      const take = (text: string): readonly string[] => {
        parser.feed(text);
        return [];
      };
      return byText(() => {}, take, () => []);
    },
  };
}
