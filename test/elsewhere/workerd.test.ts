/** Transforms in a Worker, with a real origin and a real client. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import { after, before, describe, it } from "node:test";
import { createGzip, gunzipSync } from "node:zlib";
import { codedTexts, delta, type LiveOrigin, startLiveOrigin } from "./origin.ts";
import type { Report } from "./node-test.ts";
import { bundle, emptyFolder, type Folder, transformTests } from "./tools.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

/**
 * Files of tests that can't pass there: WebAssembly can't be made of bytes, streams call `cancel` after `flush`, time
 * stands still while code runs, and memory can't be asked for.
 */
const without = [
  "search",
  "compose",
  "replace-many",
  "records",
  "replace-regexp",
  "events",
  "events-memory",
];

const events = { "Content-Type": "text/event-stream" };

let folder: Folder;
let origin: LiveOrigin;
let workerd: Workerd;

before(async () => {
  folder = await emptyFolder();
  origin = await startLiveOrigin();
  const file = await bundle(folder.path, {
    module: "test/elsewhere/worker.js",
    exported: "worker",
    tests: await transformTests(without),
    external: ["node:*"],
  });
  workerd = await startWorkerd(file, origin.url);
});

after(async () => {
  await workerd[Symbol.asyncDispose]();
  await origin.close();
  await folder[Symbol.asyncDispose]();
});

/** Asks the Worker, without undoing any coding. */
async function ask(path: string): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    get(workerd.url + path, { agent: false }, resolve).on("error", reject);
  });
}

/** Reads a response as a text that comes bit by bit. */
class Reading {
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** Asserts that a text comes next. */
  async reads(wanted: string): Promise<void> {
    let text = "";
    while (text.length < wanted.length) {
      const { done, value } = await this.#pieces.next();
      if (done) break;
      text += new TextDecoder().decode(value);
    }
    assert.equal(text, wanted);
  }

  /** Asserts that nothing comes any more. */
  async ends(): Promise<void> {
    assert.equal((await this.#pieces.next()).done, true);
  }
}

async function whole(response: IncomingMessage): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces);
}

describe("workerd", { timeout: 120_000 }, () => {
  it("runs examples/worker.ts: a word that two chunks share is replaced, and nothing waits", async () => {
    const [response, live] = await Promise.all([
      ask("/live"),
      origin.live().then((live) => {
        live.writeHead(200, events).write("data: a foo");
        return live;
      }),
    ]);
    const reading = new Reading(response);
    await reading.reads("data: a ");
    live.write("bar\n\n");
    await reading.reads("BAZ\n\n");
    live.write("data: foo");
    await reading.reads("data: ");
    live.end();
    await reading.reads("foo");
    await reading.ends();
  });

  it("replaces a word that two events share, each event leaving before the next one comes", async () => {
    const [response, live] = await Promise.all([
      ask("/events/live"),
      origin.live().then((live) => {
        live.writeHead(200, events).write(delta("It is foo"));
        return live;
      }),
    ]);
    const reading = new Reading(response);
    await reading.reads(delta("It is "));
    live.write(delta("bar, he"));
    await reading.reads(delta("BAZ, he"));
    live.write(": still here\n\n");
    await reading.reads(": still here\n\n");
    live.end("data: [DONE]\n\n");
    await reading.reads("data: [DONE]\n\n");
    await reading.ends();
  });

  it("does the same with events that come as gzip", async () => {
    const gzip = createGzip();
    const [response] = await Promise.all([
      ask("/events/live"),
      origin.live().then((live) => {
        gzip.pipe(
          live.writeHead(200, { ...events, "Content-Encoding": "gzip" }),
        );
        gzip.write(delta("It is foo"));
        gzip.flush();
      }),
    ]);
    assert.equal(response.headers["content-encoding"], undefined);
    const reading = new Reading(response);
    await reading.reads(delta("It is "));
    gzip.write(delta("bar, he"));
    gzip.flush();
    await reading.reads(delta("BAZ, he"));
    gzip.end();
    await reading.ends();
  });

  /** What its `fetch` or its `DecompressionStream` undoes comes out plain; the rest is left as it is. */
  const undone = ["gzip", "deflate", "br", "gzip, deflate"];
  for (const [names, coded] of Object.entries(codedTexts)) {
    const isUndone = undone.includes(names);
    it(`${isUndone ? "undoes" : "leaves alone"} ${names}`, async () => {
      const response = await ask(`/coded?${encodeURIComponent(names)}`);
      assert.equal(
        response.headers["content-encoding"],
        isUndone ? undefined : names,
      );
      const bytes = await whole(response);
      assert.deepEqual(
        Buffer.from(bytes),
        isUndone ? Buffer.from("a BAZ") : Buffer.from(coded),
      );
    });
  }

  it("has the codings of zlib, and two by the web's own streams", async () => {
    const known = JSON.parse(new TextDecoder().decode(await whole(await ask("/codings")))) as unknown;
    assert.deepEqual(known, [["gzip", "x-gzip", "deflate", "br", "zstd"], ["gzip", "deflate"]]);
  });

  for (const way of ["zlib", "web"]) {
    it(`codes a stored response again, once, with the codings of ${way}`, async () => {
      const response = await ask(`/${way}/plain`);
      assert.equal(response.headers["content-encoding"], "gzip");
      assert.equal(gunzipSync(await whole(response)).toString(), "a BAZ");
    });
  }

  it("cuts off what the origin cuts off", async () => {
    const [response] = await Promise.all([
      ask("/events/live"),
      origin.live().then((live) => {
        live.writeHead(200, events).write(delta("a"), () => live.destroy());
      }),
    ]);
    await assert.rejects(whole(response));
  });

  it("lets go of the origin when the client leaves", async () => {
    const [response, live] = await Promise.all([
      ask("/events/live"),
      origin.live().then((live) => {
        live.writeHead(200, events).write(delta("a"));
        return live;
      }),
    ]);
    await new Reading(response).reads(delta("a"));
    const closed = once(live, "close");
    response.destroy();
    // It looks when it has something to send.
    const sending = setInterval(() => live.write(delta("b")), 10);
    await closed.finally(() => clearInterval(sending));
  });

  it("passes the tests of the transforms", async () => {
    const { passed, failures } = JSON.parse(
      new TextDecoder().decode(await whole(await ask("/tests"))),
    ) as Report;
    assert.deepEqual(failures, []);
    assert.ok(passed > 200, `${passed} tests`);
  });
});
