/**
 * Rules of the command line: how they are read, and what they do to messages on a network in memory.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { gunzipSync, gzipSync } from "node:zlib";
import { charsetOf } from "../../lib/body-charset.ts";
import { parseBodyRule } from "../../lib/body-rules.ts";
import { parseHeaderRule } from "../../lib/header-rules.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { Hooks } from "../../lib/hooks.ts";
import { loadRules, type RuleHost } from "../../lib/load-rules.ts";
import { readPattern } from "../../lib/rule-pattern.ts";
import { readRule } from "../../lib/rule-text.ts";
import { rulesBehind } from "../../lib/rules.ts";
import type { ProxyOptions } from "../../lib/proxy.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { replace } from "../../transforms/mod.ts";
import { codings } from "../codings/oracles.ts";
import { latin1, octets, play, type Stage } from "../harness/playbook.ts";

const encoder = new TextEncoder();
const files: Readonly<Record<string, Uint8Array>> = {
  "price.txt": encoder.encode("$1 \\n"),
  "bytes": Uint8Array.of(0xff, 0, 0xfe),
  "value.txt": encoder.encode("from a file\r\n"),
  "two-lines.txt": encoder.encode("a\nb"),
};
const host: RuleHost = {
  // deno-lint-ignore require-await -- what is thrown must reject
  readFile: async (path) => {
    const file = files[path];
    if (file === undefined) throw new Error(`no such file: ${path}`);
    return file;
  },
  isRisky: (source) => source.includes("+)+"),
};

interface Set {
  readonly B?: readonly string[];
  readonly H?: readonly string[];
  readonly scripts?: readonly Hooks[];
  readonly streamOver?: number;
}

/** What a proxy with these rules is made with. */
async function withRules(
  { B = [], H = [], scripts = [], streamOver }: Set,
  warnings: string[] = [],
): Promise<Partial<ProxyOptions>> {
  const settings = { modifyBody: B.map(parseBodyRule), modifyHeaders: H.map(parseHeaderRule) };
  const warn = (text: string) => void warnings.push(text);
  const behind = rulesBehind(await loadRules(settings, host, { warn }), { streamOver, warn });
  return { hooks: () => behind(scripts), codings, ...streamOver !== undefined && { streamOver } };
}

describe("a rule is taken apart", () => {
  const rows: [written: string, subject: string, value: string][] = [
    ["/foo/bar", "foo", "bar"],
    ["/foo/", "foo", ""],
    [":~u /a/:foo:bar", "foo", "bar"],
    ["/~q/foo/b/a/r", "foo", "b/a/r"],
    ["//foo/bar", "foo", "bar"],
    ["/foo/a\\nb\\t\\x41\\u00e9\\\\n\\d", "foo", "a\nb\tAé\\n\\d"],
    ["|a|@", "a", "@"],
  ];
  for (const [written, subject, text] of rows) {
    it(written, () => {
      const rule = readRule(written);
      assert.deepEqual([rule.subject, rule.value], [subject, { kind: "text", text }]);
    });
  }

  it("with a file", () => {
    assert.deepEqual(readRule("/foo/@a/b.txt".replace("a/", "")).value, { kind: "file", path: "b.txt" });
  });

  for (const written of ["", "/", "/foo", "foobar"]) {
    it(`or not: ${JSON.stringify(written)}`, () => {
      assert.throws(() => readRule(written), {
        name: "SyntaxError",
        message: /two or three parts: got one$/,
      });
    });
  }

  it("or not, for its filter", () => {
    assert.throws(() => readRule("/~b x/foo/bar"), { name: "SyntaxError", message: /^Cannot filter by ~b / });
  });
});

describe("the expression of a rule", () => {
  const literals: [source: string, literal: string | null][] = [
    ["foobar", "foobar"],
    ['{"a":1}', '{"a":1}'],
    ["a\\.b\\/c\\-\\n", "a.b/c-\n"],
    ["a.b", null],
    ["a{2}", null],
    ["a\\d", null],
    ["[ab]", null],
    ["(?i)foo", null],
    ["é", "é"],
  ];
  for (const [source, literal] of literals) {
    it(`${source} is ${literal === null ? "none" : "a text"}`, () => {
      assert.equal(readPattern(source).literal, literal);
    });
  }

  const flags: [source: string, regexp: RegExp][] = [
    ["a.b", /a.b/gsu],
    ["(?im)^a", /^a/gsimu],
    ["\\p{L}", /\p{L}/gsu],
    ["{\\d+}", new RegExp("{\\d+}", "gs")],
    ["a\\-.", new RegExp("a\\-.", "gs")],
  ];
  for (const [source, regexp] of flags) {
    it(`${source} is read as ${regexp}`, () => assert.deepEqual(readPattern(source).regexp, regexp));
  }

  for (const source of ["", "(?i)", "(", "\\Aa", "(?P<x>a)", "[\\d-z]\\Z"]) {
    it(`may not be ${JSON.stringify(source)}`, () => {
      assert.throws(() => readPattern(source), { name: "SyntaxError", message: /^Cannot search as / });
    });
  }
});

describe("a field rule is refused", () => {
  const rows: [written: string, message: RegExp][] = [
    ["/Content-Length/5", /follows from how the body is sent$/],
    ["/~s/transfer-encoding/", /follows from how the body is sent$/],
    ["/a b/c", /name must be a token/],
    ["//c", /name must be a token/],
    ["/a/b\\nc", /without control characters/],
  ];
  for (const [written, message] of rows) {
    it(written, () => assert.throws(() => parseHeaderRule(written), { name: "SyntaxError", message }));
  }
});

describe("loadRules()", () => {
  it("says what file it can't read, and for which rule", async () => {
    await assert.rejects(withRules({ B: ["/a/@missing"] }), {
      name: "UsageError",
      message: 'Cannot use --modify-body "/a/@missing" as its file must be readable: no such file: missing',
    });
    await assert.rejects(withRules({ H: ["/a/@missing"] }), { name: "UsageError" });
    await assert.rejects(withRules({ H: ["/a/@two-lines.txt"] }), {
      name: "UsageError",
      message: /^Cannot use --modify-headers "\/a\/@two-lines\.txt": .* without control characters/,
    });
  });

  it("warns of a filter that is taken for what is to be changed", async () => {
    const warnings: string[] = [];
    const doubtful = ["|~ts|a", "/~ts html/a", "/!(~q)/a", "/~s/"];
    const plain = ["|~ts html|a|b", "/~home/x", "/~tsx/x", "/a~q/x", "//~q/x"];
    await withRules({ B: [...doubtful, ...plain], H: ["/~s/Server", "/~s/Server/"] }, warnings);
    assert.deepEqual(
      warnings.map((text) => /^(\S+ "[^"]*"): "(.*)" looks like a filter, /.exec(text)?.slice(1)),
      [
        ...["~ts", "~ts html", "!(~q)", "~s"].map((
          subject,
          i,
        ) => [`--modify-body "${doubtful[i]}"`, subject]),
        ['--modify-headers "/~s/Server"', "~s"],
      ],
    );
  });

  it("warns of expressions that may take for ever, also in filters", async () => {
    const warnings: string[] = [];
    await withRules({
      B: ["/(a+)+/b", "/a+b/c", "/(a|a)*b/x", "/(?:a|b)*c/x", "/(?:ab|.){2,}c/x"],
      H: ["|~u '(b+)+'|a|b"],
    }, warnings);
    assert.deepEqual(warnings.map((text) => /the expression (\S+) busy/.exec(text)?.[1]), [
      '"(a+)+"',
      '"(a|a)*b"',
      '"(?:ab|.){2,}c"',
      '"(b+)+"',
    ]);
  });
});

it("a charset is searched as what it is", () => {
  const found = (type: string) => {
    const { name, charset, has } = charsetOf(new HeaderList([["Content-Type", type]]));
    return [name, charset, has("a"), has("é"), has("€")];
  };
  assert.deepEqual(charsetOf(new HeaderList()).charset, "utf-8");
  assert.deepEqual(found("text/html"), ["utf-8", "utf-8", true, true, true]);
  assert.deepEqual(found("text/html; charset=nonsense"), ["utf-8", "utf-8", true, true, true]);
  assert.deepEqual(found('a/b; Charset="UTF-16"'), ["utf-16le", "utf-16le", true, true, true]);
  assert.deepEqual(found("a/b; charset=iso-8859-1"), ["windows-1252", "latin1", true, true, false]);
  assert.deepEqual(found("a/b; charset=koi8-r"), ["koi8-r", "latin1", true, false, false]);
  assert.deepEqual(found("a/b; charset=sjis"), ["shift_jis", "latin1", false, false, false]);
});

/** A response to a GET, and the body that a client gets of it. */
async function respond(
  set: Set,
  fields: string,
  wireChunks: readonly string[],
): Promise<{ head: string; frames: string[]; warnings: string[] }> {
  const warnings: string[] = [];
  let head = "";
  let frames: string[] = [];
  await play(await withRules(set, warnings), async (stage) => {
    const upstream = await asked(stage);
    upstream.send(`HTTP/1.1 200 OK\r\n${fields}Transfer-Encoding: chunked\r\n\r\n`);
    for (const chunk of [...wireChunks, ""]) upstream.send(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    head = await stage.client.getsHead();
    frames = await framesOf(stage);
    warnings.push(...stage.warnings);
  });
  return { head, frames, warnings };
}

/** The body of a response that a client gets whole. */
async function whole(set: Set, fields: string, sent: string): Promise<string> {
  let body = "";
  await play(await withRules(set), async (stage) => {
    const upstream = await asked(stage);
    upstream.send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: ${sent.length}\r\n\r\n${sent}`);
    const [, length] = /\r\nContent-Length: (\d+)\r\n/.exec(await stage.client.getsHead())!;
    body = await stage.client.takes(Number(length));
  });
  return body;
}

async function asked({ client, origin }: Stage) {
  client.send("GET /page HTTP/1.1\r\nHost: o\r\n\r\n");
  const upstream = await origin();
  await upstream.getsHead();
  return upstream;
}

async function framesOf({ client }: Stage): Promise<string[]> {
  const frames: string[] = [];
  for (;;) {
    let line = "";
    while (!line.endsWith("\r\n")) line += await client.takes(1);
    const data = await client.takes(parseInt(line, 16));
    await client.gets("\r\n");
    if (data === "") return frames;
    frames.push(data);
  }
}

const bodies: readonly (readonly [what: string, set: Set, fields: string, chunks: string[], body: string])[] =
  [
    ["a text", { B: ["/foobar/BAZ"] }, "", ["a foo", "bar b"], "a BAZ b"],
    ["an expression", { B: ["/o+./0"] }, "", ["fo", "oo", "d"], "f0"],
    ["rules in order", { B: ["/a/b", "/b/c"] }, "", ["ab", "a"], "ccc"],
    ["a replacement as it is", { B: ["/a+/$&$1\\\\1"] }, "", ["a", "a!"], "$&$1\\1!"],
    ["a dot and a line feed", { B: ["/a.b/x"] }, "", ["a\n", "b"], "x"],
    ["the text of a file", { B: ["/a/@price.txt"] }, "", ["[a]"], "[$1 \\n]"],
    ["the bytes of a file, for an expression", { B: ["/a+/@bytes"] }, "", ["[a", "a]"], "[\xff\0\xfe]"],
    ["nothing, for another flow", { B: ["/~d elsewhere/a/b", "/~q/a/b", "/~c 500/a/b"] }, "", ["a"], "a"],
    ["for its type", { B: ["|~ts ^text/|a|b"] }, "Content-Type: text/css\r\n", ["a"], "b"],
    [
      "in latin1",
      { B: ["/é+/ü", "/è/ö"] },
      "Content-Type: text/html; charset=latin1\r\n",
      ["\xe9\xe9\xe8"],
      "\xfc\xf6",
    ],
    [
      "in UTF-16",
      { B: ["/b/é", "/c./d"] },
      "Content-Type: text/html; charset=utf-16be\r\n",
      ["\0a\0", "b\0c\0", "c"],
      "\0a\0\xe9\0d",
    ],
  ];

describe("rules for bodies change", () => {
  for (const [what, set, fields, chunks, body] of bodies) {
    it(what, async () => {
      const { frames, warnings } = await respond(set, fields, chunks);
      assert.equal(frames.join(""), body);
      assert.deepEqual(warnings, []);
    });
  }

  it("each piece as it comes, also if it is coded", async () => {
    const coded = latin1(gzipSync(encoder.encode("foobar ".repeat(1000))));
    const cut = coded.length >> 1;
    const { head, frames } = await respond(
      { B: ["/foobar/BAZ"] },
      'Content-Encoding: gzip\r\nETag: "x"\r\n',
      [
        coded.slice(0, cut),
        coded.slice(cut),
      ],
    );
    assert.match(head, /\r\nETag: W\/"x"\r\n/);
    assert.equal(gunzipSync(octets(frames.join(""))).toString(), "BAZ ".repeat(1000));
  });

  it("a body while it streams", async () => {
    await play(await withRules({ B: ["/foobar/BAZ"] }), async (stage) => {
      const upstream = await asked(stage);
      upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n");
      assert.match(await stage.client.getsHead(), /\r\nTransfer-Encoding: chunked\r\n/);
      upstream.send("foobar");
      await stage.client.gets("3\r\nBAZ\r\n");
      upstream.send("foobar");
      await stage.client.gets("3\r\nBAZ\r\n0\r\n\r\n");
    });
  });

  it("a request", async () => {
    await play(await withRules({ B: ["/~q/foobar/BAZ"] }), async ({ client, origin }) => {
      client.send("POST / HTTP/1.1\r\nHost: o\r\nContent-Length: 8\r\n\r\n foobar ");
      const upstream = await origin();
      assert.match(await upstream.getsHead(), /\r\nTransfer-Encoding: chunked\r\n/);
      await upstream.gets("5\r\n BAZ \r\n0\r\n\r\n");
    });
  });

  it("nothing of a request that has no body", async () => {
    await play(await withRules({ B: ["/foobar/BAZ"] }), async ({ client, origin }) => {
      client.send("GET / HTTP/1.1\r\nHost: o\r\n\r\n");
      assert.doesNotMatch(await (await origin()).getsHead(), /transfer-encoding|content-length/i);
    });
  });

  it("what scripts have made of it, behind their transforms", async () => {
    const scripts: Hooks[] = [{
      responseheaders: (flow, { replace }) => void (flow.response!.stream = replace("a", "b")),
    }];
    assert.deepEqual((await respond({ B: ["/b/c"], scripts }, "", ["ab"])).frames, ["cc"]);
  });

  it("what scripts have made of a whole body", async () => {
    const seen: (string | null)[] = [];
    const scripts: Hooks[] = [{
      response: (flow) => {
        seen.push(flow.response!.text);
        flow.response!.text = `a${flow.response!.text}`;
      },
    }];
    const gzipped = latin1(gzipSync(encoder.encode("b")));
    for (const [fields, chunk] of [["", "b"], ["Content-Encoding: gzip\r\n", gzipped]] as const) {
      const body = await whole({ B: ["/ab/c"], scripts }, fields, chunk);
      assert.equal(fields === "" ? body : gunzipSync(octets(body)).toString(), "c");
    }
    assert.deepEqual(seen, ["b", "b"]);
  });

  it("a body that streams though some script has the later hook, if it is large or live", async () => {
    const seen: unknown[] = [];
    const scripts: Hooks[] = [{ response: (flow) => void seen.push(flow.response!.body) }];
    const set: Set = { B: ["/a/b"], scripts };
    assert.deepEqual((await respond({ ...set, streamOver: 10 }, "", ["a"])).frames, ["b"]);
    assert.deepEqual((await respond(set, "Content-Type: text/event-stream\r\n", ["a", "a"])).frames, [
      "b",
      "b",
    ]);
    assert.deepEqual(seen, [null, null]);
  });

  it("a whole body that nobody but the script's choice wants whole", async () => {
    const scripts: Hooks[] = [{ responseheaders: (flow) => void (flow.response!.stream = false) }];
    assert.deepEqual((await respond({ B: ["/a/b"], scripts }, "", ["a", "a"])).frames, ["b", "b"]);
  });
});

describe("rules for bodies tell", () => {
  it("of matches that are too long, once for each body", async () => {
    const { frames, warnings } = await respond({ B: ["/a+b/x"] }, "", ["ab " + "a".repeat(5000), "b ab"]);
    assert.equal(frames.join("").at(0), "x");
    assert.equal(frames.join("").at(-1), "x");
    assert.equal(warnings.length, 1);
    assert.match(warnings[0]!, /^GET \S+: The rule "\/a\+b\/x" left \d+ places as they were, .* 4096 bytes$/);
  });

  it("of a script that changes the coded bytes, and not of one that passes them on", async () => {
    const scripts = (value: StreamValue): Hooks[] => [{
      responseheaders: (flow) => void (flow.response!.rawStream = value),
    }];
    const passed = await respond({ B: ["/a/b"], scripts: scripts(true) }, "", ["a"]);
    assert.deepEqual([passed.frames, passed.warnings], [["b"], []]);
    const coded = await respond({ B: ["/a/b"], scripts: scripts(replace("a", "c")) }, "", ["a"]);
    assert.deepEqual(coded.frames, ["c"]);
    assert.match(coded.warnings[0]!, /not applied as a script has set rawStream$/);
  });

  it("nothing where a script has a body whole that must not be changed", async () => {
    const scripts: Hooks[] = [{ response: () => undefined }];
    const body = await whole({ B: ["/a/b"], scripts }, "Cache-Control: no-transform\r\n", "a");
    assert.equal(body, "a");
  });

  it("of charsets that can't be searched", async () => {
    const { frames, warnings } = await respond({ B: ["/a/b"] }, "Content-Type: a/b; charset=gbk\r\n", ["a"]);
    assert.deepEqual(frames, ["a"]);
    assert.match(warnings[0]!, /The rule "\/a\/b" is not applied as the body's charset is gbk$/);
  });
});

describe("rules for fields", () => {
  const response = "Server: nginx\r\nX-A: 1\r\nX-a: 2\r\n";
  const rows: [what: string, H: string[], fields: string][] = [
    ["set", ["/~s/Server/sluice"], "X-A: 1\r\nX-a: 2\r\nServer: sluice\r\n"],
    ["remove", ["/server/", "/x-a/"], ""],
    ["add several", ["/X-A/3", "/X-A/4"], "Server: nginx\r\nX-A: 3\r\nX-A: 4\r\n"],
    ["take the value from a file", ["/X-A/@value.txt"], "Server: nginx\r\nX-A: from a file\r\n"],
    ["ask their filters before any is applied", ["/x-a/", "/~hs x-a:/Server/seen"], "Server: seen\r\n"],
    ["leave other flows alone", ["/~q/Server/x", "/~u elsewhere/Server/x"], response],
  ];
  for (const [what, H, fields] of rows) {
    it(`${what}, of a body that streams`, async () => {
      const { head } = await respond({ H }, response, ["body"]);
      const own = head.replace(/^Via:.*\r\n/im, "").replace("Transfer-Encoding: chunked\r\n", "");
      assert.equal(own, `HTTP/1.1 200 OK\r\n${fields}\r\n`);
    });
  }

  it("apply to requests", async () => {
    await play(
      await withRules({ H: ["/~q/X-From/rule", "/~s/X-From/never"] }),
      async ({ client, origin }) => {
        client.send("GET / HTTP/1.1\r\nHost: o\r\nX-From: client\r\n\r\n");
        const head = await (await origin()).getsHead();
        assert.deepEqual(head.match(/^X-From: .*$/gm), ["X-From: rule"]);
      },
    );
  });

  it("leave an answer alone that a script has made", async () => {
    const scripts: Hooks[] = [{ requestheaders: (flow) => void (flow.response = { body: "a" }) }];
    await play(await withRules({ B: ["/a/b"], H: ["/X-A/b"], scripts }), async ({ client }) => {
      client.send("GET / HTTP/1.1\r\nHost: o\r\n\r\n");
      assert.doesNotMatch(await client.getsHead(), /X-A/);
      await client.gets("a");
    });
  });
});
