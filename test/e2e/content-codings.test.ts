/**
 * What nginx has compressed: it passes as it is, or is decoded, changed and encoded again.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gunzipSync } from "node:zlib";
import { Command } from "../harness/command.ts";
import { makeFolder, MiB, needle, writeNeedles } from "./files.ts";
import { curl, type Nginx, sedDigest, startNginx } from "./programs.ts";

let folder: Awaited<ReturnType<typeof makeFolder>>;
let nginx: Nginx;
let digest: string;

before(async () => {
  folder = await makeFolder();
  digest = await writeNeedles(join(folder.path, "page.txt"), 4 * MiB);
  // "any": also for a proxy, which shows itself by Via.
  nginx = await startNginx(folder.path, "gzip on; gzip_types text/plain; gzip_proxied any;");
});

after(async () => {
  await nginx[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** Asks for gzip, as it comes. */
async function getCoded(
  origin: string,
  ...words: readonly string[]
): Promise<{ coding: string; body: Buffer }> {
  const headers = join(folder.path, "headers");
  const { code, stderr, body } = await curl(
    "--dump-header",
    headers,
    "--header",
    "Accept-Encoding: gzip",
    "--write-out",
    "%{stderr}%header{content-encoding}",
    ...words,
    `${origin}/page.txt`,
  );
  assert.equal(code, 0);
  return { coding: stderr, body };
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

describe("what nginx has compressed", () => {
  it("passes as it is without a script", async () => {
    await using command = new Command(["-q", "-p", "0", "-m", `reverse:${nginx.url}`]);
    const direct = await getCoded(nginx.url);
    const passed = await getCoded((await command.ready()).url);
    assert.deepEqual([direct.coding, passed.coding], ["gzip", "gzip"]);
    assert.ok(passed.body.equals(direct.body));
    assert.equal(sha256(gunzipSync(passed.body)), digest);
  });

  it("is decoded, changed and encoded again where a script changes it", async () => {
    const script = join(folder.path, "replace.js");
    await writeFile(
      script,
      `export function responseheaders(flow, { replace }) { flow.response.stream = replace("${needle}", "BAZ"); }`,
    );
    await using command = new Command(["-q", "-p", "0", "-m", `reverse:${nginx.url}`, "-s", script]);
    const { coding, body } = await getCoded((await command.ready()).url);
    assert.equal(coding, "gzip");
    assert.equal(sha256(gunzipSync(body)), await sedDigest(join(folder.path, "page.txt"), needle, "BAZ"));
  });
});
