/**
 * The origin of the demonstration: a page, a file of known length, a drip that cuts words in two, a feed of events and a
 * large download. Wherever a text has `foobar` in it, the proxy in front of it is to change it on the way.
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

const LINE = "All work and no foobar makes a dull stream, said the proxy to the origin.\n";
const LARGE_BYTES = 1024 ** 3;

/** What the origin answers, by path. */
const pages: Readonly<Record<string, (response: ServerResponse) => void>> = {
  "/": (response) => {
    response.setHeader("Content-Type", "text/html; charset=utf-8");
    response.end("<!doctype html><title>foobar</title><h1>Hello, foobar</h1>\n");
  },
  "/file": (response) => {
    const text = LINE.repeat(10);
    response.writeHead(200, { "Content-Type": "text/plain", "Content-Length": text.length });
    response.end(text);
  },
  "/drip": (response) => stream(response, "text/plain", drip()),
  "/events": (response) => stream(response, "text/event-stream", events()),
  "/large": (response) => {
    response.setHeader("Content-Length", LARGE_BYTES);
    stream(response, "text/plain", large());
  },
};

/**
 * Starts the origin on a free port of this machine.
 *
 * @returns Its URL.
 */
export function startOrigin(): Promise<string> {
  const server = createServer((request, response) => {
    const page = pages[request.url ?? ""];
    if (page !== undefined) return page(response);
    response.writeHead(404, { "Content-Type": "text/plain" });
    response.end(`Here are ${Object.keys(pages).join(", ")}\n`);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(
      0,
      "127.0.0.1",
      () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    );
  });
}

function stream(response: ServerResponse, type: string, chunks: AsyncGenerator<string>): void {
  response.setHeader("Content-Type", type);
  const body = Readable.from(chunks);
  body.pipe(response);
  response.once("close", () => body.destroy());
}

/** A word at a time, and every `foobar` in two pieces. */
async function* drip(): AsyncGenerator<string> {
  for (
    const piece of "Drop by drop came foo|bar, and foo|bar again, and at last a whole foobar.\n".split(
      /(?<= )|\|/,
    )
  ) {
    yield piece;
    await sleep(200);
  }
}

async function* events(): AsyncGenerator<string> {
  for (let i = 1;; i++) {
    yield `id: ${i}\ndata: foobar at ${new Date().toISOString()}\n\n`;
    await sleep(1000);
  }
}

/** 1 GiB of lines. */
async function* large(): AsyncGenerator<string> {
  const block = LINE.repeat(1000);
  for (let left = LARGE_BYTES; left > 0; left -= block.length) yield block.slice(0, left);
}
