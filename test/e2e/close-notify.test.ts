/**
 * The end of a connection to an origin in TLS: a body that only it delimits is complete by TLS's own goodbye alone (RFC 9112
 * 9.8), as anybody on the way can send a FIN; a body that says where it ends needs none.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Network } from "../../lib/socket.ts";
import type { Tls } from "../../lib/tls.ts";
import { makeAuthority, type TestAuthority } from "../harness/certificates.ts";
import { Command } from "../harness/command.ts";
import { makeFolder } from "./files.ts";
import { startEndingOrigin, writeIdentity } from "./https.ts";
import { curl } from "./programs.ts";

const { network, tls }: { network: Network; tls: Tls } = "Deno" in globalThis
  ? await import("../../runtime-deno/mod.ts")
  : await import("../../runtime-node/mod.ts");

let folder: Awaited<ReturnType<typeof makeFolder>>;
let authority: TestAuthority;
let originCa: string;
let confdir: string;

before(async () => {
  folder = await makeFolder();
  authority = await makeAuthority();
  originCa = join(folder.path, "ca.pem");
  confdir = join(folder.path, "sluice");
  await writeFile(originCa, authority.cert);
});

after(() => folder[Symbol.asyncDispose]());

const LARGE = 3_000_000;

/** What a path gets: `/cut` and `/goodbye` say how it ends, `/…/length` and `/…/chunked` how the body is framed. */
function answerTo(request: string): { octets: string; goodbye: boolean } {
  const [, ending, framing, size] = /^GET \/(cut|goodbye)\/([a-z]+)\/([0-9]+) /.exec(request) ?? [];
  const body = "x".repeat(Number(size));
  const framed: Record<string, string> = {
    length: `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body}`,
    chunked: `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${
      Number(size).toString(16)
    }\r\n${body}\r\n0\r\n\r\n`,
    none: `HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${body}`,
  };
  return { octets: framed[framing!]!, goodbye: ending === "goodbye" };
}

/** What a client by HTTP/1.0 makes of an answer: whether it has ended as it should, and how long its body is. */
async function fetched(port: number, path: string): Promise<{ whole: boolean; size: number }> {
  const { signal } = new AbortController();
  const socket = await tls.client({ ca: authority.cert })(
    await network.connect({ host: "127.0.0.1", port }),
    {
      host: "localhost",
      signal,
    },
  );
  let text = "";
  let whole = true;
  try {
    await socket.write([new TextEncoder().encode(`GET ${path} HTTP/1.0\r\n\r\n`)]);
    for (let chunk = await socket.read(); chunk !== null; chunk = await socket.read()) {
      text += Buffer.from(chunk).toString("latin1");
    }
    whole = socket.cut === false;
  } catch {
    whole = false;
  }
  socket.abort();
  await socket.closed;
  const [head, size] = [text.indexOf("\r\n\r\n"), text.length];
  return { whole: whole && text.startsWith("HTTP/1.1 200 "), size: size - head - 4 };
}

/** Asks for everything, as often as a race would take to show. */
async function checkAll(ask: (path: string) => ReturnType<typeof curl>): Promise<void> {
  for (const size of [0, 1, 2, 20_000, LARGE]) {
    for (const path of ["goodbye/none", "goodbye/length", "cut/length", "cut/chunked"]) {
      if (size === 0 && path.endsWith("chunked")) continue;
      const { code, body, stderr } = await ask(`${path}/${size}`);
      assert.equal(`${code} ${body.length}`, `0 ${size}`, `${path}/${size} ${stderr}`);
    }
    const { code, body } = await ask(`cut/none/${size}`);
    // Cut, behind its head or before it was passed on at all.
    assert.ok(code === 18 || code === 22, `cut/none/${size}: curl ended with ${code}`);
    assert.ok(body.length <= size);
  }
}

for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
  describe(`an end by ${version} from an origin is told from a cut`, () => {
    it("in front of it", async () => {
      await using origin = await startEndingOrigin(await authority.identity("localhost"), answerTo, version);
      await using command = new Command([
        ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`, "--upstream-ca", originCa],
      ]);
      const { url } = await command.ready();
      await checkAll((path) => curl(`${url}/${path}`));
      await command.shows("stderr", /must end with TLS's close_notify/);
    });

    it("by interception, the body streamed or whole", async () => {
      await using origin = await startEndingOrigin(await authority.identity("localhost"), answerTo, version);
      const url = `https://localhost:${origin.port}`;
      for (const more of [[], ["-B", "/foo/bar"]]) {
        await using command = new Command([
          ...["-p", "0", "--intercept", "--confdir", confdir, "--upstream-ca", originCa, ...more],
        ]);
        const proxy = (await command.ready()).url;
        const args = ["--proxy", proxy, "--cacert", join(confdir, "sluice-ca-cert.pem")];
        await checkAll((path) => curl(...args, `${url}/${path}`));
      }
    });

    it("for a client by HTTP/1.0, which has nothing but the same to tell them apart", async () => {
      await using origin = await startEndingOrigin(await authority.identity("localhost"), answerTo, version);
      const own = await writeIdentity(folder.path, "own", await authority.identity("localhost"));
      await using command = new Command([
        ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`, "--upstream-ca", originCa],
        ...["--tls-cert", own.cert, "--tls-key", own.key],
      ]);
      const { port } = await command.ready();
      for (const size of [0, 1, 20_000, LARGE]) {
        assert.deepEqual(await fetched(port, `/goodbye/none/${size}`), { whole: true, size });
        assert.equal((await fetched(port, `/cut/none/${size}`)).whole, false, `of ${size}`);
      }
    });

    it("through another proxy, in clear or in TLS", async () => {
      await using origin = await startEndingOrigin(await authority.identity("localhost"), answerTo, version);
      const url = `https://localhost:${origin.port}`;
      const own = await authority.identity("localhost");
      const both = join(folder.path, "proxy.pem");
      await writeFile(both, own.cert + own.key);
      for (const more of [[], ["--tls-cert", both]]) {
        await using far = new Command(["-p", "0", ...more]);
        const { port } = await far.ready();
        const upstream = `${more.length === 0 ? "http" : "https"}://localhost:${port}`;
        await using near = new Command([
          ...["-p", "0", "--intercept", "--confdir", confdir, "--upstream-ca", originCa],
          ...["--mode", `upstream:${upstream}`],
        ]);
        const args = [
          ...["--proxy", (await near.ready()).url, "--cacert", join(confdir, "sluice-ca-cert.pem")],
        ];
        await checkAll((path) => curl(...args, `${url}/${path}`));
      }
    });

    it("for a client that takes its time, and the origin's goodbye long there", async () => {
      await using origin = await startEndingOrigin(await authority.identity("localhost"), answerTo, version);
      await using command = new Command([
        ...["-p", "0", "-m", `reverse:https://localhost:${origin.port}`, "--upstream-ca", originCa],
      ]);
      const { url } = await command.ready();
      const slowly = ["--limit-rate", "4M"];
      const { code, body } = await curl(...slowly, `${url}/goodbye/none/12000000`);
      assert.equal(`${code} ${body.length}`, "0 12000000");
      assert.equal((await curl(...slowly, `${url}/cut/none/12000000`)).code, 18);
    });
  });
}
