/**
 * How bodies leave: every way that a body comes, by every treatment, to both versions of client, byte for byte.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { Hooks } from "../../lib/hooks.ts";
import { makeTransform, replace } from "../../transforms/mod.ts";
import { appender, observed, spied } from "../harness/observe.ts";
import { octets, play } from "../harness/playbook.ts";

const request = (version: string, method = "GET") => `${method} / HTTP/${version}\r\nHost: proxy\r\n\r\n`;

/** How the same body, `foobar!`, comes from the origin. */
const incoming = {
  "Content-Length": "Content-Length: 7\r\n\r\nfoobar!",
  "chunked": 'Transfer-Encoding: chunked\r\n\r\n0004;a="b"\r\nfoob\r\n3\r\nar!\r\n0\r\n\r\n',
  "until EOF": "\r\nfoobar!",
} as const;

/** What is done to it. */
const treatments = {
  none: {},
  "passed on": { responseheaders: (flow: Flow) => void (flow.response!.stream = true) },
  "passed through nothing": { responseheaders: (flow: Flow) => void (flow.response!.stream = []) },
  shrunk: { responseheaders: (flow: Flow) => void (flow.response!.stream = replace("foobar", "X")) },
  grown: { responseheaders: (flow: Flow) => void (flow.response!.stream = replace("foobar", "XXXXXXXXXX")) },
  "as long": { responseheaders: (flow: Flow) => void (flow.response!.stream = replace("foobar", "FOOBAR")) },
  buffered: { response: () => {} },
  "buffered, changed": { response: (flow: Flow) => void (flow.response!.text = "changed") },
} as const satisfies Record<string, Hooks>;

const via = "Via: 1.1 sluice\r\n";
const close = "Connection: close\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";
const ranges = "Accept-Ranges: none\r\n";

/** What a client of HTTP/1.1 gets behind the status line; all of these keep its connection. */
const modern: [keyof typeof incoming, keyof typeof treatments, string][] = [
  ["Content-Length", "none", `Content-Length: 7\r\n${via}\r\nfoobar!`],
  ["Content-Length", "passed on", `Content-Length: 7\r\n${via}\r\nfoobar!`],
  ["Content-Length", "passed through nothing", `Content-Length: 7\r\n${via}\r\nfoobar!`],
  ["Content-Length", "shrunk", `${ranges}${via}${chunked}\r\n2\r\nX!\r\n0\r\n\r\n`],
  ["Content-Length", "grown", `${ranges}${via}${chunked}\r\nb\r\nXXXXXXXXXX!\r\n0\r\n\r\n`],
  ["Content-Length", "as long", `${ranges}${via}${chunked}\r\n7\r\nFOOBAR!\r\n0\r\n\r\n`],
  ["Content-Length", "buffered", `Content-Length: 7\r\n${via}\r\nfoobar!`],
  ["Content-Length", "buffered, changed", `Content-Length: 7\r\n${ranges}${via}\r\nchanged`],
  ["chunked", "none", `${chunked}${via}\r\n4\r\nfoob\r\n3\r\nar!\r\n0\r\n\r\n`],
  ["chunked", "passed on", `${chunked}${via}\r\n4\r\nfoob\r\n3\r\nar!\r\n0\r\n\r\n`],
  ["chunked", "shrunk", `${chunked}${ranges}${via}\r\n2\r\nX!\r\n0\r\n\r\n`],
  ["chunked", "grown", `${chunked}${ranges}${via}\r\nb\r\nXXXXXXXXXX!\r\n0\r\n\r\n`],
  ["chunked", "as long", `${chunked}${ranges}${via}\r\n7\r\nFOOBAR!\r\n0\r\n\r\n`],
  ["chunked", "buffered", `${via}Content-Length: 7\r\n\r\nfoobar!`],
  ["chunked", "buffered, changed", `${ranges}${via}Content-Length: 7\r\n\r\nchanged`],
  ["until EOF", "none", `${via}${chunked}\r\n7\r\nfoobar!\r\n0\r\n\r\n`],
  ["until EOF", "passed on", `${via}${chunked}\r\n7\r\nfoobar!\r\n0\r\n\r\n`],
  ["until EOF", "shrunk", `${ranges}${via}${chunked}\r\n2\r\nX!\r\n0\r\n\r\n`],
  ["until EOF", "grown", `${ranges}${via}${chunked}\r\nb\r\nXXXXXXXXXX!\r\n0\r\n\r\n`],
  ["until EOF", "as long", `${ranges}${via}${chunked}\r\n7\r\nFOOBAR!\r\n0\r\n\r\n`],
  ["until EOF", "buffered", `${via}Content-Length: 7\r\n\r\nfoobar!`],
  ["until EOF", "buffered, changed", `${ranges}${via}Content-Length: 7\r\n\r\nchanged`],
];

for (const [how, what, expected] of modern) {
  test(`to HTTP/1.1: ${how}, ${what}`, async () => {
    await play({ hooks: [treatments[what]] }, async ({ client, origin, ends }) => {
      client.send(request("1.1"));
      const upstream = await origin();
      await upstream.gets("GET / HTTP/1.1\r\nHost: origin.test\r\nVia: 1.1 sluice\r\n\r\n");
      upstream.send(`HTTP/1.1 200 OK\r\n${incoming[how]}`);
      if (how === "until EOF") upstream.end();
      await client.gets(`HTTP/1.1 200 OK\r\n${expected}`);
      await client.getsNothing();
      assert.deepEqual(ends, [null]);
      if (how === "until EOF") await upstream.ends("end");
      else await upstream.getsNothing();
    });
  });
}

/** What a client of HTTP/1.0 that asks to keep its connection gets, and whether it is kept. */
const old: [keyof typeof incoming, keyof typeof treatments, string, boolean][] = [
  ["Content-Length", "none", `Content-Length: 7\r\n${via}Connection: keep-alive\r\n\r\nfoobar!`, true],
  ["Content-Length", "passed on", `Content-Length: 7\r\n${via}Connection: keep-alive\r\n\r\nfoobar!`, true],
  ["Content-Length", "shrunk", `${ranges}${via}${close}\r\nX!`, false],
  ["Content-Length", "grown", `${ranges}${via}${close}\r\nXXXXXXXXXX!`, false],
  ["Content-Length", "as long", `${ranges}${via}${close}\r\nFOOBAR!`, false],
  ["Content-Length", "buffered", `Content-Length: 7\r\n${via}Connection: keep-alive\r\n\r\nfoobar!`, true],
  [
    "Content-Length",
    "buffered, changed",
    `Content-Length: 7\r\n${ranges}${via}Connection: keep-alive\r\n\r\nchanged`,
    true,
  ],
  ["chunked", "none", `${via}${close}\r\nfoobar!`, false],
  ["chunked", "passed on", `${via}${close}\r\nfoobar!`, false],
  ["chunked", "shrunk", `${ranges}${via}${close}\r\nX!`, false],
  ["chunked", "grown", `${ranges}${via}${close}\r\nXXXXXXXXXX!`, false],
  ["chunked", "as long", `${ranges}${via}${close}\r\nFOOBAR!`, false],
  ["chunked", "buffered", `${via}Content-Length: 7\r\nConnection: keep-alive\r\n\r\nfoobar!`, true],
  [
    "chunked",
    "buffered, changed",
    `${ranges}${via}Content-Length: 7\r\nConnection: keep-alive\r\n\r\nchanged`,
    true,
  ],
  ["until EOF", "none", `${via}${close}\r\nfoobar!`, false],
  ["until EOF", "passed on", `${via}${close}\r\nfoobar!`, false],
  ["until EOF", "shrunk", `${ranges}${via}${close}\r\nX!`, false],
  ["until EOF", "grown", `${ranges}${via}${close}\r\nXXXXXXXXXX!`, false],
  ["until EOF", "as long", `${ranges}${via}${close}\r\nFOOBAR!`, false],
  ["until EOF", "buffered", `${via}Content-Length: 7\r\nConnection: keep-alive\r\n\r\nfoobar!`, true],
  [
    "until EOF",
    "buffered, changed",
    `${ranges}${via}Content-Length: 7\r\nConnection: keep-alive\r\n\r\nchanged`,
    true,
  ],
];

for (const [how, what, expected, kept] of old) {
  test(`to HTTP/1.0: ${how}, ${what}`, async () => {
    await play({ hooks: [treatments[what]] }, async ({ client, origin, ends }) => {
      client.send("GET / HTTP/1.0\r\nHost: proxy\r\nConnection: keep-alive\r\n\r\n");
      const upstream = await origin();
      await upstream.gets("GET / HTTP/1.1\r\nHost: origin.test\r\nVia: 1.0 sluice\r\n\r\n");
      upstream.send(`HTTP/1.1 200 OK\r\n${incoming[how]}`);
      if (how === "until EOF") upstream.end();
      await client.gets(`HTTP/1.1 200 OK\r\n${expected}`);
      if (kept) await client.getsNothing();
      else assert.equal(await client.ends("end"), "");
      assert.deepEqual(ends, [null]);
    });
  });
}

test("an HTTP/1.0 client that asks for nothing is closed after its answer", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(request("1.0"));
    (await origin()).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}${close}\r\nhi`);
    assert.equal(await client.ends("end"), "");
  });
});

test("an HTTP/1.0 origin's answer reaches an HTTP/1.1 client as HTTP/1.1", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(request("1.1"));
    const upstream = await origin();
    upstream.send("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi");
    await client.gets("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nVia: 1.0 sluice\r\n\r\nhi");
    await upstream.gets("GET / HTTP/1.1\r\nHost: origin.test\r\nVia: 1.1 sluice\r\n\r\n");
    assert.equal(await upstream.ends("end"), "");
    await client.getsNothing();
  });
});

/** Responses that may not have a body, whatever is set: the request's method, what the origin says, what the client gets. */
const bodyless: [string, string, string, string, string][] = [
  [
    "HEAD with Content-Length",
    "HEAD",
    "200 OK\r\nContent-Length: 7\r\n\r\n",
    `200 OK\r\nContent-Length: 7\r\n${via}\r\n`,
    `200 OK\r\n${ranges}${via}\r\n`,
  ],
  [
    "HEAD, chunked",
    "HEAD",
    `200 OK\r\n${chunked}\r\n`,
    `200 OK\r\n${via}\r\n`,
    `200 OK\r\n${ranges}${via}\r\n`,
  ],
  ["HEAD, until EOF", "HEAD", "200 OK\r\n\r\n", `200 OK\r\n${via}\r\n`, `200 OK\r\n${ranges}${via}\r\n`],
  [
    "204",
    "GET",
    "204 No Content\r\n\r\n",
    `204 No Content\r\n${via}\r\n`,
    `204 No Content\r\n${ranges}${via}\r\n`,
  ],
  [
    "204 with Content-Length",
    "GET",
    "204 No Content\r\nContent-Length: 7\r\n\r\n",
    `204 No Content\r\n${via}\r\n`,
    `204 No Content\r\n${ranges}${via}\r\n`,
  ],
  [
    "304 with Content-Length",
    "GET",
    '304 Not Modified\r\nETag: "a"\r\nContent-Length: 7\r\n\r\n',
    `304 Not Modified\r\nETag: "a"\r\nContent-Length: 7\r\n${via}\r\n`,
    `304 Not Modified\r\nETag: W/"a"\r\n${ranges}${via}\r\n`,
  ],
  [
    "304 with Transfer-Encoding",
    "GET",
    `304 Not Modified\r\n${chunked}\r\n`,
    `304 Not Modified\r\n${via}\r\n`,
    `304 Not Modified\r\n${ranges}${via}\r\n`,
  ],
  [
    "Content-Length: 0",
    "GET",
    "200 OK\r\nContent-Length: 0\r\n\r\n",
    `200 OK\r\nContent-Length: 0\r\n${via}\r\n`,
    `200 OK\r\nContent-Length: 0\r\n${ranges}${via}\r\n`,
  ],
];

for (const [name, method, answer, kept, changed] of bodyless) {
  test(`no body: ${name}`, async () => {
    await play({}, async ({ client, origin }) => {
      client.send(request("1.1", method));
      (await origin()).send(`HTTP/1.1 ${answer}`);
      await client.gets(`HTTP/1.1 ${kept}`);
      await client.getsNothing();
    });
  });

  test(`no body: ${name}, with a transform that appends`, async () => {
    const { transform, calls } = spied(appender("<EOF>"));
    const { hooks, order } = observed({
      responseheaders: (flow) => void (flow.response!.stream = transform),
    });
    await play({ hooks }, async ({ client, origin, originCount }) => {
      client.send(request("1.1", method));
      const upstream = await origin();
      upstream.send(`HTTP/1.1 ${answer}`);
      await client.gets(`HTTP/1.1 ${changed}`);
      await client.getsNothing();
      assert.deepEqual(calls, ["flush"]);
      assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "response"]);
      client.send(request("1.1", method));
      await upstream.getsHead();
      await upstream.getsHead();
      assert.equal(originCount(), 1);
    });
  });
}

/** What a client asks, and what it is told by a proxy that may change bodies: the tag of a 200 from there. */
const notModified: readonly (readonly [question: string, etag: string, told: string])[] = [
  ['W/"a"', '"a"', 'W/"a"'],
  ['"b", W/"a"', '"a"', 'W/"a"'],
  ['"a"', '"a"', '"a"'],
  ['W/"a", "a"', '"a"', '"a"'],
  ['W/"b"', '"a"', '"a"'],
  ["*", '"a"', '"a"'],
  ['W/"a"', 'W/"a"', 'W/"a"'],
];

for (const [question, etag, told] of notModified) {
  test(`304 with ETag ${etag}, of which the client has ${question}`, async () => {
    const ask = `GET http://origin.test/ HTTP/1.1\r\nHost: origin.test\r\nIf-None-Match: ${question}\r\n\r\n`;
    for (const [hooks, expected] of [[[{ responseheaders: () => {} }], told], [[], etag]] as const) {
      await play({ hooks: [...hooks] }, async ({ client, origin }) => {
        client.send(ask);
        (await origin()).send(`HTTP/1.1 304 Not Modified\r\nETag: ${etag}\r\n\r\n`);
        await client.gets(`HTTP/1.1 304 Not Modified\r\nETag: ${expected}\r\n${via}\r\n`);
      });
    }
  });
}

test("an empty chunked body may be appended to", async () => {
  const hooks = [{
    responseheaders: (flow: Flow) => void (flow.response!.stream = makeTransform(appender("<EOF>"))),
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(`HTTP/1.1 200 OK\r\n${chunked}\r\n0\r\n\r\n`);
    await client.getsHead();
    await client.gets("5\r\n<EOF>\r\n0\r\n\r\n");
  });
});

test("wire chunks keep their sizes and order, in whatever pieces they are read", async () => {
  const sizes = [1, 7, 4095, 4096, 4097, 65_535, 65_536, 65_537, 100_000];
  const frames = sizes.map((size, i) => `${size.toString(16)}\r\n${"abcdefghi"[i]!.repeat(size)}\r\n`).join(
    "",
  );
  await play({}, async ({ client, origin }) => {
    client.send(request("1.1"));
    const upstream = await origin();
    upstream.send(`HTTP/1.1 200 OK\r\n${chunked}\r\n`);
    for (let at = 0; at < frames.length; at += 9_999) await upstream.send(frames.slice(at, at + 9_999));
    upstream.send("0\r\n\r\n");
    await client.getsHead();
    await client.gets(`${frames}0\r\n\r\n`);
  });
});

test("extensions are dropped, sizes are written in canonical hex", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(
      `HTTP/1.1 200 OK\r\n${chunked}\r\n5;a=b;c="d"\r\nhello\r\n0000A\r\n0123456789\r\n00;x\r\n\r\n`,
    );
    await client.getsHead();
    await client.gets("5\r\nhello\r\na\r\n0123456789\r\n0\r\n\r\n");
  });
});

const trailing =
  `HTTP/1.1 200 OK\r\n${chunked}Trailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\nContent-Length: 9\r\n\r\n`;

test("trailers pass, but for those that may not be in a trailer section", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(trailing);
    await client.gets(
      `HTTP/1.1 200 OK\r\n${chunked}Trailer: X-Sum\r\n${via}\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`,
    );
  });
});

test("trailers pass behind a transform, and the response hook may change them", async () => {
  const hooks = [{
    responseheaders: (flow: Flow) => void (flow.response!.stream = replace("hello", "hi")),
    response: (flow: Flow) => void flow.response!.trailers!.set("X-Sum", "2"),
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(trailing);
    await client.getsHead();
    await client.gets("2\r\nhi\r\n0\r\nX-Sum: 2\r\n\r\n");
  });
});

test("trailers pass behind a buffered body", async () => {
  await play({ hooks: [{ response: () => {} }] }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(trailing);
    await client.getsHead();
    await client.gets("5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n");
  });
});

test("trailers of a hook make the body chunked, whatever the origin's framing was", async () => {
  const hooks = [{
    responseheaders: (flow: Flow) => void (flow.response!.status = 200),
    response: (flow: Flow) => void (flow.response!.trailers = { "X-Sum": "1" }),
  }];
  for (
    const [answer, body] of [
      ["200 OK\r\nContent-Length: 2\r\n\r\nok", "2\r\nok\r\n"],
      ["200 OK\r\nContent-Length: 0\r\n\r\n", ""],
      ["204 OK\r\n\r\n", ""],
    ]
  ) {
    await play({ hooks }, async ({ client, origin }) => {
      client.send(request("1.1"));
      (await origin()).send(`HTTP/1.1 ${answer}`);
      await client.gets(
        `HTTP/1.1 200 OK\r\n${via}Transfer-Encoding: chunked\r\n\r\n${body}0\r\nX-Sum: 1\r\n\r\n`,
      );
    });
  }
});

test("trailers are dropped where the client can't have them", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(request("1.0"));
    (await origin()).send(trailing);
    await client.gets(`HTTP/1.1 200 OK\r\n${via}${close}\r\nhello`);
    assert.equal(await client.ends("end"), "");
  });
});

test("trailers of a hook that the client can't have are warned of", async () => {
  const set = (flow: Flow) => void (flow.response!.trailers = { "X-Sum": "1" });
  const pass = (flow: Flow) => void (flow.response!.stream = true);
  const table: [Hooks, string, string][] = [
    [{ responseheaders: pass, response: set }, "1.1", "Content-Length: 2\r\n\r\nok"],
    [{ responseheaders: pass, response: set }, "1.0", trailing.slice(trailing.indexOf("\r\n") + 2)],
    [{ response: set }, "1.0", "Content-Length: 2\r\n\r\nok"],
  ];
  for (const [hooks, version, answer] of table) {
    await play({ hooks: [hooks] }, async ({ client, origin, warnings }) => {
      client.send(request(version));
      (await origin()).send(`HTTP/1.1 200 OK\r\n${answer}`);
      if (version === "1.0") assert.doesNotMatch(await client.ends("end"), /X-Sum/);
      else await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}\r\nok`);
      assert.equal(warnings.length, 1);
      assert.match(warnings[0]!, /Trailers were set where the client gets no chunked body/);
    });
  }
});

const fields =
  'ETag: "a"\r\nContent-MD5: x\r\nDigest: x\r\nContent-Digest: x\r\nRepr-Digest: x\r\nAccept-Ranges: bytes\r\n';

test("a changed body loses what was said of the origin's", async () => {
  await play({ hooks: [treatments.shrunk] }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 6\r\n\r\nfoobar`);
    await client.gets(
      `HTTP/1.1 200 OK\r\nETag: W/"a"\r\nAccept-Ranges: none\r\n${via}${chunked}\r\n1\r\nX\r\n0\r\n\r\n`,
    );
  });
});

test("a body that is changed in a buffer loses it as well", async () => {
  await play({ hooks: [treatments["buffered, changed"]] }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 6\r\n\r\nfoobar`);
    await client.gets(
      `HTTP/1.1 200 OK\r\nETag: W/"a"\r\nAccept-Ranges: none\r\nContent-Length: 7\r\n${via}\r\nchanged`,
    );
  });
});

test("a body that is not changed keeps it", async () => {
  await play({ hooks: [treatments.buffered] }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 6\r\n\r\nfoobar`);
    await client.gets(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 6\r\n${via}\r\nfoobar`);
  });
});

const untouchable: [string, string][] = [
  ["206 Partial Content\r\nContent-Range: bytes 0-5/9\r\n", "a part of a body"],
  ["200 OK\r\nCache-Control: public, No-Transform\r\n", "a body that asks for no transform"],
  ["200 OK\r\nContent-Encoding: martian\r\n", "a body in an unknown coding"],
];

for (const [head, name] of untouchable) {
  test(`${name} is left alone`, async () => {
    await play({ hooks: [treatments.shrunk] }, async ({ client, origin, warnings }) => {
      client.send(request("1.1"));
      (await origin()).send(`HTTP/1.1 ${head}Content-Length: 6\r\n\r\nfoobar`);
      await client.gets(`HTTP/1.1 ${head}Content-Length: 6\r\n${via}\r\nfoobar`);
      assert.equal(warnings.length, 1);
    });
  });
}

test("rawStream changes a body in an unknown coding", async () => {
  const hooks = [{
    responseheaders: (flow: Flow) => void (flow.response!.rawStream = replace("foobar", "X")),
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(request("1.1"));
    (await origin()).send("HTTP/1.1 200 OK\r\nContent-Encoding: martian\r\nContent-Length: 6\r\n\r\nfoobar");
    await client.gets(
      `HTTP/1.1 200 OK\r\nContent-Encoding: martian\r\n${ranges}${via}${chunked}\r\n1\r\nX\r\n0\r\n\r\n`,
    );
  });
});

test("a response hook may take the body away with the status, and bring one", async () => {
  const hooks = [{
    response: (flow: Flow) => {
      const { response, request: { url } } = flow;
      if (url.pathname === "/away") response!.status = 204;
      else {
        response!.status = 200;
        response!.text = "hi";
      }
    },
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send("GET /away HTTP/1.1\r\nHost: proxy\r\n\r\nGET /bring HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfoobar");
    await client.gets(`HTTP/1.1 204 OK\r\n${via}\r\n`);
    await upstream.getsHead();
    await upstream.getsHead();
    upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
    await client.gets(`HTTP/1.1 200 No Content\r\n${ranges}${via}Content-Length: 2\r\n\r\nhi`);
    await client.getsNothing();
  });
});

test("a responseheaders hook that takes the body away ends the origin's connection", async () => {
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.status = 204) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(request("1.1"));
    const upstream = await origin();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nfoobar");
    await client.gets(`HTTP/1.1 204 OK\r\n${via}\r\n`);
    await upstream.ends();
    await client.getsNothing();
  });
});

test("a transform's chunk that is kept survives the engine's buffers", async () => {
  const kept: Uint8Array[] = [];
  const keeper = makeTransform({
    transform: (chunk) => void kept.push(chunk),
    flush: (controller) => kept.forEach((chunk) => controller.enqueue(chunk)),
  });
  const hooks = [{ responseheaders: (flow: Flow) => void (flow.response!.stream = keeper) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(request("1.1"));
    const upstream = await origin();
    upstream.send(`HTTP/1.1 200 OK\r\n${chunked}\r\n3\r\nfoo\r\n`);
    await client.getsHead();
    await client.getsNothing();
    upstream.send("3\r\nbar\r\n0\r\n\r\n");
    await client.gets("3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n");
    assert.deepEqual(kept, [octets("foo"), octets("bar")]);
  });
});
