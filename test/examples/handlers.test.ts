/** The examples that take a `Request` or a `Response`, run as they are. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { app } from "../../examples/hono.ts";
import itty from "../../examples/itty-router.ts";
import worker from "../../examples/worker.ts";
import { Command } from "../harness/command.ts";
import { type Origin, startOrigin } from "../harness/web.ts";

/** What the origin has, by path: the type, and the body, which is sent coded. */
const pages: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "/text?q": ["text/plain", "a foobar"],
  "/page": ["text/html", "<p>a foobar"],
  "/links": ["text/html", '<a href="/x">in</a> <a href="https://example.com/">out</a>'],
  "/data": ["application/json", '"foobar"'],
};

let origin: Origin;

before(async () => {
  origin = await startOrigin(({ url }, response) => {
    const [type, body] = pages[url!]!;
    const coded = gzipSync(body);
    response.writeHead(200, {
      "Content-Type": type,
      "Content-Encoding": "gzip",
      "Content-Length": coded.length,
      "ETag": '"1"',
    });
    response.end(coded);
  });
});

after(() => origin.close());

/** What a response is: its body, and the fields that go with it. */
async function told(response: Response): Promise<(string | null)[]> {
  const fields = ["content-length", "content-encoding", "etag"].map((name) => response.headers.get(name));
  return [await response.text(), ...fields];
}

describe("the example", () => {
  const ask = (path: string): Promise<Response> =>
    worker.fetch(new Request(`https://worker.test${path}`), { ORIGIN: origin.url });

  it("worker.ts changes texts, and nothing else", async () => {
    assert.deepEqual(await told(await ask("/text?q")), ["a BAZ", null, null, 'W/"1"']);
    const data = await ask("/data");
    assert.deepEqual([await data.text(), data.headers.get("etag")], ['"foobar"', '"1"']);
  });

  const routers: Readonly<Record<string, (request: Request) => Response | Promise<Response>>> = {
    "hono.ts": (request) => app.fetch(request),
    "itty-router.ts": (request) => itty.fetch(request),
  };
  for (const [name, handle] of Object.entries(routers)) {
    it(`${name} changes what routes answer`, async () => {
      const response = await handle(new Request("https://app.test/"));
      assert.deepEqual(await told(response), ["BAZ", null, null, 'W/"1"']);
      const empty = await handle(new Request("https://app.test/empty"));
      assert.deepEqual([empty.status, empty.body], [204, null]);
    });
  }

  it("service-worker.ts changes pages", async () => {
    const scope = globalThis as { addEventListener?: unknown };
    const own = scope.addEventListener;
    const listeners: [type: string, listener: (event: unknown) => void][] = [];
    scope.addEventListener = (...listener: (typeof listeners)[number]) => void listeners.push(listener);
    await import("../../examples/service-worker.ts");
    scope.addEventListener = own;
    assert.deepEqual(listeners.map(([type]) => type), ["fetch"]);
    const dispatch = (path: string, init: RequestInit = {}): Promise<Response> | null => {
      let answer: Promise<Response> | null = null;
      const request = new Request(origin.url + path, init);
      listeners[0]![1]({ request, respondWith: (response: Promise<Response>) => void (answer = response) });
      return answer;
    };
    assert.deepEqual(await told((await dispatch("/page"))!), ["<p>a BAZ", null, null, 'W/"1"']);
    assert.equal(await (await dispatch("/data"))!.text(), '"foobar"');
    assert.equal(dispatch("/page", { method: "POST" }), null);
  });

  it("fetch.ts prints a page that is changed, and tells of its size and checksum", async () => {
    const compiled = import.meta.url.endsWith(".js");
    const script = fileURLToPath(new URL(`../../examples/fetch.${compiled ? "js" : "ts"}`, import.meta.url));
    const args = [...compiled ? [] : ["run", "-A", "--no-check"], script, `${origin.url}/text?q`];
    const { stdout, stderr } = await promisify(execFile)(process.execPath, args);
    assert.equal(stdout, "a BAZ");
    assert.match(stderr, /^5 bytes, CRC-32 [0-9a-f]+\n$/);
  });

  it("html.js marks links in a proxy", async () => {
    await using command = new Command(["-p", "0", "-m", `reverse:${origin.url}`, "-s", "examples/html.js"]);
    const { url } = await command.ready();
    const page = await fetch(`${url}/links`);
    assert.equal(
      await page.text(),
      '<a href="/x">in</a> <a href="https://example.com/" rel="nofollow">out</a>',
    );
    assert.equal(await (await fetch(`${url}/data`)).text(), '"foobar"');
  });
});
