/**
 * The corpus' own reader: what it reads, and that it misses nothing that two readers could see differently.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Problem, readRequests, readResponses } from "./strict-reader.ts";

const host = "Host: a\r\n";
const ok = "HTTP/1.1 200 OK\r\n";

describe("the strict reader", () => {
  it("reads requests one after the other", () => {
    const octets = `GET /a HTTP/1.1\r\n${host}\r\n` +
      `POST /b HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabc` +
      `PUT /c HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n2;x="\\""\r\nde\r\n00\r\nX-T: 1\r\n\r\n` +
      "GET /d HT";
    const read = readRequests(octets).map((request) =>
      [request.method, request.target, request.body, request.complete].join(" ")
    );
    assert.deepEqual(read, ["GET /a  true", "POST /b abc true", "PUT /c de true", "   false"]);
    assert.deepEqual(readRequests(octets)[2]!.trailers, [["X-T", "1"]]);
  });

  it("reads responses by what was asked for", () => {
    const octets = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + `${ok}Content-Length: 9\r\n\r\n` +
      "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n" + `${ok}\r\nto the end`;
    const read = (ending: "open" | "fin" | "rst") =>
      readResponses(octets, { methods: ["HEAD", "GET", "GET"], ending })
        .map(({ status, body, complete }) => [status, body, complete].join(" "));
    assert.deepEqual(read("fin"), ["103  true", "200  true", "304  true", "200 to the end true"]);
    assert.equal(read("rst").at(-1), "200 to the end false");
    assert.equal(read("open").at(-1), "200 to the end false");
  });

  it("reads no further than a tunnel's beginning", () => {
    const [request, ...more] = readRequests(`CONNECT a:1 HTTP/1.1\r\n${host}\r\n\0\x01`);
    assert.deepEqual([request?.complete, request?.headEnd, more.length], [true, 33, 0]);
    assert.equal(readResponses(`${ok}\r\n\0\x01`, { methods: ["CONNECT"] }).length, 1);
  });

  it("takes every cut of a message for incomplete, and for no problem", () => {
    const messages = [
      `POST /b HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabc`,
      `PUT /c HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n2;x\r\nde\r\n0\r\nX-T: 1\r\n\r\n`,
    ];
    for (const octets of messages) {
      for (let end = 1; end < octets.length; end++) {
        const [request, ...more] = readRequests(octets.slice(0, end));
        assert.equal(request!.complete, false, octets.slice(0, end));
        assert.deepEqual(request!.problems.filter((problem) => problem !== "start-line-unfinished"), []);
        assert.deepEqual(more, []);
      }
    }
  });

  const chunked = `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n`;
  const requests: [octets: string, problem: Problem][] = [
    ["\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "leading-empty-line"],
    ["GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "request-line-malformed"],
    ["GET / HTTP/1.2\r\nHost: a\r\n\r\n", "request-line-malformed"],
    ["GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", "fragment-in-target"],
    ["GET / HTTP/1.1\r\n\r\n", "host-missing"],
    ["GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "host-repeated"],
    ["GET / HTTP/1.1\nHost: a\r\n\r\n", "bare-lf"],
    ["GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", "bare-cr"],
    ["GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", "obs-fold"],
    ["GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", "field-without-colon"],
    ["GET / HTTP/1.1\r\nHost: a\r\nX : 1\r\n\r\n", "field-name-malformed"],
    ["GET / HTTP/1.1\r\nHost: a\r\nX: \0\r\n\r\n", "control-in-field-value"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "content-length-and-transfer-encoding",
    ],
    ["GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\nx", "content-length-malformed"],
    ["GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 9007199254740992\r\n\r\nx", "content-length-overflow"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "content-length-repeated",
    ],
    ["GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "te-on-http10"],
    ["GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n", "te-not-chunked"],
    ["GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: , chunked\r\n\r\n0\r\n\r\n", "te-malformed"],
    [
      "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "te-repeated",
    ],
    [`${chunked}1 \r\na\r\n0\r\n\r\n`, "chunk-extension-malformed"],
    [`${chunked} 1\r\na\r\n0\r\n\r\n`, "chunk-size-malformed"],
    [`${chunked}10000000000000001\r\na\r\n0\r\n\r\n`, "chunk-size-overflow"],
    [`${chunked}1\r\nabc\r\n0\r\n\r\n`, "chunk-data-terminator"],
    [`${chunked}1\na\r\n0\r\n\r\n`, "bare-lf"],
  ];
  for (const [octets, problem] of requests) {
    it(`sees ${problem} in ${JSON.stringify(octets)}`, () => {
      assert.deepEqual(readRequests(octets)[0]!.problems, [problem]);
    });
  }

  const responses: [octets: string, problem: Problem][] = [
    ["HTTP/1.1 20 OK\r\n\r\n", "status-line-malformed"],
    ["HTTP/1.1  200 OK\r\n\r\n", "status-line-malformed"],
    ["junk", "status-line-malformed"],
    ["HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n", "te-in-bodiless"],
    [`${ok}X: a\r\n b\r\nContent-Length: 0\r\n\r\n`, "obs-fold"],
  ];
  for (const [octets, problem] of responses) {
    it(`sees ${problem} in ${JSON.stringify(octets)}`, () => {
      assert.deepEqual(readResponses(octets)[0]!.problems, [problem]);
    });
  }
});
