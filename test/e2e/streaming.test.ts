/**
 * What streams: nothing waits for what comes next, nobody is sent more than they take, and who leaves is not served on.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { get as httpGet, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "../harness/command.ts";
import { startOrigin } from "../harness/web.ts";
import { makeFolder, MiB } from "./files.ts";
import { ask, type RawOrigin, readToEnd, startRawOrigin } from "./raw.ts";

/** Within how many milliseconds an event has to arrive; it takes one or two where nothing else runs. */
const EVENT_MS = 200;
/** Within how many milliseconds the origin's connection ends after the client's. */
const CLOSE_MS = 1000;
/** How much of a body that nobody reads may leave the origin: the buffers of three sockets, and the proxy's own. */
const UNREAD = 40 * MiB;
/** After how many milliseconds without progress nothing moves any more. */
const STILL_MS = 500;

const replacing =
  'export function responseheaders(flow, { replace }) { flow.response.stream = replace("event", "EVENT"); }';

let folder: Awaited<ReturnType<typeof makeFolder>>;
const words: Record<"no script" | "a script's replace", string[]> = {
  "no script": [],
  "a script's replace": [],
};

before(async () => {
  folder = await makeFolder();
  const path = join(folder.path, "replace.js");
  await writeFile(path, replacing);
  words["a script's replace"] = ["-s", path];
});

after(() => folder[Symbol.asyncDispose]());

function reverse(origin: { url: string }, ...more: readonly string[]): Command {
  return new Command(["-q", "-p", "0", "-m", `reverse:${origin.url}`, ...more]);
}

describe("server-sent events", () => {
  for (const name of ["no script", "a script's replace"] as const) {
    it(`arrive one by one, with ${name}`, async () => {
      let feed: ServerResponse | undefined;
      await using origin = await startOrigin((_, response) => {
        response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
        feed = response;
      });
      await using command = reverse(origin, ...words[name]);
      const { url } = await command.ready();
      const [response] = await once(httpGet(url, { agent: false }), "response") as [IncomingMessage];
      const delays: number[] = [];
      for (let i = 0; i < 50; i++) {
        const event = `data: event ${i}\n\n`;
        const sent = performance.now();
        feed!.write(event);
        // The next one is sent when this one has come: a proxy that waits for more waits for ever.
        const [data] = await once(response, "data") as [Buffer];
        delays.push(performance.now() - sent);
        assert.equal(String(data), words[name].length === 0 ? event : event.replace("event", "EVENT"));
      }
      feed!.end();
      response.resume();
      await once(response, "end");
      assert.ok(Math.max(...delays) < EVENT_MS, `the slowest took ${Math.max(...delays)} ms`);
    });
  }
});

describe("a chunked response", () => {
  it("keeps its frames, octet by octet", async () => {
    const sizes = [1, 2, 4095, 4096, 4097, 1, 65536, 100_000, 1, 15, 16, 17];
    const frames = sizes.map((size, i) => `${size.toString(16)}\r\n${String(i % 10).repeat(size)}\r\n`);
    const body = `${frames.join("")}0\r\nX-Sum: 1\r\nX-Other: 2\r\n\r\n`;
    await using origin = await startRawOrigin(async (socket) => {
      socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n");
      // In pieces that end anywhere, also within a size, a CRLF and the trailers.
      for (let at = 0, size = 1; at < body.length; at += size, size = size * 5 % 7919) {
        await new Promise((sent) => socket.write(body.slice(at, at + size), "latin1", sent));
      }
      socket.end();
    });
    await using command = reverse(origin);
    const octets = await readToEnd(await ask((await command.ready()).port));
    const headEnd = octets.indexOf("\r\n\r\n") + 4;
    assert.match(octets.slice(0, headEnd), /\r\ntransfer-encoding: chunked\r\n/i);
    assert.equal(octets.slice(headEnd), body);
  });
});

describe("a client that doesn't read", () => {
  for (const name of ["no script", "a script's replace"] as const) {
    it(`holds the origin back, and misses nothing, with ${name}`, async () => {
      const size = 128 * MiB;
      await using origin = await startFlood(size);
      await using command = reverse(origin, ...words[name]);
      const { url } = await command.ready();
      const [response] = await once(httpGet(url, { agent: false }), "response") as [IncomingMessage];
      const sent = await origin.still();
      assert.ok(sent < UNREAD, `${sent} bytes have left the origin`);
      let received = 0;
      for await (const chunk of response) received += (chunk as Buffer).length;
      assert.equal(received, size);
    });
  }
});

describe("a client that leaves", () => {
  for (const how of ["reads", "doesn't read"] as const) {
    for (const name of ["no script", "a script's replace"] as const) {
      it(`while it ${how} takes the origin's connection with it, with ${name}`, async () => {
        await using origin = await startFlood(Infinity);
        await using command = reverse(origin, ...words[name]);
        const client = await ask((await command.ready()).port);
        await once(client, "data");
        if (how === "reads") client.resume();
        else {
          client.pause();
          await origin.still();
        }
        const left = performance.now();
        client.destroy();
        await origin.closed();
        const took = performance.now() - left;
        assert.ok(took < CLOSE_MS, `the origin's connection stayed for ${took} ms`);
      });
    }
  }
});

/** An origin that sends as much as is taken. */
interface Flood extends RawOrigin {
  /** Waits until no more leaves it, and tells how many bytes have. */
  still(): Promise<number>;
  /** Settles when its connection has ended. */
  closed(): Promise<void>;
}

async function startFlood(size: number): Promise<Flood> {
  const block = Buffer.alloc(64 * 1024, "nothing but words, and now and then an event. ");
  let accept!: (socket: Socket) => void;
  const accepted = new Promise<Socket>((resolve) => accept = resolve);
  const closed = accepted.then((socket) => new Promise<void>((resolve) => socket.once("close", resolve)));
  let written = 0;
  const origin = await startRawOrigin((socket) => {
    accept(socket);
    const length = size === Infinity ? "" : `Content-Length: ${size}\r\n`;
    socket.write(`HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n${length}Connection: close\r\n\r\n`);
    const more = () => {
      while (written < size && !socket.destroyed) {
        written += block.length;
        if (!socket.write(block)) return;
      }
      if (written >= size) socket.end();
    };
    socket.on("drain", more);
    more();
  });
  return {
    ...origin,
    closed: () => closed,
    async still() {
      const socket = await accepted;
      let sent = -1;
      for (let now = 0; now !== sent;) {
        sent = now;
        await sleep(STILL_MS);
        now = written - socket.writableLength;
      }
      return sent;
    },
  };
}

/** Takes 5 ms for each of its chunks; the origin and the client are always ready for more. */
const busy = `export function responseheaders(flow) {
  if (flow.request.url.pathname !== "/endless") return;
  flow.response.stream = {
    transform(chunk, controller) {
      for (const end = performance.now() + 5; performance.now() < end;);
      controller.enqueue(chunk);
    },
  };
}`;
/** How much of the body may be worked on while a connection is made and a request answered: some reads for each step. */
const BETWEEN = 10 * MiB;

describe("a body without an end, whose transform keeps the processor busy", () => {
  it("leaves other connections their turns", async () => {
    const path = join(folder.path, "busy.js");
    await writeFile(path, busy);
    const block = Buffer.alloc(MiB / 4);
    await using origin = await startOrigin((request, response) => {
      if (request.url !== "/endless") return void response.end("small");
      const more = () => {
        while (!response.destroyed && response.write(block));
      };
      response.on("drain", more);
      more();
    });
    await using command = reverse(origin, "-s", path);
    const { url } = await command.ready();
    const [endless] = await once(httpGet(`${url}/endless`, { agent: false }), "response") as [
      IncomingMessage,
    ];
    let got = 0;
    endless.on("data", (data: Buffer) => got += data.length);
    endless.on("error", () => {}); // it is broken off below
    while (got < MiB) await sleep(1);
    const before = got;
    for (let i = 0; i < 3; i++) {
      const [small] = await once(httpGet(`${url}/small`, { agent: false }), "response") as [IncomingMessage];
      assert.equal(String((await once(small, "data"))[0]), "small");
    }
    const between = (got - before) / 3;
    assert.ok(between < BETWEEN, `${between / MiB} MiB came before a small answer`);
    endless.destroy();
  });
});
