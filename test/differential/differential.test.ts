/**
 * The codec against llhttp, on all vectors and all octets of the corpus: both accept them and read the same messages, or
 * both refuse them, but for what `differences.ts` lists. What is listed and no longer so fails too.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { difference } from "./difference.ts";
import { differences } from "./differences.ts";
import { readWithLlhttp } from "./llhttp.ts";
import { readSamples } from "./samples.ts";

describe("the codec and llhttp", () => {
  const found = readSamples().map((sample) => [sample.id, difference(sample)] as const);

  it("are compared on hundreds of samples, each once", () => {
    assert(found.length > 500);
    assert.equal(new Set(found.map(([id]) => id)).size, found.length);
    assert(found.filter(([, text]) => text === null).length > 400);
  });

  it("differ in nothing that is not listed", () => {
    const listed = new Set(differences.flatMap(({ samples }) => samples));
    assert.deepEqual(found.filter(([id, text]) => text !== null && !listed.has(id)), []);
  });

  for (const { reason, difference, samples } of differences) {
    it(reason, () => {
      assert(samples.length > 0);
      for (const id of samples) {
        const text = found.find(([other]) => other === id)?.[1];
        assert.match(text ?? "they agree", difference, id);
      }
    });
  }
});

describe("llhttp", () => {
  it("reads a chunked request, its trailers and the next one", () => {
    const octets = "POST /x HTTP/1.1\r\nHost: a\r\nX:\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "5\r\nhello\r\n0\r\nT: 1 \r\n\r\nGET / HTTP/1.0\r\n\r\n";
    assert.deepEqual(readWithLlhttp(octets, { role: "server", methods: [], fin: false }), {
      messages: [
        {
          line: ["POST", "/x"],
          version: "1.1",
          fields: [["Host", "a"], ["X", ""], ["Transfer-Encoding", "chunked"]],
          body: "hello",
          trailers: [["T", "1"]],
          complete: true,
        },
        { line: ["GET", "/"], version: "1.0", fields: [], body: "", trailers: [], complete: true },
      ],
      error: null,
    });
  });

  it("reads responses by what was asked, up to FIN", () => {
    const octets =
      "HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 404 \xe4\r\n\r\nabc";
    const { messages, error } = readWithLlhttp(octets, {
      role: "client",
      methods: ["HEAD", "GET"],
      fin: true,
    });
    assert.equal(error, null);
    assert.deepEqual(messages.map(({ line, body, complete }) => [...line, body, complete]), [
      ["103", "Early", "", true],
      ["200", "OK", "", true],
      ["404", "\xe4", "abc", true],
    ]);
  });

  it("refuses what it can't read", () => {
    const { messages, error } = readWithLlhttp("GET / HTTP/1.1\r\nHost : a\r\n\r\n", {
      role: "server",
      methods: [],
      fin: false,
    });
    assert.match(error ?? "", /^HPE_INVALID_HEADER_TOKEN/);
    assert.equal(messages[0]?.complete, false);
  });
});
