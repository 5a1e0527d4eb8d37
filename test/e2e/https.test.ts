/**
 * TLS on real sockets, with the command line: towards origins, which have to prove who they are, and towards clients.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { TLSSocket } from "node:tls";
import { makeAuthority, selfSigned, type TestAuthority } from "../harness/certificates.ts";
import { Command } from "../harness/command.ts";
import { makeFolder } from "./files.ts";
import { echoRequest, startTlsOrigin, type TlsOrigin, writeIdentity } from "./https.ts";
import { curl } from "./programs.ts";
import { readToEnd } from "./raw.ts";

let folder: Awaited<ReturnType<typeof makeFolder>>;
let authority: TestAuthority;
let origin: TlsOrigin;
let ca: string;

before(async () => {
  folder = await makeFolder();
  authority = await makeAuthority();
  ca = join(folder.path, "ca.pem");
  await writeFile(ca, authority.cert);
  origin = await startTlsOrigin(await authority.identity("localhost"), (request, response) => {
    response.setHeader("Content-Type", "text/plain");
    response.end(`foobar ${echoRequest(request)}`);
  });
});

after(async () => {
  await origin[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("an origin behind TLS", () => {
  it("is served in front of, its connections kept, its bodies changed", async () => {
    await using command = new Command([
      ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`],
      ...["--upstream-ca", ca, "-B", "/foobar/BAZ"],
    ]);
    const { url } = await command.ready();
    const before = origin.connections;
    for (const path of ["/a", "/b"]) {
      const { body } = await curl(`${url}${path}`);
      assert.equal(body.toString(), `BAZ GET ${path} at localhost:${origin.port}, for undefined`);
    }
    assert.equal(origin.connections, before + 1);
  });

  it("is fetched from for a URL in absolute-form", async () => {
    await using command = new Command(["-p", "0", "--upstream-ca", ca]);
    const { port } = await command.ready();
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    socket.write(`GET https://localhost:${origin.port}/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    const answer = await readToEnd(socket);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, new RegExp(`foobar GET /x at localhost:${origin.port}`));
  });

  it("is shown a certificate, and told so in clear if that is not what it wants", async () => {
    const me = await writeIdentity(folder.path, "me", await authority.identity("me"));
    await using asking = await startTlsOrigin(await authority.identity("localhost"), (request, response) => {
      const { subject } = (request.socket as TLSSocket).getPeerCertificate();
      response.end(`it is ${subject?.CN}`);
    }, { ca: authority.cert, requestCert: true, rejectUnauthorized: false });
    const args = ["-p", "0", "-m", `reverse:https://localhost:${asking.port}`, "--upstream-ca", ca];
    await using knows = new Command([...args, "--upstream-cert", me.cert, "--upstream-key", me.key]);
    assert.equal((await curl((await knows.ready()).url)).body.toString(), "it is me");
    await using doesNot = new Command(args);
    assert.equal((await curl((await doesNot.ready()).url)).body.toString(), "it is undefined");
  });

  const rows: [what: string, make: () => Promise<{ cert: string; key: string }>, reason: RegExp][] = [
    ["has expired", () => authority.identity("localhost", -1), /expired/],
    ["is another's", () => authority.identity("other.test"), /other\.test/],
    ["is signed by itself", () => selfSigned("localhost"), /self-signed/],
    ["nobody knows the authority of", async () => (await makeAuthority("x")).identity("localhost"), /issuer/],
  ];
  for (const [what, make, reason] of rows) {
    it(`is refused with 502 and the reason if its certificate ${what}; --ssl-insecure lets it be`, async () => {
      await using bad = await startTlsOrigin(await make(), (_, response) => void response.end("hello"));
      const args = ["-p", "0", "-m", `reverse:https://localhost:${bad.port}`, "--upstream-ca", ca];
      await using strict = new Command(args);
      const { body } = await curl("--no-fail", "--include", (await strict.ready()).url);
      assert.match(body.toString(), /^HTTP\/1\.1 502 Bad Gateway\r\n[^]*Cannot trust localhost/);
      assert.match(body.toString(), reason);
      await strict.shows("stderr", /Cannot trust localhost/);
      await using lenient = new Command([...args, "-k"]);
      assert.equal((await curl((await lenient.ready()).url)).body.toString(), "hello");
      await lenient.shows("stderr", /warning: .*--ssl-insecure/);
    });
  }

  it("is a 502 if it speaks no TLS, or no HTTP/1.1, and a 504 if it says nothing", async () => {
    await using h2 = await startTlsOrigin(await authority.identity("localhost"), () => {}, {
      ALPNProtocols: ["h2"],
    });
    const { createServer } = await import("node:net");
    const clear = (socket: Socket) => void socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
    const servers = [clear, () => {}].map((serve) =>
      createServer((socket) => serve(socket.on("error", () => {})))
    );
    const ports = await Promise.all(servers.map((server) =>
      new Promise<number>((resolve) => {
        server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
      })
    ));
    await using command = new Command(["-p", "0", "--upstream-ca", ca, "--handshake-timeout", "1s"]);
    const { port } = await command.ready();
    const rows = [[h2.port, 502], [ports[0]!, 502], [ports[1]!, 504]] as const;
    for (const [to, status] of rows) {
      const socket = connect(port, "127.0.0.1").on("error", () => {});
      socket.write(`GET https://localhost:${to}/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      assert.match(await readToEnd(socket), new RegExp(`^HTTP/1\\.1 ${status} `));
    }
    for (const server of servers) server.close();
  });
});

/** Sends what is no TLS to a port, and gives what comes until the connection is over, by a reset or not. */
async function octetsFrom(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let octets = "";
  socket.on("data", (data: Buffer) => octets += data.toString("latin1"));
  socket.write(text);
  return await new Promise((resolve) => socket.on("error", () => {}).on("close", () => resolve(octets)));
}

describe("clients that come by TLS", () => {
  it("are served, and origins are told so", async () => {
    const own = await writeIdentity(folder.path, "own", await authority.identity("localhost"));
    await using command = new Command([
      ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`, "--upstream-ca", ca],
      ...["--tls-cert", own.cert, "--tls-key", own.key, "--forwarded", "replace"],
    ]);
    const { url, port } = await command.ready();
    assert.match(url, /^https:/);
    const { body, stderr } = await curl("--cacert", ca, "--verbose", `https://localhost:${port}/x`);
    assert.equal(body.toString(), `foobar GET /x at localhost:${origin.port}, for https`);
    assert.match(stderr, /ALPN: server accepted http\/1\.1/);
  });

  it("may ask a proxy that way", async () => {
    const own = await writeIdentity(folder.path, "proxy", await authority.identity("localhost"));
    // Both in one file will do.
    const both = join(folder.path, "both.pem");
    const { readFile } = await import("node:fs/promises");
    await writeFile(both, await readFile(own.key, "utf8") + await readFile(own.cert, "utf8"));
    await using command = new Command(["-p", "0", "--tls-cert", both]);
    const { port } = await command.ready();
    const { body } = await curl(
      ...["--proxy", `https://localhost:${port}`, "--proxy-cacert", ca, "--cacert", ca],
      `https://localhost:${origin.port}/y`,
    );
    assert.equal(body.toString(), `foobar GET /y at localhost:${origin.port}, for undefined`);
  });

  it("are let go if they speak something else, take too long, or don't trust it; others are still served", async () => {
    const own = await writeIdentity(folder.path, "third", await authority.identity("localhost"));
    await using command = new Command([
      ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`, "--upstream-ca", ca],
      ...["--tls-cert", own.cert, "--tls-key", own.key, "--handshake-timeout", "1s"],
    ]);
    const { port } = await command.ready();
    assert.doesNotMatch(await octetsFrom(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"), /HTTP/);
    await command.shows("stderr", /Cannot speak TLS with 127\.0\.0\.1:\d+: (?!the other side)/);
    assert.equal(await octetsFrom(port, ""), "");
    await command.shows("stderr", /Cannot speak TLS with 127\.0\.0\.1:\d+ in time/);
    const distrusts = await curl(`https://localhost:${port}/`);
    assert.equal(distrusts.code, 60);
    assert.equal((await curl("--cacert", ca, `https://localhost:${port}/`)).code, 0);
  });
});

describe("the command line says what is wrong with", () => {
  const rows: [what: string, args: (path: string) => string[], reason: RegExp][] = [
    ["a file that is missing", () => ["--tls-cert", "/nowhere.pem"], /Cannot use --tls-cert as its file/],
    ["a key without a certificate", () => ["--tls-key", "x"], /Cannot use --tls-key without --tls-cert/],
    ["a certificate without a key", () => ["--tls-cert", ca], /--tls-cert without --tls-key as there is no/],
    [
      "a pattern that is none",
      () => ["--intercept-hosts", "("],
      /Cannot use --intercept-hosts as it must be a/,
    ],
    ["no certificate", (path) => ["--upstream-ca", path], /Cannot use --upstream-ca: .*must be in PEM/],
    ["no key", (path) => ["--upstream-cert", path], /Cannot use --upstream-cert: .*must be in PEM/],
  ];
  for (const [what, args, reason] of rows) {
    it(what, async () => {
      const path = join(folder.path, "nothing.pem");
      await writeFile(path, "nothing");
      await using command = new Command(["-p", "0", ...args(path)]);
      const { code, stderr } = await command.ended;
      assert.equal(code, 2);
      assert.match(stderr, reason);
      assert.equal(stderr.trim().split("\n").length, 1);
    });
  }
});
