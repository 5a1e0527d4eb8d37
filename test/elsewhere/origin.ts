/** An origin for the tests in lock step: what it sends next waits for what the client has seen. */
import type { IncomingMessage, ServerResponse } from "node:http";
import * as zlib from "node:zlib";
import { type Origin, startOrigin } from "../harness/web.ts";

/** Answers requests for one path. */
export type Answer = (
  response: ServerResponse,
  request: IncomingMessage,
) => void;

/** An origin whose answers can be taken over by a test. */
export interface LiveOrigin extends Origin {
  /** The next response to a request for `/live`, which the test writes. */
  live(): Promise<ServerResponse>;
}

/** A frame of zstd with the text "a foobar" in a raw block; not every Node can make one. */
const zstdFrame = Uint8Array.of(
  ...[0x28, 0xb5, 0x2f, 0xfd, 0x20, 8],
  ...[8 << 3 | 1, 0, 0],
  ...new TextEncoder().encode("a foobar"),
);

/** "a foobar", in each coding. */
export const codedTexts: Readonly<Record<string, Uint8Array>> = {
  "gzip": zlib.gzipSync("a foobar"),
  "deflate": zlib.deflateSync("a foobar"),
  "br": zlib.brotliCompressSync("a foobar"),
  "zstd": zstdFrame,
  "gzip, br": zlib.brotliCompressSync(zlib.gzipSync("a foobar")),
  "gzip, deflate": zlib.deflateSync(zlib.gzipSync("a foobar")),
};

/**
 * Starts an origin. `/live` is for the test to answer; `/coded?NAMES` has a text in these codings, and `/plain` has it in
 * none.
 *
 * @param answers What other paths have.
 * @param otherwise What all the rest has; default nothing.
 */
export async function startLiveOrigin(
  answers: Readonly<Record<string, Answer>> = {},
  otherwise: Answer = (response) => response.writeHead(404).end(),
): Promise<LiveOrigin> {
  const asked: ServerResponse[] = [];
  const waiting: ((response: ServerResponse) => void)[] = [];
  const settle = () => {
    while (asked.length > 0 && waiting.length > 0) {
      waiting.shift()!(asked.shift()!);
    }
  };
  const known: Record<string, Answer> = {
    "/live": (response) => {
      asked.push(response);
      settle();
    },
    "/plain": (response) => response.writeHead(200, { "Content-Type": "text/plain" }).end("a foobar"),
    "/coded": (response, { url }) => {
      const names = decodeURIComponent(url!.split("?")[1]!);
      response.writeHead(200, {
        "Content-Type": "text/plain",
        "Content-Encoding": names,
      })
        .end(codedTexts[names]);
    },
    ...answers,
  };
  const origin = await startOrigin((request, response) => {
    const answer = known[request.url!.split("?")[0]!] ?? otherwise;
    answer(response, request);
  });
  const live = () =>
    new Promise<ServerResponse>((resolve) => {
      waiting.push(resolve);
      settle();
    });
  return { ...origin, live };
}

/** An event of an LLM's stream, with a piece of its text. */
export function delta(content: string): string {
  return `data: {"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}}}]}\n\n`;
}
