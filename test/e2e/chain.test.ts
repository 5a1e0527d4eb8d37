/**
 * Two sluices in a row: a forward proxy that sends everything on through another one, each with a script of its own.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type ClientRequest, type IncomingMessage, request, type ServerResponse } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { freePort } from "../bench/programs.ts";
import { Command } from "../harness/command.ts";
import { type Origin, startOrigin } from "../harness/web.ts";
import { makeFolder, MiB } from "./files.ts";
import { curl } from "./programs.ts";

const PASSWORD = "a b%c";

/** Both directions of every body, changed by the first and by the second proxy. */
const scripts = {
  first: `export function requestheaders(flow, { replace }) { flow.request.stream = replace("one", "two"); }
    export function responseheaders(flow, { replace }) { flow.response.stream = replace("three", "four"); }`,
  second: `export function requestheaders(flow, { replace }) { flow.request.stream = replace("two", "deux"); }
    export function responseheaders(flow, { replace }) { flow.response.stream = replace("3", "three"); }`,
};

let folder: Awaited<ReturnType<typeof makeFolder>>;
let origin: Origin;
let feed: ServerResponse;
let near: Command;
let far: Command;
let port: number;
let outer: string;

before(async () => {
  folder = await makeFolder();
  for (const [name, text] of Object.entries(scripts)) await writeFile(join(folder.path, `${name}.js`), text);
  origin = await startOrigin((incoming, response) => {
    if (incoming.url === "/events") {
      feed = response.writeHead(200, { "Content-Type": "text/event-stream" });
      feed.flushHeaders();
    } else if (incoming.url === "/echo") incoming.pipe(response);
    else if (incoming.url === "/digest") void digestOf(incoming).then((digest) => response.end(digest));
    else response.end(`3 ${incoming.headers.via?.replace(/[0-9a-f]{8}/g, "#")}`);
  });
  far = new Command(["-p", "0", "-s", join(folder.path, "second.js"), "--proxy-auth", `me:${PASSWORD}`]);
  outer = `127.0.0.1:${(await far.ready()).port}`;
  near = new Command([
    ...["-p", "0", "-s", join(folder.path, "first.js")],
    ...["-m", `upstream:http://me:${encodeURIComponent(PASSWORD)}@${outer}`],
  ]);
  ({ port } = await near.ready());
});

after(async () => {
  for (const command of [near, far]) await command[Symbol.asyncDispose]();
  await origin.close();
  await folder[Symbol.asyncDispose]();
});

async function digestOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of body) hash.update(chunk);
  return hash.digest("hex");
}

function ask(path: string, method = "GET"): ClientRequest {
  const { host } = new URL(origin.url);
  return request({
    host: "127.0.0.1",
    port,
    path: `${origin.url}${path}`,
    method,
    agent: false,
    headers: { host },
  });
}

async function answerTo(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [response] = await once(outgoing, "response") as [IncomingMessage];
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response.setEncoding("utf8")) text += chunk;
  return text;
}

describe("two proxies in a row", () => {
  it("change an answer one after the other, and sign the request", async () => {
    const proxied = ["--proxy", `http://127.0.0.1:${port}`];
    const { body } = await curl(...proxied, `${origin.url}/`);
    assert.equal(String(body), "four 1.1 sluice-#, 1.1 sluice");
  });

  it("change an upload one after the other", async () => {
    const outgoing = ask("/echo", "POST");
    outgoing.write("on");
    outgoing.write("e, ");
    outgoing.end("one and 3");
    assert.equal(await textOf(await answerTo(outgoing)), "deux, deux and four");
  });

  it("pass events on in lock step", async () => {
    const response = await answerTo(ask("/events").end());
    for (let i = 0; i < 20; i++) {
      feed.write(`data: 3 ${i}\n\n`);
      // The next one is sent when this one has come: a proxy that waits for more waits for ever.
      const [data] = await once(response, "data");
      assert.equal(String(data), `data: 3 ${i}\n\n`.replaceAll("3", "four"));
    }
    feed.end();
    response.resume();
    await once(response, "end");
  });

  it("carry a large upload, octet by octet", async () => {
    const block = Buffer.alloc(MiB, "neither of the words. ");
    const outgoing = ask("/digest", "PUT");
    const hash = createHash("sha256");
    for (let i = 0; i < 32; i++) {
      hash.update(block);
      if (!outgoing.write(block)) await once(outgoing, "drain");
    }
    outgoing.end();
    assert.equal(await textOf(await answerTo(outgoing)), hash.digest("hex").replaceAll("3", "four"));
  });

  it("let a tunnel through, which neither changes", async () => {
    const proxied = ["--proxy", `http://127.0.0.1:${port}`, "--proxytunnel"];
    const { body } = await curl(...proxied, "--data", "one two 3", `${origin.url}/echo`);
    assert.equal(String(body), "one two 3");
    for (const command of [near, far]) await command.shows("stderr", /CONNECT 127\.0\.0\.1:\d+\n\s+<< 200/);
  });

  it("say which of them can't reach the origin", async () => {
    const proxied = ["--proxy", `http://127.0.0.1:${port}`];
    const plain = await curl(...proxied, "--no-fail", "--include", "http://127.0.0.1:1/");
    assert.match(String(plain.body), /^HTTP\/1\.1 502 [^]*\nCannot connect to 127\.0\.0\.1:1/);
    const tunnel = await curl(...proxied, "--proxytunnel", "http://127.0.0.1:1/");
    assert.match(tunnel.stderr, /502/);
    await near.shows("stderr", /<< The upstream proxy opens no tunnel to 127\.0\.0\.1:1: 502 Bad Gateway/);
  });

  it("tell nobody the password", async () => {
    for (const command of [near, far]) command.kill();
    for (const { stdout, stderr } of [await near.ended, await far.ended]) {
      assert.ok(!(stdout + stderr).includes("a b"));
      assert.ok(!(stdout + stderr).includes("a%20b"));
    }
  });
});

describe("a proxy whose upstream", () => {
  const through = async (
    words: readonly string[],
    use: (proxied: string[]) => Promise<void>,
  ) => {
    await using command = new Command(["-p", "0", ...words]);
    await use(["--proxy", (await command.ready()).url, "--no-fail", "--include"]);
  };

  it("wants other credentials answers 502", async () => {
    await using locked = new Command(["-p", "0", "--proxy-auth", "a:b"]);
    const { url } = await locked.ready();
    await through(["-m", `upstream:${url}`, "--upstream-auth", "a:c"], async (proxied) => {
      const { body } = await curl(...proxied, origin.url);
      assert.match(String(body), /^HTTP\/1\.1 502 [^]*wants a user name and a password/);
    });
    const served = async (proxied: string[]) => {
      const { body } = await curl(...proxied, origin.url);
      assert.match(String(body), /^HTTP\/1\.1 200 /);
    };
    await through(["-m", `upstream:${url}`, "--upstream-auth", "a:b"], served);
    process.env["SLUICE_UPSTREAM_AUTH"] = "a:b";
    await through(["-m", `upstream:${url}`], served);
    await through(["-m", `upstream:${url.replace("//", "//a:c@")}`], served);
    delete process.env["SLUICE_UPSTREAM_AUTH"];
  });

  it("isn't there answers 502", () =>
    through(["-m", "upstream:http://127.0.0.1:1"], async (proxied) => {
      const { body } = await curl(...proxied, origin.url);
      assert.match(String(body), /^HTTP\/1\.1 502 [^]*The upstream proxy can't be reached: /);
    }));

  it("sends everything back answers 508", async () => {
    const ports = [await freePort(), await freePort()] as const;
    await using back = new Command(["-p", String(ports[1]), "-m", `upstream:http://127.0.0.1:${ports[0]}`]);
    await using there = new Command(["-p", String(ports[0]), "-m", `upstream:http://127.0.0.1:${ports[1]}`]);
    await back.ready();
    const proxied = ["--proxy", (await there.ready()).url, "--no-fail", "--include"];
    const { body } = await curl(...proxied, origin.url);
    assert.match(String(body), /^HTTP\/1\.1 508 [^]*has come through this proxy already/);
    const { stderr } = await curl(...proxied, "--proxytunnel", origin.url);
    assert.match(stderr, /502/);
    await there.shows("stderr", /opens no tunnel to [^ ]+: (502 Bad Gateway|508 Loop Detected)/);
  });
});
