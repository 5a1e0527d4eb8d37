/**
 * The command line as users meet it: a process, its words, its outputs, its exit code, signals, files.
 */
import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import type { RequestListener, ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { body, get, type Origin, startOrigin } from "../harness/web.ts";
import { version } from "../../lib/version.ts";

let folder: string;
let origin: Origin;
let answer: RequestListener;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-cli-"));
  origin = await startOrigin((request, response) => answer(request, response));
});

after(async () => {
  await origin.close();
  await rm(folder, { recursive: true });
});

/** A script in a file of its own, moved into place whole, as careful editors do. */
async function script(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return path;
}

function reverse(...more: string[]): Command {
  return new Command(["-p", "0", "-m", `reverse:${origin.url}`, ...more]);
}

describe("sluice ends at once", () => {
  it("with the version", async () => {
    assert.deepEqual(await new Command(["--version"]).ended, {
      code: 0,
      stdout: `sluice ${version}\n`,
      stderr: "",
    });
  });

  it("with the help", async () => {
    const { code, stdout, stderr } = await new Command(["--help"]).ended;
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.match(stdout, /^Usage: sluice \[options\]\n/);
  });

  const misuses: [args: string[], line: RegExp][] = [
    [
      ["--upstream-auth", "me:it"],
      /^sluice: Cannot use --upstream-auth without --mode upstream:URL as nobody would be told it\n$/,
    ],
    [
      ["--steam", "1m"],
      /^sluice: Cannot use "--steam" as there is no such option; did you mean --stream\?\n$/,
    ],
    [["--stream", "3q"], /^sluice: Cannot use --stream as it must be a size such as .*: got "3q"\n$/],
    [["-p"], /^sluice: Cannot use -p without a value as it must be a port .*: got none\n$/],
    [["x\x1b[2J"], /^sluice: Cannot use "x\\u001b\[2J" as [^\n]*\n$/],
  ];
  for (const [args, line] of misuses) {
    it(`with 2 and one line for ${JSON.stringify(args)}`, async () => {
      const { code, stdout, stderr } = await new Command(args).ended;
      assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
      assert.match(stderr, line);
    });
  }

  it("with 1 and one line if the port is in use", async () => {
    const taken = createTcpServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as AddressInfo;
    const { code, stdout, stderr } = await new Command(["-p", String(port)]).ended;
    taken.close();
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    const wanted = `sluice: Cannot listen on 127.0.0.1:${port} as the port is in use; ` +
      "choose another with --listen-port, or 0\n";
    assert.equal(stderr, wanted);
  });

  const broken: [what: string, text: string, line: RegExp][] = [
    [
      "has no sense",
      "export function response( {",
      /^sluice: Cannot load the script .*broken.*SyntaxError: .*\n$/,
    ],
    ["throws", "throw new Error('no\\nway')", /^sluice: Cannot load the script .*Error: no\\x0away\n$/],
    [
      "exports no function",
      "export const response = 1;",
      /^sluice: .* response must be a function: got number\n$/,
    ],
  ];
  for (const [what, text, line] of broken) {
    it(`with 1 and one line if a script ${what}`, async () => {
      const path = await script("broken.js", text);
      const { code, stdout, stderr } = await new Command(["-p", "0", "-s", path]).ended;
      assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
      assert.match(stderr, line);
    });
  }

  it("with 1 and one line if a script is missing", async () => {
    const { code, stdout, stderr } = await new Command(["-p", "0", "-s", join(folder, "missing.js")]).ended;
    assert.deepEqual({ code, stdout }, { code: 1, stdout: "" });
    assert.match(stderr, /^sluice: Cannot load the script .*missing\.js: .*\n$/);
  });
});

describe("sluice listens", () => {
  it("and says so in one line, also when it is quiet", async () => {
    await using command = new Command(["-q", "-p", "0"]);
    const { url } = await command.ready();
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    command.kill("SIGTERM");
    assert.deepEqual(await command.ended, { code: 0, stdout: `sluice listening on ${url}\n`, stderr: "" });
  });

  it("on IPv6, told in brackets", async () => {
    await using command = new Command(["-q", "-p", "0", "--listen-host", "::1"]);
    assert.match((await command.ready()).url, /^http:\/\/\[::1\]:\d+$/);
  });

  it("and logs flows to its standard error output", async () => {
    answer = (_, response) => response.end("hello");
    await using command = reverse();
    const { url } = await command.ready();
    assert.equal(await body(`${url}/some/path`), "hello");
    await command.shows("stderr", /^127\.0\.0\.1:\d+: GET http:\/\/\S+\/some\/path\n +<< 200 OK 5b \d+ms/m);
    assert.ok(!(await stopped(command)).stderr.includes("\x1b"), "no colours without a terminal");
  });

  it("and logs nothing when it is quiet", async () => {
    answer = (_, response) => response.end("hello");
    await using command = reverse("-q");
    const { url } = await command.ready();
    assert.equal(await body(url), "hello");
    assert.equal((await stopped(command)).stderr, "");
  });

  it("and goes on when nobody reads its outputs any more", async () => {
    answer = (_, response) => response.end("hello");
    await using command = reverse("-v");
    const { url } = await command.ready();
    command.closeOutputs();
    for (let i = 0; i < 3; i++) assert.equal(await body(url), "hello");
    command.kill("SIGTERM");
    assert.equal((await command.ended).code, 0);
  });
});

describe("sluice runs scripts", () => {
  const shout =
    `export function responseheaders(flow, { replace }) { flow.response.stream = replace("a", "A"); }`;

  it("in order, wherever they lie, also in a package of CommonJS", async () => {
    await writeFile(join(folder, "package.json"), '{ "type": "commonjs" }');
    answer = (_, response) => response.end("banana");
    const first = await script("first.js", shout);
    const second = await script(
      "second.mjs",
      `export const responseheaders = (flow) => flow.response.headers.set("X-Seen", "yes");`,
    );
    await using command = reverse("-s", first, "-s", second);
    const { url } = await command.ready();
    assert.equal(await body(url), "bAnAnA");
    await rm(join(folder, "package.json"));
  });

  it("in TypeScript, with helpers beside them", async () => {
    answer = (_, response) => response.end("banana");
    await script("letters.ts", `export const letters: readonly string[] = ["n", "N"];`);
    const path = await script(
      "typed.ts",
      `import { letters } from "./letters.ts";
      interface Flow { response: { stream: unknown } }
      type Toolkit = { replace: (from: string, to: string) => unknown };
      export function responseheaders(flow: Flow, { replace }: Toolkit): void {
        flow.response.stream = replace(letters[0]!, letters[1]!);
      }`,
    );
    await using command = reverse("-s", path);
    const { url } = await command.ready();
    assert.equal(await body(url), "baNaNa");
  });

  it("again when their file changes, and keeps the last good version", async () => {
    answer = (_, response) => response.end("banana");
    const path = await script("changing.js", shout);
    await using command = reverse("-s", path);
    const { url } = await command.ready();
    assert.equal(await body(url), "bAnAnA");

    await script("changing.js", shout.replace('"a", "A"', '"b", "B"'));
    await command.shows("stderr", /Loaded \S+changing\.js again\n/);
    assert.equal(await body(url), "Banana");

    await script("changing.js", "export function responseheaders( {");
    await command.shows("stderr", /warning: Cannot load the script \S+changing\.js: .*stays in place\n/);
    assert.equal(await body(url), "Banana");

    await script("changing.js", shout.replace('"a", "A"', '"n", "N"'));
    await command.shows("stderr", /again\n[^]*again\n/);
    assert.equal(await body(url), "baNaNa");
  });

  it("and outlives an error that nobody caught", async () => {
    answer = (_, response) => response.end("banana");
    const path = await script(
      "stray.js",
      `export function request() {
        Promise.reject(new Error("left alone"));
        setTimeout(() => { throw new Error("out of a timer"); });
      }`,
    );
    await using command = reverse("-q", "-s", path);
    const { url } = await command.ready();
    assert.equal(await body(url), "banana");
    await command.shows("stderr", /sluice: an error that nobody caught: Error: left alone/);
    await command.shows("stderr", /sluice: an error that nobody caught: Error: out of a timer/);
    assert.equal(await body(url), "banana");
  });
});

describe("sluice ends", () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const type = signal === "SIGINT" ? "text/plain" : "text/event-stream";
    it(`with 0 at ${signal}, after what is under way, ${type}`, async () => {
      const held = new Promise<ServerResponse>((resolve) => {
        answer = (_, response) => {
          response.writeHead(200, { "Content-Type": type });
          response.write("first");
          resolve(response);
        };
      });
      await using command = reverse();
      const { url } = await command.ready();
      const response = await get(url);
      command.kill(signal);
      const what = signal === "SIGINT" ? "request" : "stream";
      await command.shows(
        "stderr",
        new RegExp(`^Stopping: 30.0s for 1 ${what}; another signal ends it now$`, "m"),
      );
      await assert.rejects(get(url), "a new connection is refused, or reset if it came in between");
      (await held).end(" and last");
      assert.equal(await response.body, "first and last");
      assert.equal((await command.ended).code, 0);
    });
  }

  it("with 0 at once at SIGINT, if only a stream without an end is under way", async () => {
    answer = (_, response) => response.writeHead(200, { "Content-Type": "text/event-stream" }).write("first");
    await using command = reverse();
    const { url } = await command.ready();
    const response = await get(url);
    const cut = assert.rejects(response.body);
    command.kill("SIGINT");
    await cut;
    const { code, stderr } = await command.ended;
    assert.equal(code, 0);
    assert.match(stderr, /^Stopping: 1 stream without an end cut off$/m);
  });

  it("with 1 at once at a second signal", async () => {
    answer = (_, response) => response.writeHead(200, { "Content-Type": "text/plain" }).write("first");
    await using command = reverse();
    const { url } = await command.ready();
    const response = await get(url);
    const cut = assert.rejects(response.body);
    command.kill("SIGINT");
    await command.shows("stderr", /^Stopping: /m);
    command.kill("SIGINT");
    assert.equal((await command.ended).code, 1);
    await cut;
  });
});

async function stopped(command: Command): Promise<{ stderr: string }> {
  command.kill("SIGTERM");
  return await command.ended;
}
