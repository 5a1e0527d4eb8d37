import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createLog, type FlowRecord, type LogOptions, printable } from "../../lib/log.ts";

const record: FlowRecord = {
  id: 1,
  client: "127.0.0.1:51234",
  method: "GET",
  url: "http://example.com/video",
  requestHeaders: [["Host", "example.com"]],
  status: 200,
  reason: "OK",
  responseHeaders: [["Content-Type", "video/mp4"]],
  streaming: true,
  bytes: 0,
  started: 1000,
  ended: null,
  error: null,
};

/** What a log prints of a flow, from start to end. */
function told(parts: Partial<FlowRecord>, options: Omit<LogOptions, "write"> = {}): string {
  let text = "";
  const log = createLog({ ...options, write: (lines) => text += lines });
  const flow = { ...record, ...parts };
  log.start({ ...flow, status: null, bytes: 0 });
  if (flow.status !== null) log.response({ ...flow, bytes: 0 });
  log.end({ ...flow, ended: flow.ended ?? flow.started });
  return text;
}

describe("createLog()", () => {
  it("tells a streamed flow when it begins and when it ends", () => {
    assert.equal(
      told({ bytes: 1_048_576, ended: 1812 }),
      "127.0.0.1:51234: GET http://example.com/video\n" +
        "              << 200 OK (streaming)\n" +
        "127.0.0.1:51234: GET http://example.com/video\n" +
        "              << 200 OK 1.0m 812ms 1.2m/s\n",
    );
  });

  it("tells a buffered flow, a short body, and one without a body once", () => {
    const once = (outcome: string) =>
      `127.0.0.1:51234: GET http://example.com/video\n              << ${outcome}\n`;
    assert.equal(told({ streaming: false, bytes: 2000, ended: 1010 }), once("200 OK 2.0k 10ms 195k/s"));
    const short: [string, string][] = [["content-LENGTH", "65536"]];
    assert.equal(
      told({ responseHeaders: short, bytes: 65_536, ended: 1100 }),
      once("200 OK 64.0k 100ms 640k/s"),
    );
    assert.equal(
      told({ streaming: false, status: 204, reason: "No Content" }),
      once("204 No Content 0b 0ms"),
    );
    assert.equal(told({ streaming: false, status: 299, reason: "" }), once("299 0b 0ms"));
  });

  it("tells a long body of known length twice", () => {
    assert.match(told({ responseHeaders: [["Content-Length", "65537"]] }), /streaming/);
  });

  it("tells what went wrong, before and after the response's head", () => {
    assert.equal(
      told({ status: null, error: "connection refused" }),
      "127.0.0.1:51234: GET http://example.com/video\n              << connection refused\n",
    );
    const cut = told({ error: "the origin closed the connection", bytes: 300, ended: 3000 });
    assert.match(cut, /<< the origin closed the connection \(200 OK, after 300b 2\.00s\)\n$/);
  });

  it("masks credentials, whatever else it tells", () => {
    const requestHeaders: [string, string][] = [
      ["Authorization", "Basic c2VjcmV0"],
      ["PROXY-authorization", "secret"],
      ["Cookie", "a=secret; b=secret=; secret"],
      ["X-Api-Key", "secret"],
      ["Host", "example.com"],
    ];
    const responseHeaders: [string, string][] = [["Set-Cookie", "sid=secret; Path=/; HttpOnly"], [
      "Set-Cookie",
      "secret",
    ]];
    const url = "http://me:secret@example.com/@";
    const text = told({ url, requestHeaders, responseHeaders, ended: 1001, error: `no ${url}` }, {
      verbosity: "verbose",
    });
    assert.doesNotMatch(text, /secret|c2VjcmV0/);
    for (
      const line of [
        "Authorization: Basic ***",
        "PROXY-authorization: ***",
        "Cookie: a=***; b=***; ***",
        "X-Api-Key: ***",
        "Host: example.com",
        "Set-Cookie: sid=***; Path=/; HttpOnly",
        "Set-Cookie: ***",
      ]
    ) assert.ok(text.includes(`    ${line}\n`), line);
    assert.match(text, /GET http:\/\/\*\*\*@example\.com\/@\n/);
    let lines = "";
    const log = createLog({ write: (text) => lines += text });
    log.info(`a ${url}`);
    log.warn(`b ${url}`);
    assert.doesNotMatch(lines, /secret/);
  });

  it("tells the fields when it is verbose", () => {
    assert.equal(
      told({ streaming: false, ended: 1001 }, { verbosity: "verbose" }),
      "127.0.0.1:51234: GET http://example.com/video\n" +
        "    Host: example.com\n" +
        "127.0.0.1:51234: GET http://example.com/video\n" +
        "              << 200 OK\n" +
        "    Content-Type: video/mp4\n" +
        "127.0.0.1:51234: GET http://example.com/video\n" +
        "              << 200 OK 0b 1ms\n",
    );
  });

  it("tells nothing when it is quiet", () => {
    let text = "";
    const log = createLog({ write: (lines) => text += lines, verbosity: "quiet" });
    log.start(record);
    log.response(record);
    log.end(record);
    log.warn("w");
    log.info("i");
    assert.equal(text, "");
  });

  it("has colours only when asked for", () => {
    assert.ok(!told({}).includes("\x1b"));
    const rows: [parts: Partial<FlowRecord>, painted: string][] = [
      [{}, "\x1b[32m200 OK\x1b[0m"],
      [{ status: 404, reason: "Not Found" }, "\x1b[33m404 Not Found\x1b[0m"],
      [{ status: 502, reason: "Bad Gateway" }, "\x1b[31m502 Bad Gateway\x1b[0m"],
      [{ error: "broken" }, "\x1b[31mbroken\x1b[0m"],
    ];
    for (const [parts, painted] of rows) assert.ok(told(parts, { colour: true }).includes(painted), painted);
  });

  it("lets no control character of the network through", () => {
    const evil = "a\x1b[2J\r\n\x9b31m\u202eb";
    const text = told({
      client: evil,
      method: evil,
      url: evil,
      reason: evil,
      requestHeaders: [[evil, evil]],
      responseHeaders: [[evil, evil]],
      error: evil,
    }, { verbosity: "verbose" });
    // deno-lint-ignore no-control-regex
    assert.ok(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(text), JSON.stringify(text));
    assert.ok(!text.includes("a\n"));
  });
});

describe("printable()", () => {
  it("escapes what steers a terminal and leaves the rest", () => {
    assert.equal(printable("\0\t\x1b\x7f\x85\u2028"), "\\x00\\x09\\x1b\\x7f\\x85\\u2028");
    assert.equal(printable("é 漢 \\ ~"), "é 漢 \\ ~");
  });
});
