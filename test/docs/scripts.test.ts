/**
 * The scripts in the pages do what the text around them says: each runs as a file, by the command line, against an origin.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import {
  createServer,
  type IncomingHttpHeaders,
  request,
  type RequestListener,
  type Server,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { blocks, scriptName } from "./pages.ts";

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly trailers: NodeJS.Dict<string>;
}

/** What a script's proxy is asked, and what it must answer. */
type Check = (proxy: { readonly url: string; readonly command: Command }) => Promise<void>;

const checks: Readonly<Record<string, Check>> = {
  "foobar.js": async ({ url }) => {
    assert.equal((await ask(`${url}/text?a foobar`)).body, "a BAZ");
    assert.equal((await ask(`${url}/json`)).body, '{"a":"foobar"}');
  },
  "upper.js": async ({ url }) => {
    assert.equal((await ask(`${url}/text?a foobar`)).body, "A FOOBAR\n-- shouted by sluice\n");
  },
  "numbered.js": async ({ url }) => {
    assert.equal((await ask(`${url}/lines`)).body, "1 one\n2 two\n3 three");
  },
  "upload.js": async ({ url }) => {
    const body = "the colour grey";
    assert.equal((await ask(`${url}/echo`, { method: "POST", body })).body, "the color gray");
    assert.equal((await ask(`${url}/echo`, { method: "PUT", body })).body, body);
  },
  "json.js": async ({ url }) => {
    assert.equal((await ask(`${url}/json`)).body, '{"a":"foobar","seen":true}');
    assert.equal((await ask(`${url}/text?plain`)).body, "plain");
  },
  "headers.js": async ({ url }) => {
    const answer = await ask(`${url}/headers`, { headers: { Cookie: "a=b" } });
    const seen = JSON.parse(answer.body) as IncomingHttpHeaders;
    assert.deepEqual([seen.cookie, seen["x-from"]], [undefined, "127.0.0.1"]);
    assert.equal(answer.headers["server"], undefined);
    assert.equal((await ask(`${url}/missing`)).status, 410);
  },
  "elsewhere.js": async ({ url }) => {
    assert.equal((await ask(`${url}/old/path?tracking=1&a=2`)).body, "/path?a=2");
  },
  "answer.js": async ({ url }) => {
    assert.equal((await ask(`${url}/health`)).body, "fine\n");
    assert.equal(typeof (JSON.parse((await ask(`${url}/time`)).body) as { now: unknown }).now, "number");
    assert.equal((await ask(`${url}/count`)).body, "1\n2\n3\n");
    assert.equal((await ask(`${url}/text?else`)).body, "else");
  },
  "chat.js": async ({ url }) => {
    assert.equal(await chat(url, "chat"), "a BAZ");
    assert.equal(await chat(url, "other"), "a foobar");
  },
  "stop.js": async ({ url }) => {
    await assert.rejects(ask(`${url}/large`));
    assert.equal((await ask(`${url}/text?small`)).body, "small");
  },
  "length.js": async ({ url }) => {
    const { body, trailers } = await ask(`${url}/lines`);
    assert.deepEqual(trailers, { "x-length": String(body.length) });
  },
  "crawl.js": async ({ url }) => {
    const begin = performance.now();
    assert.equal((await ask(`${url}/text?plain`)).body, "plain");
    assert.ok(performance.now() - begin >= 199);
  },
  "slow.js": async ({ url, command }) => {
    assert.equal((await ask(`${url}/text?plain`)).body, "plain");
    await command.shows("stderr", /^slow\.js: GET \/text 200$/m);
    await assert.rejects(ask(`${url}/cut`));
    await command.shows("stderr", /^slow\.js: \/cut failed: .+$/m);
  },
  "routes.js": async ({ url }) => {
    assert.equal((await ask(`${url}/`)).body, "home of BAZ");
    assert.equal((await ask(`${url}/v1/foobar`)).body, "/v1/done");
    assert.equal((await ask(`${url}/v2/foobar`)).body, "/v2/foobar");
  },
};

const origin: RequestListener = (incoming, response) => {
  const { pathname, search } = new URL(incoming.url!, "http://origin");
  const pages: Readonly<Record<string, () => void>> = {
    "/": () => plain("home of foobar"),
    "/text": () => plain(decodeURIComponent(search.slice(1))),
    "/json": () => typed("application/json", '{"a":"foobar"}'),
    "/headers": () => typed("application/json", JSON.stringify(incoming.headers)),
    "/lines": () => {
      response.writeHead(200, { "Content-Type": "text/plain" });
      for (const piece of ["o", "ne\ntwo", "\nthr", "ee"]) response.write(piece);
      response.end();
    },
    "/echo": () => void incoming.pipe(response),
    "/missing": () => void response.writeHead(404).end(),
    "/large": () => plain("x".repeat(2_000_000)),
    "/cut": () => {
      response.writeHead(200, { "Content-Length": 10, "Content-Type": "text/plain" });
      response.write("half", () => response.destroy());
    },
  };
  const plain = (text: string) => typed("text/plain", text);
  const typed = (type: string, text: string) => {
    response.setHeader("Content-Type", type);
    response.setHeader("Server", "origin");
    response.end(text);
  };
  (pages[pathname] ?? (() => plain(pathname + search)))();
};

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A request on a connection of its own; rejects if the answer is cut short. */
async function ask(url: string, { body, ...asking }: Asking = {}): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url.replaceAll(" ", "%20"), { agent: false, ...asking }, async (response) => {
      try {
        let text = "";
        for await (const chunk of response.setEncoding("utf8")) text += chunk;
        const { statusCode, headers, trailers } = response;
        resolve({ status: statusCode!, headers, body: text, trailers });
      } catch (error) {
        reject(error as Error);
      }
    });
    outgoing.on("error", reject).end(body);
  });
}

/** What an origin says once it has switched to a protocol. */
async function chat(url: string, protocol: string): Promise<string> {
  const outgoing = request(url, { agent: false, headers: { Connection: "Upgrade", Upgrade: protocol } })
    .end();
  const [, socket, head] = await once(outgoing, "upgrade") as [unknown, Socket, Buffer];
  let text = head.toString();
  for await (const data of socket) text += String(data);
  return text;
}

let server: Server;
let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-docs-"));
  server = createServer(origin).on("upgrade", ({ headers }, socket) => {
    socket.end(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${headers.upgrade}\r\n\r\na foobar`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

after(async () => {
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  await rm(folder, { recursive: true });
});

describe("the scripts in the pages", () => {
  const scripts = blocks("js", "ts").filter((block) => scriptName(block) !== null);

  it("are the ones that are checked here", () => {
    assert.deepEqual([...new Set(scripts.map(scriptName))].sort(), Object.keys(checks).sort());
  });

  for (const script of scripts) {
    const name = scriptName(script)!;
    it(`do what they say: ${name}, ${script.page}, line ${script.line}`, async () => {
      const path = join(folder, `${script.line}-${name}`);
      await writeFile(path, script.code);
      const { port } = server.address() as AddressInfo;
      await using command = new Command(["-p", "0", "-m", `reverse:http://127.0.0.1:${port}`, "-s", path]);
      const { url } = await command.ready();
      await checks[name]!({ url, command });
    });
  }
});
