/**
 * curl through sluice as a SOCKS5 server, and what else speaks SOCKS.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { makeFolder, MiB, writeNoise } from "./files.ts";
import { curl, curlDigest, type Nginx, startNginx } from "./programs.ts";

const SCRIPT = `
  export function responseheaders(flow, { replace }) {
    flow.response.headers.set("X-Seen", "yes");
    if (flow.request.url.pathname === "/words") flow.response.stream = replace("foobar", "BAZ");
  }`;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let nginx: Nginx;
let noise: string;
let command: Command;
let place: string;
let greeter: Server;

before(async () => {
  folder = await makeFolder();
  noise = await writeNoise(join(folder.path, "noise"), 4 * MiB);
  await writeFile(join(folder.path, "words"), "a foobar for all");
  const script = join(folder.path, "mark.js");
  await writeFile(script, SCRIPT);
  nginx = await startNginx(folder.path);
  command = new Command(["-p", "0", "-m", "socks5", "-s", script]);
  const { url, port } = await command.ready();
  assert.match(url, /^socks5:/);
  place = `127.0.0.1:${port}`;
  greeter = createServer((socket) => socket.on("error", () => {}).end("220 at your service\r\n"));
  greeter.listen(0, "127.0.0.1");
  await once(greeter, "listening");
});

after(async () => {
  greeter.close();
  await command[Symbol.asyncDispose]();
  await nginx[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("a SOCKS5 server", () => {
  for (const option of ["--socks5", "--socks5-hostname"]) {
    it(`gets what curl asks it for, changed while it streams, by ${option}`, async () => {
      const url = nginx.url.replace("127.0.0.1", "localhost");
      const { body } = await curl(option, place, "--ipv4", "--include", `${url}/words`);
      assert.match(String(body), /^HTTP\/1\.1 200 [^]*\r\nx-seen: yes\r\n[^]*\r\n\r\na BAZ for all$/i);
      assert.equal(await curlDigest(option, place, "--ipv4", `${url}/noise`), noise);
    });
  }

  it("serves several requests over one connection", async () => {
    const ranges = ["--range", "0-9", `${nginx.url}/noise`];
    const proxied = ["--socks5-hostname", place];
    const { body, stderr } = await curl(...proxied, "--verbose", ...ranges, "--next", ...proxied, ...ranges);
    assert.equal(body.length, 20);
    assert.match(stderr, /Re-using existing connection/i);
  });

  it("takes an upload", async () => {
    const { body } = await curl(
      "--socks5-hostname",
      place,
      "--no-fail",
      "--include",
      "--data",
      "x=1",
      `${nginx.url}/words`,
    );
    assert.match(String(body), /^HTTP\/1\.1 405 [^]*\r\nx-seen: yes\r\n/i);
  });

  it("tells curl that nobody is there", async () => {
    const { code, stderr } = await curl("--socks5-hostname", place, "http://127.0.0.1:1/");
    assert.equal(code, 97);
    assert.match(stderr, /\(5\)/);
  });

  it("carries what is no HTTP, and lets the server begin", async () => {
    const { port } = greeter.address() as AddressInfo;
    const { body } = await curl("--socks5-hostname", place, `telnet://127.0.0.1:${port}`);
    assert.equal(String(body), "220 at your service\r\n");
    await command.shows("stderr", new RegExp(`CONNECT 127\\.0\\.0\\.1:${port}\\n +<< 200`));
  });

  it("carries what goes through another proxy unread", async () => {
    await using inner = new Command(["-p", "0"]);
    const { url } = await inner.ready();
    const proxied = ["--preproxy", `socks5h://${place}`, "--proxy", url, "--proxytunnel"];
    const { body } = await curl(...proxied, "--include", "--suppress-connect-headers", `${nginx.url}/words`);
    assert.match(String(body), /\r\n\r\na foobar for all$/);
    assert.doesNotMatch(String(body), /x-seen/i);
  });

  it("hangs up on who speaks HTTP to it, and says so", async () => {
    const { code } = await curl("--proxy", `http://${place}`, nginx.url);
    assert.notEqual(code, 0);
    await command.shows("stderr", /Cannot serve SOCKS as the version must be 5: got 71/);
  });
});

describe("a SOCKS5 server with --proxy-auth", () => {
  it("serves who has the password, and nobody else", async () => {
    await using locked = new Command(["-p", "0", "-m", "socks5", "--proxy-auth", "me:s:cret"]);
    const { port } = await locked.ready();
    const asked = (...words: string[]) =>
      curl("--socks5-hostname", `127.0.0.1:${port}`, ...words, `${nginx.url}/words`);
    assert.equal(String((await asked("--proxy-user", "me:s:cret")).body), "a foobar for all");
    assert.equal((await asked("--proxy-user", "me:wrong")).code, 97);
    assert.equal((await asked()).code, 97);
    locked.kill();
    const { stderr } = await locked.ended;
    assert.match(stderr, /the user name or the password is wrong/);
    assert.doesNotMatch(stderr, /s:cret/);
  });
});

describe("a SOCKS5 server that blocks private addresses", () => {
  it("refuses them, however they are spelt", async () => {
    await using guarded = new Command(["-p", "0", "-m", "socks5", "--block-private"]);
    const { port } = await guarded.ready();
    for (const host of ["127.0.0.1", "localhost", "[::1]", "0x7f.1"]) {
      const url = `http://${host}:${new URL(nginx.url).port}/words`;
      const { code, stderr } = await curl("--socks5-hostname", `127.0.0.1:${port}`, url);
      assert.equal(code, 97, host);
      assert.match(stderr, /\(2\)/);
    }
  });
});

describe("a SOCKS5 server that stops", () => {
  it("leaves nobody waiting who has said nothing", async () => {
    await using stopping = new Command(["-p", "0", "-m", "socks5"]);
    const { port } = await stopping.ready();
    const silent = connect({ host: "127.0.0.1", port }).resume().on("error", () => {});
    await once(silent, "connect");
    const closed = new Promise((resolve) => silent.once("close", resolve));
    stopping.kill();
    assert.equal((await stopping.ended).code, 0);
    await closed;
  });
});
