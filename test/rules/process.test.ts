/**
 * Rules as users meet them: words on a command line, files, an origin, a client.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingMessage, request, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { Command } from "../harness/command.ts";
import { body, type Origin, startOrigin } from "../harness/web.ts";

let folder: string;
let origin: Origin;
let answer: RequestListener;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-rules-"));
  origin = await startOrigin((incoming, response) => answer(incoming, response));
});

after(async () => {
  await origin.close();
  await rm(folder, { recursive: true });
});

function reverse(...more: string[]): Command {
  return new Command(["-p", "0", "-m", `reverse:${origin.url}`, ...more]);
}

/** Sends a body, and gets what comes back with its head. */
async function post(
  url: string,
  text: string,
): Promise<{ headers: IncomingMessage["headers"]; body: string }> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request(url, { method: "POST", agent: false }, resolve).on("error", reject).end(text);
  });
  let received = "";
  for await (const chunk of response.setEncoding("utf8")) received += chunk;
  return { headers: response.headers, body: received };
}

describe("sluice with rules", () => {
  it("changes both ways, fields and bodies, in the order of the rules", async () => {
    answer = (incoming, response) => {
      response.setHeader("Server", "origin");
      response.setHeader("X-Seen", incoming.headers["x-key"] ?? "nothing");
      incoming.pipe(response);
    };
    const file = join(folder, "name.txt");
    await writeFile(file, "Grace");
    const rules = ["-B", "/~q/NAME/@" + file, "--modify-body", "/~s/Gr(a)ce/$1da"];
    await using command = reverse(...rules, "-H", "/~q/X-Key/secret", "-H", "/~s/Server/");
    const { url } = await command.ready();
    const { headers, body } = await post(url, "I am NAME");
    assert.deepEqual([body, headers["x-seen"], headers["server"]], ["I am $1da", "secret", undefined]);
  });

  it("passes each piece on while the body streams", async () => {
    let goOn = () => {};
    answer = (_, response) => {
      response.write("one foobar");
      goOn = () => response.end(" two foobar");
    };
    await using command = reverse("-B", "/foobar/BAZ");
    const { url } = await command.ready();
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request(url, { agent: false }, resolve).on("error", reject).end();
    });
    const chunks: string[] = [];
    for await (const chunk of response.setEncoding("utf8")) {
      chunks.push(chunk as string);
      if (chunks.join("") === "one BAZ") goOn();
    }
    assert.equal(chunks.join(""), "one BAZ two BAZ");
  });

  it("sees through gzip, and through the script before it", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "Content-Encoding": "gzip", "Content-Type": "text/plain" });
      response.end(gzipSync("foobar"));
    };
    const path = join(folder, "script.mjs");
    await writeFile(
      path,
      `export function responseheaders({ response }, { replace }) { response.stream = replace("foo", "bar"); }
       export function requestheaders({ request }) { request.headers.set("Accept-Encoding", "gzip"); }`,
    );
    await using command = reverse("-B", "/~t plain/(?i)BARBAR/BAZ", "-s", path);
    const { url } = await command.ready();
    const response = await fetch(url);
    assert.equal(response.headers.get("content-encoding"), "gzip");
    assert.equal(await response.text(), "BAZ");
  });

  it("warns of an expression that some texts keep busy, and goes on", async () => {
    answer = (_, response) => response.end("aab");
    await using command = reverse("-B", "/(?:a+)+b/c", "-B", "/(?<=c)$/d");
    const { url } = await command.ready();
    await command.shows("stderr", /^warning: --modify-body "\/\(\?:a\+\)\+b\/c": some texts may keep /m);
    assert.equal(await body(url), "cd");
    command.kill("SIGTERM");
    assert.doesNotMatch((await command.ended).stderr, /\(\?<=c\)/);
  });

  const misuses: [args: string[], line: RegExp][] = [
    [
      ["-B", "/~b x/foo/bar"],
      /^sluice: Cannot use -B as .*: got "\/~b x\/foo\/bar"; Cannot filter by ~b as .*\n$/,
    ],
    [
      ["-B", "/(/foo"],
      /^sluice: Cannot use -B as .*; Cannot search as it must be a regular expression: .*\n$/,
    ],
    [["-H", "/~x/a/b"], /^sluice: Cannot use -H as .*; Cannot read the filter "~x" as at character 1 .*\n$/],
    [["-B", "/a/@missing.txt"], /^sluice: Cannot use --modify-body "\/a\/@missing\.txt" as its file .*\n$/],
  ];
  for (const [args, line] of misuses) {
    it(`ends with 2 and one line for ${JSON.stringify(args)}`, async () => {
      const { code, stdout, stderr } = await new Command(args).ended;
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, line);
    });
  }
});
