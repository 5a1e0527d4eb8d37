/**
 * Interception on real sockets, with the command line: what is opened and changed, what passes unread, and what becomes of
 * clients and origins that don't do as they should.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import { makeAuthority, selfSigned, type TestAuthority } from "../harness/certificates.ts";
import { Command } from "../harness/command.ts";
import { makeFolder } from "./files.ts";
import { echoRequest, startTlsOrigin, type TlsOrigin } from "./https.ts";
import { curl } from "./programs.ts";

const run = promisify(execFile);

let folder: Awaited<ReturnType<typeof makeFolder>>;
let authority: TestAuthority;
let origin: TlsOrigin;
let originCa: string;
let confdir: string;
let trust: string;
let command: Command;
let port: number;

before(async () => {
  folder = await makeFolder();
  authority = await makeAuthority();
  originCa = join(folder.path, "ca.pem");
  await writeFile(originCa, authority.cert);
  confdir = join(folder.path, "sluice");
  trust = join(confdir, "sluice-ca-cert.pem");
  origin = await startTlsOrigin(await authority.identity("localhost"), (request, response) => {
    response.setHeader("Content-Type", "text/plain");
    response.end(`foobar ${echoRequest(request)}`);
  });
  command = start("--intercept", "--handshake-timeout", "2s");
  ({ port } = await command.ready());
});

after(async () => {
  await command[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

function start(...args: readonly string[]): Command {
  const common = ["-p", "0", "--confdir", confdir, "--upstream-ca", originCa, "-B", "/foobar/BAZ"];
  return new Command([...common, ...args]);
}

/** A tunnel through a proxy, in which nothing was said yet. */
async function tunnelTo(target: string, proxyPort: number = port): Promise<Socket> {
  const socket = connectTcp(proxyPort, "127.0.0.1").on("error", () => {});
  socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
  let head = "";
  // Without listeners for data, as what comes between two of them would be lost.
  while (!head.includes("\r\n\r\n")) {
    await once(socket, "readable");
    head += (socket.read() as Buffer | null)?.toString("latin1") ?? "";
  }
  assert.match(head, /^HTTP\/1\.1 200 /);
  socket.unshift(head.slice(head.indexOf("\r\n\r\n") + 4), "latin1");
  return socket;
}

/** TLS in a tunnel, with a client that trusts the proxy. */
async function tlsTo(target: string, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return await tlsOver(await tunnelTo(target), options);
}

async function tlsOver(socket: Socket, options: ConnectionOptions): Promise<TLSSocket> {
  const secure = connectTls({ socket, ca: readFileSync(trust), servername: "localhost", ...options });
  await once(secure, "secureConnect");
  return secure.on("error", () => {});
}

/** Sends text, and gives all that comes until the end. */
async function ask(socket: Socket, text: string): Promise<string> {
  let answer = "";
  socket.on("data", (data: Buffer) => answer += data.toString("latin1"));
  socket.write(text);
  return await new Promise((resolve) => socket.on("close", () => resolve(answer)));
}

function get(path: string, host: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
}

async function listening(serve: (socket: Socket) => void): Promise<AsyncDisposable & { port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    serve(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

describe("what curl gets through an interception", () => {
  it("is the origin's, changed, over a connection that is kept", async () => {
    const url = `https://localhost:${origin.port}`;
    const args = ["--proxy", `http://127.0.0.1:${port}`, "--cacert", trust, "--verbose"];
    const { body, stderr } = await curl(...args, `${url}/a`, "--next", ...args, `${url}/b`);
    const at = `at localhost:${origin.port}, for undefined`;
    assert.equal(body.toString(), `BAZ GET /a ${at}BAZ GET /b ${at}`);
    assert.match(stderr, /issuer: CN=sluice/);
    assert.match(stderr, /Re-using existing connection/);
    await command.shows("stderr", new RegExp(`GET https://localhost:${origin.port}/b\n *<< 200 OK`));
  });

  it("is the origin's for a numeric address too", async () => {
    await using numeric = await startTlsOrigin(await authority.identity("127.0.0.1"), (request, response) => {
      response.end(`foobar ${echoRequest(request)}`);
    });
    const args = ["--proxy", `http://127.0.0.1:${port}`, "--cacert", trust];
    const { body } = await curl(...args, `https://127.0.0.1:${numeric.port}/a`);
    assert.match(body.toString(), /^BAZ GET \/a at 127\.0\.0\.1/);
  });

  it("is the origin's, changed, if all that it offers is HTTP/1.0", async () => {
    const socket = await tlsTo(`localhost:${origin.port}`, { ALPNProtocols: ["http/1.0"] });
    assert.equal(socket.alpnProtocol, "http/1.0");
    const answer = await ask(socket, `GET /a HTTP/1.0\r\nHost: localhost:${origin.port}\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*BAZ GET \/a/);
  });

  it("is a line in the log if it doesn't trust the proxy", async () => {
    const { code } = await curl("--proxy", `http://127.0.0.1:${port}`, `https://localhost:${origin.port}/`);
    assert.equal(code, 60);
    await command.shows(
      "stderr",
      /Cannot be trusted by 127\.0\.0\.1:\d+: .*http:\/\/sluice\.internal\/ through/,
    );
  });

  it("is the same by SOCKS, and through another proxy behind this one", async () => {
    const url = `https://localhost:${origin.port}/a`;
    await using socks = start("--intercept", "--mode", "socks5");
    const place = `127.0.0.1:${(await socks.ready()).port}`;
    assert.match(
      (await curl("--socks5-hostname", place, "--cacert", trust, url)).body.toString(),
      /^BAZ GET/,
    );
    await using far = new Command(["-p", "0"]);
    const { url: upstream } = await far.ready();
    await using near = start("--intercept", "--mode", `upstream:${upstream}`);
    const { url: proxy } = await near.ready();
    assert.match((await curl("--proxy", proxy, "--cacert", trust, url)).body.toString(), /^BAZ GET/);
    await far.shows("stderr", new RegExp(`CONNECT localhost:${origin.port}`));
  });

  it("is TLS in TLS if the proxy is asked by https, and asks another by https", async () => {
    const own = await authority.identity("localhost");
    const both = join(folder.path, "proxy.pem");
    await writeFile(both, own.cert + own.key);
    await using far = new Command(["-p", "0", "--tls-cert", both]);
    const { port: farPort } = await far.ready();
    await using near = start(
      "--intercept",
      "--tls-cert",
      both,
      "--mode",
      `upstream:https://localhost:${farPort}`,
    );
    const { port: nearPort } = await near.ready();
    const args = ["--proxy", `https://localhost:${nearPort}`, "--proxy-cacert", originCa, "--cacert", trust];
    const { body } = await curl(
      ...args,
      `https://localhost:${origin.port}/a`,
      `https://localhost:${origin.port}/b`,
    );
    assert.match(body.toString(), /^BAZ GET \/a .*BAZ GET \/b/);
  });
});

describe("the page that tells how to trust the proxy", () => {
  const ways: [way: string, args: string[]][] = [
    ["a forward proxy", []],
    ["a forward proxy that opens nothing else", ["--ignore-hosts", "*"]],
    ["a SOCKS server", ["--mode", "socks5"]],
    ["a proxy in front of another, which is asked for nothing", ["--mode", "upstream:http://127.0.0.1:1"]],
  ];
  for (const [way, more] of ways) {
    it(`is there through ${way}, by http and by https`, async () => {
      await using one = start("--intercept", ...more);
      const { url } = await one.ready();
      const proxy = ["--proxy", url.replace("socks5:", "socks5h:"), "--cacert", trust];
      const page = /<title>sluice: trust this proxy/;
      const words = [
        ["http://sluice.internal/"],
        ["https://sluice.internal/"],
        ["--proxytunnel", "http://sluice.internal/"],
      ];
      for (const asked of words) {
        const { body, stderr } = await curl(...proxy, ...asked);
        assert.match(body.toString(), page, `${asked.join(" ")} ${stderr}`);
      }
      const { body } = await curl(...proxy, "https://sluice.internal/sluice-ca-cert.pem");
      assert.equal(body.toString(), readFileSync(trust, "utf8"));
      assert.notEqual((await curl(...proxy, "http://sluice.internal:81/")).code, 0);
    });
  }

  it("is all that is there", async () => {
    await using one = start("--intercept", "--mode", "socks5");
    const { port: ownPort } = await one.ready();
    const socket = connectTcp(ownPort, "127.0.0.1").on("error", () => {});
    const host = "sluice.internal";
    const greeting = [5, 1, 0, 5, 1, 0, 3, host.length, ...Buffer.from(host), 0, 80];
    const answer = ask(socket, String.fromCharCode(...greeting) + "SSH-2.0-x\r\n");
    assert.doesNotMatch(await answer, /SSH|HTTP/);
    await one.shows("stderr", /Cannot answer at sluice\.internal as what is spoken must be HTTP\/1\.1/);
  });
});

describe("what npm gets", () => {
  for (
    const [way, wanted] of [["unread", "foobar"], ["intercepted", "BAZ"]] as const
  ) {
    it(`is what the registry says, ${way}`, async () => {
      await using registry = await startTlsOrigin(
        await authority.identity("localhost"),
        (request, response) => {
          const versions = { "1.2.3": { name: "pack", version: "1.2.3", description: "a foobar" } };
          response.writeHead(request.url === "/pack" ? 200 : 404, { "Content-Type": "application/json" });
          response.end(JSON.stringify({ name: "pack", "dist-tags": { latest: "1.2.3" }, versions }));
        },
      );
      await using one = way === "unread" ? new Command(["-p", "0"]) : start("--intercept");
      const told = [
        ...["--registry", `https://localhost:${registry.port}/`, "--https-proxy", (await one.ready()).url],
        ...["--noproxy", "", "--cafile", way === "unread" ? originCa : trust],
        ...["--cache", join(folder.path, `npm-${way}`), "--userconfig", "/dev/null", "--fetch-retries", "0"],
      ];
      const { stdout } = await run("npm", ["view", "pack", "description", ...told], { cwd: folder.path });
      assert.equal(stdout.trim(), `a ${wanted}`);
    });
  }
});

describe("an origin that can't prove who it is", () => {
  const rows: [what: string, make: () => Promise<{ cert: string; key: string }>][] = [
    ["has expired", () => authority.identity("localhost", -1)],
    ["is another's", () => authority.identity("other.test")],
    ["is signed by itself", () => selfSigned("localhost")],
    ["nobody knows the authority of", async () => (await makeAuthority("x")).identity("localhost")],
  ];
  for (const [what, make] of rows) {
    it(`is a 502 if its certificate ${what}, in the body and in the log`, async () => {
      await using bad = await startTlsOrigin(await make(), (_, response) => void response.end("secret"));
      const args = ["--proxy", `http://127.0.0.1:${port}`, "--cacert", trust, "--no-fail", "--include"];
      const { body } = await curl(...args, `https://localhost:${bad.port}/`);
      assert.match(
        body.toString(),
        /HTTP\/1\.1 502 Bad Gateway\r\n[^]*Cannot trust localhost, at 127\.0\.0\.1/,
      );
      assert.doesNotMatch(body.toString(), /secret/);
      await command.shows(
        "stderr",
        new RegExp(`GET https://localhost:${bad.port}/\n.*Cannot trust localhost`),
      );
    });
  }

  it("has to prove to be whom the client wants, not where it has connected to", async () => {
    await using other = await startTlsOrigin(await authority.identity("other.test"), (request, response) => {
      response.end(`foobar ${echoRequest(request)}`);
    });
    const wanted = await tlsTo(`localhost:${other.port}`, { servername: "other.test" });
    const answer = await ask(wanted, get("/a", `other.test:${other.port}`));
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*BAZ GET \/a at other\.test/);
    await command.shows("stderr", new RegExp(`GET https://other\\.test:${other.port}/a\n`));
    const unwanted = await tlsTo(`localhost:${other.port}`);
    assert.match(await ask(unwanted, get("/a", `localhost:${other.port}`)), /^HTTP\/1\.1 502 /);
    const third = await tlsTo(`localhost:${origin.port}`, { servername: "other.test" });
    assert.match(await ask(third, get("/a", `other.test:${origin.port}`)), /^HTTP\/1\.1 502 /);
  });
});

describe("within an intercepted connection", () => {
  it("a request for another host is a 421, and a CONNECT a 405", async () => {
    for (const host of ["other.test", `other.test:${origin.port}`, "localhost", "localhost:1"]) {
      const socket = await tlsTo(`localhost:${origin.port}`);
      assert.match(await ask(socket, get("/", host)), /^HTTP\/1\.1 421 Misdirected Request\r\n/);
    }
    const socket = await tlsTo(`localhost:${origin.port}`);
    assert.match(await ask(socket, "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n"), /^HTTP\/1\.1 405 /);
  });

  it("limits, and rules about where requests may go, are those of any connection", async () => {
    const socket = await tlsTo(`localhost:${origin.port}`);
    const field = `X: ${"x".repeat(70_000)}\r\n`;
    const host = `localhost:${origin.port}`;
    assert.match(await ask(socket, `GET / HTTP/1.1\r\nHost: ${host}\r\n${field}\r\n`), /^HTTP\/1\.1 431 /);
    await using strict = start("--intercept", "--block-private");
    const { port: strictPort } = await strict.ready();
    const args = ["--proxy", `http://127.0.0.1:${strictPort}`, "--cacert", trust];
    const { stderr } = await curl(...args, `https://localhost:${origin.port}/`);
    assert.match(stderr, /403/);
  });

  it("an upgrade goes through", async () => {
    const identity = await authority.identity("localhost");
    const { createServer: createHttps } = await import("node:https");
    const server = createHttps(identity).listen(0, "127.0.0.1");
    const sockets = new WebSocketServer({ server });
    sockets.on(
      "connection",
      (socket) => socket.on("message", (data) => socket.send(`foobar ${String(data)}`)),
    );
    await once(server, "listening");
    const host = `localhost:${(server.address() as AddressInfo).port}`;
    const createConnection = () => secure;
    const secure = await tlsTo(host);
    const socket = new WebSocket(`wss://${host}/`, { createConnection });
    await once(socket, "open");
    socket.send("hello");
    assert.equal(String((await once(socket, "message"))[0]), "foobar hello");
    socket.terminate();
    sockets.close();
    server.close();
  });
});

describe("what passes unread", () => {
  it("is what the command line says", async () => {
    const url = `https://localhost:${origin.port}/a`;
    for (
      const args of [["--intercept-hosts", "*.localhost"], [
        "--intercept",
        "--ignore-hosts",
        `*:${origin.port}`,
      ]]
    ) {
      await using some = start(...args);
      const proxy = `http://127.0.0.1:${(await some.ready()).port}`;
      assert.match(
        (await curl("--proxy", proxy, "--cacert", originCa, url)).body.toString(),
        /^foobar GET \/a/,
      );
    }
    await using one = start("--intercept-hosts", "localhost");
    const proxy = `http://127.0.0.1:${(await one.ready()).port}`;
    assert.match((await curl("--proxy", proxy, "--cacert", trust, url)).body.toString(), /^BAZ GET \/a/);
  });

  it("is HTTP/2", async () => {
    await using h2 = await startTlsOrigin(await authority.identity("localhost"), () => {}, {
      ALPNProtocols: ["h2"],
    });
    const socket = await tunnelTo(`localhost:${h2.port}`);
    const { cert: ca } = authority;
    const secure = connectTls({ socket, ca, servername: "localhost", ALPNProtocols: ["h2"] });
    await once(secure, "secureConnect");
    assert.equal(secure.alpnProtocol, "h2");
    secure.on("error", () => {}).destroy();
  });

  it("is what only looks like TLS, and what is none", async () => {
    await using echo = await listening((socket) => void socket.pipe(socket));
    for (const text of ["\x16\x03\x01\x00\x04\x02garbage", "SSH-2.0-x\r\n", "\x00\x01\x02"]) {
      const socket = await tunnelTo(`localhost:${echo.port}`);
      const answer = ask(socket, text);
      socket.end();
      assert.equal(await answer, text);
    }
  });

  it("is what a server begins", async () => {
    await using mail = await listening((socket) => void socket.end("220 hello\r\n"));
    const socket = await tunnelTo(`localhost:${mail.port}`);
    assert.equal(await ask(socket, ""), "220 hello\r\n");
  });
});

describe("HTTP in clear within a tunnel", () => {
  it("is served as any", async () => {
    const { createServer: createHttp } = await import("node:http");
    const plain = createHttp((request, response) => void response.end(`foobar ${request.url}`));
    plain.listen(0, "127.0.0.1");
    await once(plain, "listening");
    const host = `localhost:${(plain.address() as AddressInfo).port}`;
    const args = ["--proxy", `http://127.0.0.1:${port}`, "--proxytunnel"];
    const { body } = await curl(...args, `http://${host}/a`, `http://${host}/b`);
    assert.equal(body.toString(), "BAZ /aBAZ /b");
    plain.close();
  });
});

describe("a client", () => {
  it("that doesn't get on with its handshake is let go", async () => {
    const socket = await tunnelTo(`localhost:${origin.port}`);
    socket.write("\x16\x03\x01\x02\x00\x01\x00\x01\xfc", "latin1");
    await new Promise((resolve) => socket.resume().on("close", resolve));
    await command.shows("stderr", /a ClientHello took too long/);
  });

  it("that stops within the handshake is let go", async () => {
    const socket = await tunnelTo(`localhost:${origin.port}`);
    const { Duplex } = await import("node:stream");
    // The hello goes out, and nothing of what comes back goes in.
    const deaf = new Duplex({
      read() {},
      write: (chunk: Uint8Array, _encoding, done) => void socket.write(chunk, done),
    });
    connectTls({ socket: deaf, servername: "localhost" }).on("error", () => {});
    await new Promise((resolve) => socket.resume().on("close", resolve));
    await command.shows("stderr", /localhost: Cannot speak TLS with 127\.0\.0\.1:\d+ in time/);
  });

  it("may ask for a thousand names in a row, and all that they took is given back", async () => {
    await using own = start("--intercept", "--upstream-idle-timeout", "1s");
    const { port: ownPort } = await own.ready();
    const descriptors = () => readdirSync(`/proc/${own.pid}/fd`).length;
    const before = descriptors();
    for (let wave = 0; wave < 100; wave++) {
      await Promise.all(Array.from({ length: 10 }, async (_, i) => {
        const tunnel = await tunnelTo(`localhost:${origin.port}`, ownPort);
        const socket = await tlsOver(tunnel, { servername: `host-${wave * 10 + i}.test` });
        assert.equal(socket.getPeerCertificate().subject.CN, `host-${wave * 10 + i}.test`);
        socket.destroy();
      }));
    }
    // Connections to the origin wait for their next use, for as long as they were told.
    for (let left = 100; left > 0 && descriptors() > before; left--) await setTimeout(100);
    assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} at first`);
  });
});
