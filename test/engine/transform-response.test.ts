/** Whole responses: made here, and fetched from a server. */

import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import * as zlib from "node:zlib";
import { CodingError } from "../../lib/errors.ts";
import { fetchDecodes } from "../../lib/fetch-decoding.ts";
import { transformResponse, type TransformResponseOptions } from "../../lib/transform-response.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import { replace } from "../../transforms/mod.ts";
import { bytes, text } from "../harness/splits.ts";
import { type Origin, startOrigin } from "../harness/web.ts";

const coders: Readonly<Record<string, (body: Uint8Array) => Uint8Array>> = {
  "gzip": zlib.gzipSync,
  "x-gzip": zlib.gzipSync,
  "GZIP": zlib.gzipSync,
  "deflate": zlib.deflateSync,
  "br": zlib.brotliCompressSync,
  "gzip, br": (body) => zlib.brotliCompressSync(zlib.gzipSync(body)),
  "br, gzip": (body) => zlib.gzipSync(zlib.brotliCompressSync(body)),
  "identity": (body) => body,
};

/** What says `gzip`, but not as everybody says it: as `Content-Encoding`, a field line each. */
const padded: readonly (readonly string[])[] = [
  ["gzip, identity"],
  ["identity, gzip"],
  ["gzip,"],
  [",gzip"],
  ["gzip", "identity"],
  ["identity", "gzip"],
];

const page = "foobar and foobar ".repeat(20);
const changedPage = "BAZ and BAZ ".repeat(20);
const change = () => [replace("foobar", "BAZ")];

let origin: Origin;
/** What is done with a request to `/live`. */
let live: (response: ServerResponse) => void = () => {};

/** `/coded/CODING`, `/padded/INDEX`, `/live`, and whatever else: a page. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, kind, coding = ""] = decodeURIComponent(request.url!).split("/");
  response.setHeader("ETag", '"1"');
  if (kind === "live") return live(response);
  if (kind === "padded") {
    response.setHeader("Content-Encoding", padded[Number(coding)]!);
    return void response.end(zlib.gzipSync(page));
  }
  if (kind !== "coded") return void response.end(page);
  const body = coders[coding]!(bytes(page));
  response.setHeader("Content-Encoding", coding);
  response.setHeader("Content-Length", body.length);
  response.end(request.method === "HEAD" ? undefined : body);
}

before(async () => {
  origin = await startOrigin(answer);
});

after(() => origin.close());

function coded(coding: string, body: Uint8Array = coders[coding]!(bytes(page))): Response {
  return new Response(body as Uint8Array<ArrayBuffer>, { headers: { "Content-Encoding": coding } });
}

/** Reads no more than a text. */
async function reads(reader: ReadableStreamDefaultReader<Uint8Array>, wanted: string): Promise<void> {
  let read = "";
  while (read.length < wanted.length) read += text((await reader.read()).value!);
  assert.equal(read, wanted);
}

describe("transformResponse: the fields", () => {
  it("speak the truth about the changed body, and are kept otherwise", async () => {
    const headers = new Headers({
      "Content-Type": "text/plain",
      "Content-Length": "6",
      "Content-MD5": "x",
      "Digest": "x",
      "Content-Digest": "x",
      "Repr-Digest": "x",
      "ETag": '"1"',
      "Accept-Ranges": "bytes",
      "Want-Content-Digest": "sha-256=1",
      "Last-Modified": "Tue, 15 Nov 1994 12:45:26 GMT",
    });
    headers.append("Set-Cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    const response = new Response("foobar", { status: 404, statusText: "Gone Fishing", headers });
    const changed = transformResponse(response, change());
    // Bun puts Set-Cookie last.
    assert.deepEqual([...changed.headers].sort(), [
      ["accept-ranges", "none"],
      ["content-type", "text/plain"],
      ["etag", 'W/"1"'],
      ["last-modified", "Tue, 15 Nov 1994 12:45:26 GMT"],
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
      ["want-content-digest", "sha-256=1"],
    ]);
    assert.deepEqual([changed.status, changed.statusText], [404, "Gone Fishing"]);
    assert.equal(await changed.text(), "BAZ");
    assert.equal(response.headers.get("content-length"), "6");
  });

  it("keep a weak ETag as it is", () => {
    const response = new Response("x", { headers: { ETag: 'W/"1"' } });
    assert.equal(transformResponse(response, change()).headers.get("etag"), 'W/"1"');
  });

  it("lose an ETag that is none, as nobody can weaken it", () => {
    for (const etag of ["1", 'w/"1"']) {
      const response = new Response("x", { headers: { ETag: etag } });
      assert.equal(transformResponse(response, change()).headers.get("etag"), null);
    }
  });

  it("keep their defaults: no type where there was none", () => {
    const response = new Response(bytes("x") as Uint8Array<ArrayBuffer>);
    assert.deepEqual([...transformResponse(response, change()).headers], [["accept-ranges", "none"]]);
  });
});

describe("transformResponse: a response that is left as it is", () => {
  const rows: readonly (readonly [name: string, make: () => Response, warning?: string])[] = [
    ["204", () => new Response(null, { status: 204 })],
    ["304", () => new Response(null, { status: 304, headers: { ETag: '"1"' } })],
    ["a null body", () => new Response(null, { headers: { "Content-Length": "6" } })],
    [
      "206",
      () => new Response("foo", { status: 206, headers: { "Content-Range": "bytes 0-2/6" } }),
      "The body is passed on unchanged as it is only a part (206)",
    ],
    [
      "no-transform",
      () => new Response("foobar", { headers: { "Cache-Control": "max-age=1, No-Transform" } }),
      "The body is passed on unchanged as Cache-Control says no-transform",
    ],
    [
      "a coding that nobody knows",
      () => coded("snappy", bytes("foobar")),
      "The body is passed on unchanged as its content coding is not known here: snappy",
    ],
    [
      "too many codings",
      () => coded("gzip, gzip, gzip", bytes("foobar")),
      "The body is passed on unchanged as its content coding is not known here: gzip, gzip, gzip",
    ],
  ];
  for (const [name, make, warning] of rows) {
    it(`${name}`, () => {
      const warnings: string[] = [];
      const response = make();
      assert.equal(
        transformResponse(response, change(), { warn: (told) => void warnings.push(told) }),
        response,
      );
      assert.deepEqual(warnings, warning === undefined ? [] : [warning]);
      assert.equal(transformResponse(response, change()), response);
    });
  }

  it("without stages", async () => {
    const response = new Response("foobar", { headers: { ETag: '"1"' } });
    assert.equal(transformResponse(response, []), response);
    assert.equal(await response.text(), "foobar");
  });

  it("what HEAD brought", async () => {
    const response = await fetch(`${origin.url}/coded/gzip`, { method: "HEAD" });
    assert.equal(transformResponse(response, change()), response);
  });

  it("a failed one", () => {
    const response = Response.error();
    assert.equal(transformResponse(response, change()), response);
  });
});

describe("transformResponse: content codings", () => {
  for (const coding of Object.keys(coders)) {
    it(`a fetched body that came in ${coding}`, async () => {
      const response = await fetch(`${origin.url}/coded/${encodeURIComponent(coding)}`);
      const changed = transformResponse(response, change());
      assert.equal(changed.headers.get("content-encoding"), null);
      assert.equal(changed.headers.get("content-length"), null);
      assert.equal(changed.headers.get("etag"), 'W/"1"');
      assert.equal(await changed.text(), changedPage);
    });

    it(`knows whether fetch undoes ${coding}`, async () => {
      const response = await fetch(`${origin.url}/coded/${encodeURIComponent(coding)}`);
      const plain = text(new Uint8Array(await response.arrayBuffer())) === page;
      const names = coding.toLowerCase().split(", ");
      assert.equal(coding === "identity" || fetchDecodes(names), plain);
    });
  }

  for (const [i, lines] of padded.entries()) {
    it(`a fetched body in ${JSON.stringify(lines)} is changed, or left as it is and said so`, async () => {
      const fetched = await fetch(`${origin.url}/padded/${i}`);
      const untouched = await (await fetch(`${origin.url}/padded/${i}`)).arrayBuffer();
      const warnings: string[] = [];
      const changed = transformResponse(fetched, change(), { warn: (told) => void warnings.push(told) });
      const body = new Uint8Array(await changed.arrayBuffer());
      const known = fetchDecodes(
        fetched.headers.get("content-encoding")!.split(",").map((name) => name.trim()),
      );
      if (known === null) {
        assert.equal(changed, fetched);
        assert.deepEqual(body, new Uint8Array(untouched));
        assert.match(
          warnings.join(),
          /^The body is passed on unchanged as fetch doesn't tell whether .*gzip/,
        );
      } else {
        assert.equal(text(body), changedPage);
        assert.equal(changed.headers.get("content-encoding"), null);
        assert.equal(text(new Uint8Array(untouched)) === page, known);
        assert.deepEqual(warnings, []);
      }
    });
  }

  const agents: readonly (readonly [agent: string, codings: string, decodes: boolean | null])[] = [
    ["", "gzip", true],
    ["", "gzip, br", true],
    ["", "zstd", false],
    ["Node.js/22", "zstd", false],
    ["Node.js/24", "zstd", true],
    ["Node.js/26", "zstd, gzip", true],
    ["Deno/2.9.5", "gzip", true],
    ["Deno/2.9.5", "deflate", false],
    ["Deno/2.9.5", "gzip, br", false],
    ["Bun/1.4.5", "zstd", true],
    ["Bun/1.4.5", "gzip, br", false],
    ["Cloudflare-Workers", "br", true],
    ["Cloudflare-Workers", "deflate", false],
    ["Mozilla/5.0 (X11; Linux x86_64)", "gzip, zstd", true],
    ["Mozilla/5.0 (X11; Linux x86_64)", "snappy", false],
    ["", "gzip, identity", false],
    ["Node.js/26", ", gzip", false],
    ["Bun/1.4.5", "identity, gzip", true],
    ["Deno/2.9.5", "gzip, identity", null],
    ["Deno/2.9.5", "deflate, identity", false],
  ];
  for (const [agent, names, decodes] of agents) {
    const says = { true: "undoes", false: "does not undo", null: "may undo" }[`${decodes}`];
    it(`fetch ${says} ${names} on ${agent || "Node 20"}`, () => {
      assert.equal(fetchDecodes(names.split(", "), agent), decodes);
    });
  }

  const known = zlibCodings(zlib);
  const rows: readonly (readonly [name: string, make: () => Response, options: TransformResponseOptions])[] =
    [
      ["coded, undone by the runtime", () => coded("gzip"), {}],
      ["coded, and said so", () => coded("deflate"), { coded: "coded" }],
      ["plain, and said so", () => coded("br", bytes(page)), { coded: "decoded" }],
      ["plain, though codings are known", () => coded("gzip", bytes(page)), {
        coded: "decoded",
        codings: known,
      }],
      ["plain, with a coding that nobody knows", () => coded("snappy", bytes(page)), { coded: "decoded" }],
    ];
  for (const [name, make, options] of rows) {
    it(`a body that is ${name} goes out plain`, async () => {
      const changed = transformResponse(make(), change(), options);
      assert.equal(changed.headers.get("content-encoding"), null);
      assert.equal(await changed.text(), changedPage);
    });
  }

  for (const [coding, decode] of [["gzip", zlib.gunzipSync], ["br", zlib.brotliDecompressSync]] as const) {
    it(`a body in ${coding} is coded again with the codings that are handed in`, async () => {
      const changed = transformResponse(coded(coding), change(), { codings: known });
      assert.equal(changed.headers.get("content-encoding"), coding);
      assert.equal(text(decode(new Uint8Array(await changed.arrayBuffer()))), changedPage);
    });
  }

  it("a body that is cut short, or no gzip at all, fails", async () => {
    const whole = zlib.gzipSync(page);
    for (const body of [whole.subarray(0, whole.length - 5), bytes("foobar")]) {
      for (const options of [{}, { codings: known }]) {
        await assert.rejects(transformResponse(coded("gzip", body), change(), options).text());
      }
    }
  });

  it("a body that grows beyond all measure fails", async () => {
    const bomb = zlib.gzipSync(new Uint8Array(4 * 1024 ** 2));
    const limits = { codingRatio: 100, codingGraceBytes: 65_536 };
    for (const options of [{ limits }, { limits, codings: known }]) {
      await assert.rejects(
        transformResponse(coded("gzip", bomb), change(), options).arrayBuffer(),
        (error) => {
          assert.ok(error instanceof CodingError);
          return error.code === "expansion";
        },
      );
    }
  });

  it("refuses codings and limits that are none", () => {
    const rows: readonly (readonly [options: object, name: string, message: RegExp])[] = [
      [{ codings: {} }, "TypeError", /^Cannot transform the response as codings must have a get method: /],
      [{ codings: null }, "TypeError", /codings must have a get method/],
      [{ limits: { codingRatio: "x" } }, "TypeError", /as limits.codingRatio must be 0 or more: got string$/],
      [{ limits: { codingRatio: NaN } }, "RangeError", /as limits.codingRatio must be 0 or more: got NaN$/],
      [
        { limits: { codingGraceBytes: -1 } },
        "RangeError",
        /as limits.codingGraceBytes must be 0 or more: got -1$/,
      ],
    ];
    for (const [options, name, message] of rows) {
      assert.throws(() => transformResponse(new Response("x"), change(), options), { name, message });
    }
  });

  it("refuses a value of coded that is none", () => {
    const options = { coded: "maybe" } as unknown as TransformResponseOptions;
    assert.throws(() => transformResponse(coded("gzip"), change(), options), {
      name: "TypeError",
      message: 'Cannot transform the response as coded must be "auto", "decoded" or "coded": got maybe',
    });
  });
});

describe("transformResponse: the stream", () => {
  it("passes on what comes before more comes, and cancels the source", async () => {
    const served = new Promise<ServerResponse>((resolve) => void (live = resolve));
    const fetched = fetch(`${origin.url}/live`);
    const response = await served;
    response.write("foo");
    const reader = transformResponse(await fetched, change()).body!.getReader();
    response.write("bar, foo");
    await reads(reader, "BAZ, ");
    response.write("foo, foobar");
    await reads(reader, "foofoo, BAZ");
    const closed = new Promise((resolve) => response.once("close", resolve));
    await reader.cancel(new Error("enough"));
    await closed;
  });

  it("passes on what comes in a coded body, with the codings that are handed in", async () => {
    const gzip = zlib.createGzip();
    const source = new ReadableStream<Uint8Array>({
      start: (controller) => void gzip.on("data", (chunk: Uint8Array) => controller.enqueue(chunk)),
    });
    const gunzip = zlib.createGunzip();
    const response = new Response(source, { headers: { "Content-Encoding": "gzip" } });
    const changed = transformResponse(response, change(), { codings: zlibCodings(zlib) });
    const reader = changed.body!.getReader();
    gzip.write("foobar.");
    gzip.flush();
    const read = new Promise<string>((resolve) =>
      void gunzip.once("data", (chunk: Uint8Array) => resolve(text(chunk)))
    );
    void (async () => {
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        gunzip.write(value);
        gunzip.flush();
      }
    })();
    assert.equal(await read, "BAZ.");
    await reader.cancel();
    gzip.close();
    gunzip.close();
  });

  it("fails with its source", async () => {
    const served = new Promise<ServerResponse>((resolve) => void (live = resolve));
    const fetched = fetch(`${origin.url}/live`);
    const response = await served;
    response.write("foo");
    const changed = transformResponse(await fetched, change());
    response.destroy();
    await assert.rejects(changed.text());
  });

  it("fails with a stage", async () => {
    const failing = {
      transform: () => {
        throw new Error("no");
      },
    };
    await assert.rejects(transformResponse(new Response("x"), [failing]).text(), { message: "no" });
  });

  it("takes pairs and functions too", async () => {
    const upper = async function* (body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of body) yield bytes(text(chunk).toUpperCase());
    };
    const pair = new TransformStream<Uint8Array, Uint8Array>();
    const changed = transformResponse(new Response("foobar foo"), [replace("foobar", "x"), pair, upper]);
    assert.equal(await changed.text(), "X FOO");
  });

  it("gives a response like any other", async () => {
    const changed = transformResponse(new Response("foobar"), change());
    assert.ok(changed instanceof Response);
    const clone = changed.clone();
    assert.deepEqual([await changed.text(), await clone.text()], ["BAZ", "BAZ"]);
    const again = transformResponse(transformResponse(new Response("foobar"), change()), [
      replace("BAZ", "y"),
    ]);
    assert.equal(await again.text(), "y");
  });

  it("takes one stage as it is", async () => {
    assert.equal(await transformResponse(new Response("foobar"), change()[0]!).text(), "BAZ");
  });

  it("refuses what is no response", () => {
    const rows: readonly (readonly [value: unknown, got: string])[] = [
      [Promise.resolve(new Response("x")), "a promise; await it first"],
      [new Response("x").body, "ReadableStream"],
      ["x", "string"],
      [undefined, "undefined"],
    ];
    for (const [value, got] of rows) {
      assert.throws(() => transformResponse(value as Response, change()), {
        name: "TypeError",
        message: `Cannot transform the response as it must be a Response: got ${got}`,
      });
    }
  });

  it("refuses a body that somebody reads", async () => {
    const used = new Response("x");
    await used.text();
    const wanted = { name: "TypeError", message: /must be unread/ };
    assert.throws(() => transformResponse(used, change()), wanted);
    const locked = new Response("x");
    locked.body!.getReader();
    assert.throws(() => transformResponse(locked, change()), wanted);
  });
});
