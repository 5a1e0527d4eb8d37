import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseArgs } from "node:util";
import { readSettings, UsageError } from "../../lib/args.ts";
import { helpText } from "../../lib/help.ts";
import { longName, options, type Settings } from "../../lib/options.ts";

const defaults: Settings = {
  mode: { kind: "regular" },
  listenHost: "127.0.0.1",
  listenPort: 8080,
  stream: undefined,
  script: [],
  modifyBody: [],
  modifyHeaders: [],
  chunkSize: undefined,
  bodySizeLimit: undefined,
  quiet: false,
  verbose: false,
  version: false,
  help: false,
  allowPublic: false,
  proxyAuth: undefined,
  upstreamAuth: undefined,
  intercept: false,
  interceptHosts: [],
  ignoreHosts: [],
  confdir: undefined,
  sslInsecure: false,
  upstreamCa: undefined,
  upstreamCert: undefined,
  upstreamKey: undefined,
  tlsCert: undefined,
  tlsKey: undefined,
  blockPrivate: false,
  allowPrivate: false,
  connectPorts: undefined,
  forwarded: undefined,
  maxConnectionsPerClient: undefined,
  handshakeTimeout: 10_000,
  headTimeout: 15_000,
  bodyTimeout: 60_000,
  writeTimeout: 60_000,
  upstreamTimeout: 60_000,
  connectTimeout: 10_000,
  idleTimeout: 30_000,
  upstreamIdleTimeout: 4_000,
  tunnelTimeout: 3_600_000,
  hookTimeout: 60_000,
  drainTimeout: 30_000,
  maxConnections: 10_000,
  headSizeLimit: 65_536,
  upstreamHeadSizeLimit: 131_072,
  lineSizeLimit: 16_384,
  fieldCountLimit: 200,
  trailerSizeLimit: 16_384,
  decodedSizeLimit: 268_435_456,
};

function reverse(url: string): Partial<Settings> {
  return { mode: { kind: "reverse", origin: new URL(url) } };
}

describe("readSettings() takes", () => {
  const rows: [line: string, settings: Partial<Settings>][] = [
    ["", {}],
    ["--mode regular", {}],
    ["-m reverse:http://127.0.0.1:3000", reverse("http://127.0.0.1:3000")],
    ["--mode=reverse:http://example.com/", reverse("http://example.com")],
    ["-m reverse:http://[::1]:80", reverse("http://[::1]")],
    ["-m reverse:https://example.com", reverse("https://example.com")],
    ["-k", { sslInsecure: true }],
    ["--upstream-ca ca.pem --upstream-cert me.pem --upstream-key me.key", {
      upstreamCa: "ca.pem",
      upstreamCert: "me.pem",
      upstreamKey: "me.key",
    }],
    ["--tls-cert server.pem --tls-key=server.key", { tlsCert: "server.pem", tlsKey: "server.key" }],
    ["-m upstream:http://me:it@proxy.example:3128", {
      mode: { kind: "upstream", proxy: new URL("http://me:it@proxy.example:3128") },
    }],
    ["--upstream-auth me:it", { upstreamAuth: "me:it" }],
    ["--listen-host ::1", { listenHost: "::1" }],
    ["--listen-host [::1]", { listenHost: "::1" }],
    ["--listen-host localhost", { listenHost: "localhost" }],
    ["-p 0", { listenPort: 0 }],
    ["-p8081", { listenPort: 8081 }],
    ["--listen-port=65535", { listenPort: 65535 }],
    ["-p 1 -p 2", { listenPort: 2 }],
    ["--stream 0", { stream: 0 }],
    ["--stream 1.5M", { stream: 1_572_864 }],
    ["-s a.js --script b.mjs -s ./c.ts", { script: ["a.js", "b.mjs", "./c.ts"] }],
    ["--script=-odd.js", { script: ["-odd.js"] }],
    ["--chunk-size 1", { chunkSize: 1 }],
    ["--body-size-limit 10mb", { bodySizeLimit: 10_485_760 }],
    ["-q", { quiet: true }],
    ["-qv", { quiet: true, verbose: true }],
    ["--version", { version: true }],
    ["-h", { help: true }],
    ["--allow-public", { allowPublic: true }],
    ["--proxy-auth user:pass:word", { proxyAuth: "user:pass:word" }],
    ["--block-private", { blockPrivate: true }],
    ["--connect-ports all", { connectPorts: "all" }],
    ["--connect-ports 443,8443", { connectPorts: new Set([443, 8443]) }],
    ["--forwarded append", { forwarded: "append" }],
    ["--max-connections-per-client 5", { maxConnectionsPerClient: 5 }],
    ["--head-timeout 5 --body-timeout 500ms", { headTimeout: 5_000, bodyTimeout: 500 }],
    ["--tunnel-timeout 1.5h --drain-timeout=2m", { tunnelTimeout: 5_400_000, drainTimeout: 120_000 }],
    ["--max-connections 1", { maxConnections: 1 }],
    ["--head-size-limit 16k --field-count-limit 100", { headSizeLimit: 16_384, fieldCountLimit: 100 }],
    ["--", {}],
  ];
  for (const [line, settings] of rows) {
    it(JSON.stringify(line), () => {
      assert.deepEqual(readSettings(words(line), parseArgs), { ...defaults, ...settings });
    });
  }
});

describe("readSettings() refuses", () => {
  const rows: [line: string, message: string][] = [
    ["--steam 3m", 'Cannot use "--steam" as there is no such option; did you mean --stream?'],
    ["--listen-prot=1", 'Cannot use "--listen-prot" as there is no such option; did you mean --listen-port?'],
    ["--frobnicate", 'Cannot use "--frobnicate" as there is no such option; see --help'],
    ["-x", 'Cannot use "-x" as there is no such option; see --help'],
    ["--no-quiet", 'Cannot use "--no-quiet" as there is no such option; did you mean --quiet?'],
    [
      "--stream 3q",
      'Cannot use --stream as it must be a size such as 500k or 1.5m (0 streams every body): got "3q"',
    ],
    [
      "--stream",
      "Cannot use --stream without a value as it must be a size such as 500k or 1.5m (0 streams every body): got none",
    ],
    [
      "--stream -q",
      "Cannot use --stream without a value as it must be a size such as 500k or 1.5m (0 streams every body): got none",
    ],
    [
      "--stream=",
      'Cannot use --stream as it must be a size such as 500k or 1.5m (0 streams every body): got ""',
    ],
    [
      "-B /foobar",
      "Cannot use -B as it must be [/filter]/regex/replacement, such as '/~ts html/foobar/BAZ': got \"/foobar\"; " +
      "Cannot take the rule apart as it must have two or three parts: got one",
    ],
    ["-p 65536", 'Cannot use -p as it must be a port from 0 to 65535 (0 takes a free one): got "65536"'],
    ["-p 80a", 'Cannot use -p as it must be a port from 0 to 65535 (0 takes a free one): got "80a"'],
    [
      "-p",
      "Cannot use -p without a value as it must be a port from 0 to 65535 (0 takes a free one): got none",
    ],
    [
      "--listen-port=-1",
      'Cannot use --listen-port as it must be a port from 0 to 65535 (0 takes a free one): got "-1"',
    ],
    ["--chunk-size 0", 'Cannot use --chunk-size as it must be a number of bytes from 1 to 16777216: got "0"'],
    [
      "--listen-port -1",
      'Cannot use --listen-port as it must be a port from 0 to 65535 (0 takes a free one): got "-1"',
    ],
    ["--quiet=yes", 'Cannot use --quiet with a value as it takes none: got "yes"'],
    ["-s rules.py", 'Cannot use -s as it must be the path of a .js, .mjs or .ts file: got "rules.py"'],
    [
      "script.js",
      'Cannot use "script.js" as a word must be an option or follow one that takes a value; see --help',
    ],
    [
      "--head-timeout 0",
      "Cannot use --head-timeout as it must be a time such as 500ms, 30s or 2h (a bare number is seconds), " +
      'more than 0: got "0"',
    ],
    [
      "--head-size-limit 0",
      'Cannot use --head-size-limit as it must be a size such as 500k or 1.5m, more than 0: got "0"',
    ],
    [
      "--max-connections many",
      'Cannot use --max-connections as it must be a number, more than 0: got "many"',
    ],
    ["--max-connections 0", 'Cannot use --max-connections as it must be a number, more than 0: got "0"'],
    [
      "--connect-ports 443,25",
      'Cannot use --connect-ports as it must be all, or ports such as 443,8443 (never 25): got "443,25"',
    ],
    [
      "--connect-ports ,",
      'Cannot use --connect-ports as it must be all, or ports such as 443,8443 (never 25): got ","',
    ],
    [
      "--proxy-auth me",
      "Cannot use --proxy-auth as it must be a user name and a password with a colon between: got something else",
    ],
    [
      "--forwarded no",
      'Cannot use --forwarded as it must be keep, replace or append: got "no"',
    ],
    ["-- -q", 'Cannot use "-q" as a word must be an option or follow one that takes a value; see --help'],
    [
      "--listen-host a/b",
      'Cannot use --listen-host as it must be an address or a name, such as 127.0.0.1, ::1 or localhost: got "a/b"',
    ],
  ];
  for (const [line, message] of rows) {
    it(JSON.stringify(line), () => {
      assert.throws(() => readSettings(words(line), parseArgs), { name: "UsageError", message });
    });
  }

  const modes = [
    "transparent",
    "reverse:",
    "reverse:example.com",
    "reverse:http://example.com/path",
    "reverse:http://example.com/?q",
    "reverse:http://user@example.com",
    "upstream:",
    "upstream:example.com:3128",
    "upstream:http://example.com/path",
    "upstream:http://user:secret@example.com/path",
    "upstream:http://%E0:secret@example.com",
    "http://example.com",
  ];
  for (const mode of modes) {
    it(`--mode ${mode}`, () => {
      const shown = JSON.stringify(mode.replace(/[\w%]+(:\w+)?@/, "...@"));
      const message = `Cannot use --mode as it must be ${options.mode.wanted}: got ${shown}`;
      assert.throws(() => readSettings(["--mode", mode], parseArgs), new UsageError(message));
    });
  }
});

describe("helpText()", () => {
  it("tells every option, its letter and its default, in at most 80 columns", () => {
    const help = helpText();
    for (const [name, row] of Object.entries(options)) {
      const line = help.split("\n").find((line) => new RegExp(`${longName(name)}(?: |$)`).test(line));
      assert.ok(line, name);
      if (row.short !== undefined) assert.ok(line.includes(`-${row.short},`), line);
      if (row.kind === "value" && row.fallback !== undefined) assert.ok(help.includes(row.fallback), name);
    }
    for (const line of help.split("\n")) assert.ok(line.length <= 80, line);
  });

  it("has a letter for no two options", () => {
    const letters = Object.values(options).flatMap((row) => row.short ?? []);
    assert.equal(new Set(letters).size, letters.length);
  });
});

function words(line: string): string[] {
  return line.split(" ").filter((word) => word !== "");
}
