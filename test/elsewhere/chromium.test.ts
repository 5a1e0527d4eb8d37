/** Transforms in a page and in a service worker, with a real origin. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { root } from "../harness/project.ts";
import { type Browser, startChromium, type Tab } from "./chromium.ts";
import { type Answer, codedTexts, delta, type LiveOrigin, startLiveOrigin } from "./origin.ts";
import type { Page } from "./page.ts";
import { bundle, emptyFolder, type Folder, transformTests } from "./tools.ts";

/** What is in the page, as `page.ts` puts it there. */
declare const page: Page;

/** Files of tests that need what no browser has, Node's zlib, crypto, process and setImmediate, or take long. */
const without = [
  "compose",
  "events-memory",
  "hash",
  "record",
  "replace-many",
  "replace-regexp",
  "sse-text",
  "watchers",
];

/** A page that loads the package as it is published, file by file. */
const unbundled = `<!doctype html><script type="importmap">${
  JSON.stringify({
    imports: {
      "sluice": "/file/dist/lib/mod.js",
      "sluice/transforms": "/file/dist/transforms/mod.js",
      "itty-router": "/file/node_modules/itty-router/index.mjs",
      "ts-pattern": "/file/node_modules/ts-pattern/dist/index.js",
      "web-streams-polyfill": "/file/node_modules/web-streams-polyfill/dist/ponyfill.mjs",
    },
  })
}</script><script type="module">
import { pipeline } from "sluice";
import { replace } from "sluice/transforms";
const { body } = await fetch("/plain");
document.title = await new Response(pipeline(body, [replace("foobar", "BAZ")])).text();
</script>`;

let folder: Folder;
let origin: LiveOrigin;
let browser: Browser;
let tab: Tab;

function serve(type: string, text: string): Answer {
  return (response) =>
    response.writeHead(200, { "Content-Type": `${type}; charset=utf-8` }).end(
      text,
    );
}

before(async () => {
  folder = await emptyFolder();
  const module = (path: string) => readFile(path, "utf8").then((text) => serve("text/javascript", text));
  const tests = await transformTests(without);
  const files: Record<string, Answer> = {
    "/page.js": await module(
      await bundle(folder.path, { module: "test/elsewhere/page.js", tests }),
    ),
    "/worker.js": await module(
      await bundle(folder.path, { module: "examples/service-worker.js" }),
    ),
    "/": serve("text/html", '<!doctype html><script src="/page.js"></script>'),
    "/unbundled": serve("text/html", unbundled),
  };
  origin = await startLiveOrigin(files, async (response, request) => {
    const { url } = request;
    if (!url!.startsWith("/file/")) return response.writeHead(404).end();
    const text = await readFile(
      new URL(url!.slice("/file/".length), root),
      "utf8",
    );
    return serve("text/javascript", text)(response, request);
  });
  browser = await startChromium(join(folder.path, "profile"));
  tab = await browser.newTab();
  await tab.goto(`${origin.url}/`);
});

after(async () => {
  await browser[Symbol.asyncDispose]();
  await origin.close();
  await folder[Symbol.asyncDispose]();
});

/** Asks for `/live` in the page, and begins the answer. */
async function open(
  way: string,
  type: string,
  first: string,
): Promise<ServerResponse> {
  const [live] = await Promise.all([
    origin.live().then((live) => {
      live.writeHead(200, {
        "Content-Type": type,
        "X-Content-Type-Options": "nosniff",
      }).write(first);
      return live;
    }),
    tab.evaluate((way) => page.open("/live", way), way),
  ]);
  return live;
}

async function reads(wanted: string): Promise<void> {
  assert.equal(
    await tab.evaluate((length) => page.read(length), wanted.length),
    wanted,
  );
}

/** Reads one character, where there is none. */
async function ends(): Promise<void> {
  assert.equal(await tab.evaluate((length) => page.read(length), 1), "");
}

describe("a page in Chromium", { timeout: 120_000 }, () => {
  for (const way of ["pipeline", "pipeThrough"]) {
    it(`replaces a word that two chunks share, and nothing waits: ${way}`, async () => {
      const live = await open(way, "text/plain", "a foo");
      await reads("a ");
      live.write("bar, foo");
      await reads("BAZ, ");
      live.end();
      await reads("foo");
      await ends();
    });
  }

  it("replaces a word that two events share, each event coming before the next one leaves", async () => {
    const live = await open("events", "text/event-stream", delta("It is foo"));
    await reads(delta("It is "));
    live.write(delta("bar, he"));
    await reads(delta("BAZ, he"));
    live.end("data: [DONE]\n\n");
    await reads("data: [DONE]\n\n");
    await ends();
  });

  it("fails with its source", async () => {
    const live = await open("pipeline", "text/plain", "a foo");
    await reads("a ");
    live.destroy();
    await assert.rejects(tab.evaluate((length) => page.read(length), 1));
  });

  for (const names of Object.keys(codedTexts)) {
    it(`changes what its fetch has decoded: ${names}`, async () => {
      const path = `/coded?${encodeURIComponent(names)}`;
      assert.equal(
        await tab.evaluate((path) => page.changed(path), path),
        "a BAZ",
      );
    });
  }

  it("can code again in two codings", async () => {
    const names = ["gzip", "deflate", "br", "zstd"];
    assert.deepEqual(await tab.evaluate((names) => page.codings(names), names), ["gzip", "deflate"]);
  });

  for (const name of ["gzip", "deflate"]) {
    it(`keeps a stored response in its coding, ${name}`, async () => {
      const changed = await tab.evaluate(
        (name) => page.codedAgain("a foobar", name),
        name,
      );
      assert.deepEqual(changed, [name, "a BAZ"]);
    });
  }

  it("loads the package as it is published, without a bundler", async () => {
    const other = await browser.newTab();
    await other.goto(`${origin.url}/unbundled`);
    await other.waitForFunction((title) => document.title === title, "a BAZ");
  });

  it("passes the tests of the transforms", async () => {
    const { passed, failures } = await tab.evaluate(() => page.runAll(), null);
    assert.deepEqual(failures, []);
    assert.ok(passed > 200, `${passed} tests`);
  });
});

describe("examples/service-worker.ts in Chromium", { timeout: 60_000 }, () => {
  it("changes a page while it loads, before the rest of it is sent", async () => {
    await tab.evaluate((path) => page.register(path), "/worker.js");
    const other = await browser.newTab();
    const shows = (text: string) =>
      other.waitForFunction(
        (text) => document.body?.textContent?.trim() === text,
        text,
      );
    const [live] = await Promise.all([
      origin.live().then((live) => {
        live.writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
          .write("<!doctype html><p>a foo");
        return live;
      }),
      other.goto(`${origin.url}/live`, { waitUntil: "commit" }),
    ]);
    await shows("a");
    live.write("bar, ");
    await shows("a BAZ,");
    live.write("foobar");
    await shows("a BAZ, BAZ");
    live.end();
  });

  it("leaves all else alone", async () => {
    await tab.goto(`${origin.url}/`);
    const live = await open("plain", "text/plain", "a foobar");
    await reads("a foobar");
    live.end();
    await ends();
  });
});
