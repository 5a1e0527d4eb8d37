/**
 * What the page of the tests can do, as a global: read changed responses bit by bit.
 */
import { pipeline } from "../../lib/pipeline.ts";
import { transformResponse } from "../../lib/transform-response.ts";
import { webCodings } from "../../lib/web-codings.ts";
import { replace, sseText } from "../../transforms/mod.ts";
import { type Report, runAll } from "./node-test.ts";

const change = () => [replace("foobar", "BAZ")];

const ways: Readonly<
  Record<string, (response: Response) => ReadableStream<Uint8Array>>
> = {
  pipeline: ({ body }) => pipeline(body!, change()),
  pipeThrough: (response) => (response.body as ReadableStream<Uint8Array>).pipeThrough(change()[0]!),
  events: (response) =>
    transformResponse(response, [
      sseText("llm", () => replace("foobar", "BAZ")),
    ]).body!,
  plain: ({ body }) => body!,
};

let reader: ReadableStreamDefaultReader<Uint8Array>;

/** What the tests call. */
export interface Page {
  /** Asks for a path, and takes what comes in a certain way; settles when the head is there. */
  open(path: string, way: string): Promise<void>;
  /** Reads until so many characters have come; fewer at the end. */
  read(length: number): Promise<string>;
  /** Asks for a path, and tells the text that comes of it, changed. */
  changed(path: string): Promise<string>;
  /** Takes a text for a stored response that is coded, and changes that: the coding, and the text. */
  codedAgain(
    text: string,
    name: string,
  ): Promise<readonly [string | null, string]>;
  /** The names of the codings that it can apply, out of some. */
  codings(names: readonly string[]): string[];
  /** Registers a service worker: it rules the pages that are opened from then on. */
  register(path: string): Promise<void>;
  /** Runs the tests of the transforms. */
  runAll(): Promise<Report>;
}

const page: Page = {
  async open(path, way) {
    reader = ways[way]!(await fetch(path)).getReader();
  },
  async read(length) {
    let text = "";
    while (text.length < length) {
      const { done, value } = await reader.read();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    return text;
  },
  async changed(path) {
    return await transformResponse(await fetch(path), change()).text();
  },
  async codedAgain(text, name) {
    const format = name as CompressionFormat;
    const body = new Response(text).body!.pipeThrough(
      new CompressionStream(format),
    );
    const stored = new Response(body, {
      headers: { "Content-Encoding": name },
    });
    const changed = transformResponse(stored, change(), {
      codings: webCodings,
    });
    const plain = changed.body!.pipeThrough(new DecompressionStream(format));
    return [
      changed.headers.get("content-encoding"),
      await new Response(plain).text(),
    ];
  },
  codings: (names) => names.filter((name) => webCodings.get(name) !== undefined),
  async register(path) {
    await navigator.serviceWorker.register(path);
    await navigator.serviceWorker.ready;
  },
  runAll,
};

Object.assign(globalThis, { page });
