/**
 * What could go wrong with a proxy among strangers, on real sockets: every spelling of its own address, who may use it,
 * waits that end, and descriptors that run out.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Command } from "../harness/command.ts";
import { type Origin, startOrigin } from "../harness/web.ts";

let origin: Origin;

before(async () => {
  origin = await startOrigin((request, response) => {
    // What never gets an answer is for the timeouts.
    if (request.url !== "/silent") response.end("hello");
  });
});

after(() => origin.close());

/** Sends octets on a connection of their own, and returns all that comes until its end, however that is. */
async function exchange(port: number, octets: string): Promise<string> {
  return await ending(dial(port, octets));
}

function dial(port: number, octets: string): Socket {
  const socket = connect(port, "127.0.0.1").setEncoding("latin1");
  socket.on("error", () => {});
  socket.write(octets, "latin1");
  return socket;
}

/** What comes until the end; a reset is an end like others. */
function ending(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    socket.on("data", (data: string) => text += data);
    socket.on("close", () => resolve(text));
  });
}

function get(port: number, url: string, fields = ""): Promise<string> {
  return exchange(port, `GET ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`);
}

function tunnel(port: number, target: string): Promise<string> {
  return exchange(port, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
}

/** This machine's own addresses of the first family, loopback first. */
const own = Object.values(networkInterfaces()).flat()
  .flatMap((one) => one !== undefined && one.family === "IPv4" ? one.address : []);

describe("a proxy is not reached through itself", () => {
  const spellings = [
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "127.1",
    "0177.0.0.1",
    "0x7f.0.0.1",
    "0x7f000001",
    "2130706433",
    "0",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
  ];
  const places: [bound: string, spellings: readonly string[]][] = [
    ["127.0.0.1", spellings],
    ["0.0.0.0", [...spellings, "127.0.0.2", ...own]],
    ["::", [...spellings, "127.0.0.2", "[::1]", "[::]", ...own]],
  ];
  for (const [bound, hosts] of places) {
    it(`on ${bound}, however it is spelt`, async () => {
      const open = ["--allow-public", "--allow-private", "--connect-ports", "all"];
      await using command = new Command(["-p", "0", "--listen-host", bound, ...open]);
      const { port } = await command.ready();
      for (const host of hosts) {
        assert.match(await get(port, `http://${host}:${port}/`), /^HTTP\/1.1 508 Loop Detected\r\n/, host);
        assert.match(await tunnel(port, `${host}:${port}`), /^HTTP\/1.1 508 Loop Detected\r\n/, host);
      }
      const { host } = new URL(origin.url);
      assert.match(await get(port, `http://${host}/`), /^HTTP\/1.1 200 OK\r\n[^]*hello$/);
    });
  }
});

describe("a forward proxy that others reach", () => {
  it("is refused with 2 and one line unless it is asked for", async () => {
    const { code, stdout, stderr } = await new Command(["-p", "0", "--listen-host", "0.0.0.0"]).ended;
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(
      stderr,
      /^sluice: Cannot listen on 0\.0\.0\.0 as a forward proxy .*--proxy-auth .*--allow-public [^\n]*\n$/,
    );
  });

  it("reaches no private address and no other port, and warns", async () => {
    await using command = new Command(["-p", "0", "--listen-host", "0.0.0.0", "--allow-public"]);
    const { port } = await command.ready();
    await command.shows("stderr", /^warning: Everyone who reaches 0\.0\.0\.0 can use this proxy/);
    const { host } = new URL(origin.url);
    for (
      const place of [host, host.replace("127.0.0.1", "localhost"), "169.254.169.254", "[::1]:80", "10.0.0.1"]
    ) {
      assert.match(await get(port, `http://${place}/`), /^HTTP\/1.1 403 Forbidden\r\n/, place);
    }
    assert.match(
      await tunnel(port, "localhost:443"),
      /^HTTP\/1.1 403 Forbidden\r\n[^]*not on the public internet/,
    );
    assert.match(
      await tunnel(port, "example.com:22"),
      /^HTTP\/1.1 403 Forbidden\r\n[^]*allows other ports only/,
    );
  });

  it("serves those who bring the credentials", async () => {
    const open = ["--listen-host", "0.0.0.0", "--allow-private", "--proxy-auth", "me:secret"];
    await using command = new Command(["-p", "0", "-v", ...open]);
    const { port } = await command.ready();
    assert.match(
      await get(port, `${origin.url}/`),
      /^HTTP\/1.1 407 .*\r\n[^]*Proxy-Authenticate: Basic realm="sluice"/,
    );
    const fields = `Proxy-Authorization: Basic ${btoa("me:secret")}\r\n`;
    assert.match(await get(port, `${origin.url}/`, fields), /^HTTP\/1.1 200 OK\r\n[^]*hello$/);
    command.kill("SIGTERM");
    const { stderr } = await command.ended;
    assert.ok(stderr.includes("200 OK") && !stderr.includes(btoa("me:secret")), "credentials are not logged");
  });
});

describe("waits end", () => {
  it("at the times that the command line sets, with the status that fits", async () => {
    const short = ["--head-timeout", "200ms", "--upstream-timeout", "200ms", "--connect-timeout", "20s"];
    await using command = new Command(["-p", "0", ...short]);
    const { port } = await command.ready();
    assert.match(await exchange(port, "GET / HT"), /^HTTP\/1.1 408 Request Timeout\r\n/);
    assert.match(await get(port, `${origin.url}/silent`), /^HTTP\/1.1 504 Gateway Timeout\r\n/);
    assert.match(await get(port, "http://nowhere.invalid/"), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    const closed = await startOrigin(() => {});
    await closed.close();
    assert.match(await get(port, `${closed.url}/`), /^HTTP\/1.1 502 Bad Gateway\r\n/);
  });

  it("when the proxy stops, after the time for that", async () => {
    await using command = new Command(["-p", "0", "--drain-timeout", "200ms"]);
    const { port } = await command.ready();
    const cut = get(port, `${origin.url}/silent`);
    const held = dial(port, `GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(held, "data");
    command.kill("SIGTERM");
    assert.equal((await command.ended).code, 0);
    assert.equal(await cut, "");
    held.destroy();
  });
});

describe("connections", () => {
  it("from one address are as many as the command line allows", async () => {
    await using command = new Command(["-p", "0", "--max-connections-per-client", "1"]);
    const { port } = await command.ready();
    const first = dial(port, `GET ${origin.url}/ HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(first, "data");
    assert.match(
      await get(port, `${origin.url}/`),
      /^HTTP\/1.1 503 Service Unavailable\r\n[^]*Retry-After: 5\r\n/,
    );
    first.destroy();
    await once(first, "close");
  });

  it("that come by the thousand while it is busy find room, and none has to try again", async () => {
    await using command = new Command(["-p", "0", "-m", `reverse:${origin.url}`]);
    const { port } = await command.ready();
    command.kill("SIGSTOP");
    const length = Math.min(1000, Number(await readFile("/proc/sys/net/core/somaxconn", "utf8")));
    const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const crowd = Array.from({ length }, () => dial(port, request));
    const endings = crowd.map(ending);
    try {
      // Beyond its backlog the kernel lets nobody in before the proxy goes on.
      const inside = Promise.all(crowd.map((socket) => once(socket, "connect")));
      assert.ok(await Promise.race([inside, setTimeout(10_000, null)]), "not all were let in");
    } finally {
      command.kill("SIGCONT");
    }
    for (const text of await Promise.all(endings)) assert.match(text, /^HTTP\/1.1 200 OK\r\n/);
  });

  it("fit into few descriptors, and there is room again when they have gone", async () => {
    await using command = new Command(["-p", "0", "-m", `reverse:${origin.url}`], undefined, 64);
    const { port } = await command.ready();
    await command.shows(
      "stderr",
      /^warning: Only 12 clients can be served at a time, as the system allows 64 open files/,
    );
    const crowd = Array.from(
      { length: 200 },
      () => dial(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"),
    );
    const endings = crowd.map(ending);
    for (const socket of crowd) socket.write("\r\n");
    const answers = (await Promise.all(endings)).map((text) => text.slice(9, 12));
    const count = (status: string) => answers.filter((answer) => answer === status).length;
    assert.ok(count("200") >= 12, `at least those are served for whom there is room: ${answers}`);
    assert.equal(count("200") + count("503") + count(""), 200, `the rest is told, or reset: ${answers}`);
    assert.match(await get(port, "/"), /^HTTP\/1.1 200 OK\r\n/);
  });

  it("wait or are told while a script has taken all descriptors, and the proxy goes on", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sluice-files-"));
    const path = join(folder, "hoard.js");
    await writeFile(
      path,
      `import { closeSync, openSync } from "node:fs";
      const hoard = [];
      try { for (;;) hoard.push(openSync("/dev/null")); } catch { for (let i = 0; i < 12; i++) closeSync(hoard.pop()); }
      export function request() { }`,
    );
    await using command = new Command(["-p", "0", "-m", `reverse:${origin.url}`, "-s", path], undefined, 256);
    const { port } = await command.ready();
    const crowd = Array.from(
      { length: 40 },
      () => dial(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"),
    );
    const endings = crowd.map(ending);
    await Promise.all(crowd.map((socket) => once(socket, "ready").catch(() => {})));
    for (const socket of crowd) socket.write("\r\n");
    const answers = (await Promise.all(endings)).map((text) => text.slice(9, 12));
    assert.ok(answers.every((status) => ["200", "503", ""].includes(status)), String(answers));
    // The crowd's descriptors are given back a moment after its ends were sent; Node closes what it has none for.
    let answer = "";
    for (let left = 50; left > 0 && answer === ""; left--) {
      answer = await get(port, "/");
      if (answer === "") await setTimeout(100);
    }
    assert.match(answer, /^HTTP\/1.1 200 OK\r\n/);
    command.kill("SIGTERM");
    const { code, stderr } = await command.ended;
    assert.equal(code, 0);
    const ranOut = answers.some((status) => status !== "200") ||
      stderr.includes("Cannot accept a connection");
    assert.ok(ranOut, "there were too few descriptors for all");
    await rm(folder, { recursive: true });
  });
});
