/**
 * Large downloads from nginx to curl: every octet arrives, and the proxy's memory doesn't grow with the body. The body has
 * 128 MiB; `SIZE=1g` makes it twice another size.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { largeSize, makeFolder, MiB, needle, writeNeedles, writeNoise } from "./files.ts";
import { growthDuring } from "./memory.ts";
import { curlDigest, digestOf, type Nginx, sedDigest, startCurl, startNginx } from "./programs.ts";

/** How large the body is. */
const size = 2 * largeSize;
/**
 * By how much the memory may rise after a small download: the freedom of a collector that gets little of a busy machine,
 * which is three semi-spaces of 16 MiB, and much less than the large body.
 */
const GROWTH = 48 * MiB;
/** The small download's size: enough for the proxy to have come to speed, and too little to hide a large one. */
const WARM_UP = 8 * MiB;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let nginx: Nginx;
let noise: string;

before(async () => {
  folder = await makeFolder();
  noise = await writeNoise(join(folder.path, "noise"), size);
  await writeNeedles(join(folder.path, "needles"), size);
  await writeNeedles(join(folder.path, "small"), WARM_UP);
  nginx = await startNginx(folder.path);
});

after(async () => {
  await nginx[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const wantsWhole = "export function response(flow) { flow.response.body; }";

async function script(name: string, text: string): Promise<string> {
  const path = join(folder.path, name);
  await writeFile(path, text);
  return path;
}

/** Downloads a small file, then a large one; gives its digest, and by how much the memory rose meanwhile. */
async function download(file: string, words: readonly string[]): Promise<{ result: string; growth: number }> {
  await using command = new Command(["-q", "-p", "0", "-m", `reverse:${nginx.url}`, ...words]);
  const { url } = await command.ready();
  await curlDigest(`${url}/small`);
  return await growthDuring(command.pid, () => curlDigest(`${url}/${file}`));
}

describe("a large download", () => {
  it("passes untouched, in constant memory", async () => {
    const { result, growth } = await download("noise", ["--stream", "0"]);
    assert.equal(result, noise);
    assert.ok(growth < GROWTH, `the memory rose by ${growth} bytes`);
  });

  it("passes a script that would have liked it whole, in constant memory", async () => {
    const path = await script("whole.js", wantsWhole);
    const { result, growth } = await download("noise", ["--stream", "0", "-s", path]);
    assert.equal(result, noise);
    assert.ok(growth < GROWTH, `the memory rose by ${growth} bytes`);
  });

  it("is held whole for such a script otherwise, and the memory shows that", async () => {
    const path = await script("whole.js", wantsWhole);
    const { result, growth } = await download("noise", ["-s", path]);
    assert.equal(result, noise);
    assert.ok(growth > size / 2, `the memory rose by ${growth} bytes`);
  });

  it("is changed as sed would, in constant memory", async () => {
    const path = await script(
      "replace.js",
      `export function responseheaders(flow, { replace }) { flow.response.stream = replace("${needle}", "BAZ"); }`,
    );
    const { result, growth } = await download("needles", ["--stream", "0", "-s", path]);
    assert.equal(result, await sedDigest(join(folder.path, "needles"), needle, "BAZ"));
    assert.ok(growth < GROWTH, `the memory rose by ${growth} bytes`);
  });

  it("is changed as sed would by a function over the stream, in constant memory", async () => {
    const path = await script(
      "function.js",
      `export function responseheaders(flow, { replace }) {
        flow.response.stream = async function* (body) {
          for await (const chunk of body.pipeThrough(replace("${needle}", "BAZ"))) yield chunk;
        };
      }`,
    );
    const { result, growth } = await download("needles", ["-s", path]);
    assert.equal(result, await sedDigest(join(folder.path, "needles"), needle, "BAZ"));
    assert.ok(growth < GROWTH, `the memory rose by ${growth} bytes`);
  });

  it("is finished after SIGINT, and the exit code is 0", async () => {
    await using command = new Command(["-p", "0", "-m", `reverse:${nginx.url}`]);
    const { url } = await command.ready();
    const { child, stdout } = startCurl(`${url}/noise`);
    // curl stops when nobody reads what it writes, and so does all that is behind it.
    await new Promise((resolve) => stdout.once("readable", resolve));
    command.kill("SIGINT");
    await command.shows("stderr", /^Stopping: /m);
    assert.equal(await digestOf(child, stdout), noise);
    assert.equal((await command.ended).code, 0);
  });
});
