/**
 * curl through sluice as a forward proxy, with nginx as the origin.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { makeFolder, MiB, writeNoise } from "./files.ts";
import { curl, curlDigest, type Nginx, startNginx } from "./programs.ts";

let folder: Awaited<ReturnType<typeof makeFolder>>;
let nginx: Nginx;
let noise: string;
let command: Command;
let proxy: readonly string[];

before(async () => {
  folder = await makeFolder();
  noise = await writeNoise(join(folder.path, "noise"), 4 * MiB);
  const script = join(folder.path, "mark.js");
  await writeFile(
    script,
    'export const responseheaders = ({ response }) => response.headers.set("X-Seen", "yes");',
  );
  nginx = await startNginx(folder.path);
  command = new Command(["-p", "0", "-s", script]);
  proxy = ["--proxy", (await command.ready()).url];
});

after(async () => {
  await command[Symbol.asyncDispose]();
  await nginx[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("a forward proxy", () => {
  it("gets what curl asks it for", async () => {
    const { body } = await curl(...proxy, "--include", "--range", "0-9", `${nginx.url}/noise`);
    assert.match(body.toString("latin1"), /^HTTP\/1\.1 206 [^]*\r\nx-seen: yes\r\n/i);
    assert.equal(await curlDigest(...proxy, `${nginx.url}/noise`), noise);
  });

  it("gets several over one connection", async () => {
    const url = `${nginx.url}/noise`;
    const { body, stderr } = await curl(
      ...proxy,
      "--verbose",
      "--range",
      "0-9",
      url,
      "--next",
      ...proxy,
      "--range",
      "10-19",
      url,
    );
    assert.equal(body.length, 20);
    assert.match(stderr, /Re-using existing connection/i);
  });

  it("hands on what the origin refuses", async () => {
    const { code, stderr } = await curl(...proxy, `${nginx.url}/missing`);
    assert.equal(code, 22);
    assert.match(stderr, /error: 404/);
  });

  it("says so where no origin is", async () => {
    const { body } = await curl(...proxy, "--no-fail", "--include", "http://127.0.0.1:1/");
    assert.match(body.toString(), /^HTTP\/1\.1 502 /);
  });
});

describe("a tunnel", () => {
  it("carries what curl and the origin say, unchanged", async () => {
    assert.equal(await curlDigest(...proxy, "--proxytunnel", `${nginx.url}/noise`), noise);
    const { body } = await curl(
      ...proxy,
      "--proxytunnel",
      "--include",
      "--suppress-connect-headers",
      `${nginx.url}/noise`,
    );
    assert.match(body.toString("latin1"), /^HTTP\/1\.1 200 OK\r\nServer: nginx/);
    assert.doesNotMatch(body.toString("latin1", 0, 1000), /x-seen/i);
  });

  it("isn't made to where no origin is", async () => {
    const { code, stderr } = await curl(...proxy, "--proxytunnel", "http://127.0.0.1:1/");
    assert.notEqual(code, 0);
    assert.match(stderr, /502/);
  });
});
