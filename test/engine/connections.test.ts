/**
 * Connections: what is kept and what is closed on both sides, the fields of one hop, interim responses, and the proxy's own
 * answers.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import { observed } from "../harness/observe.ts";
import { ORIGIN, originAt, play, settle } from "../harness/playbook.ts";

const via = "Via: 1.1 sluice\r\n";
const get = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\nHost: proxy\r\n${fields}\r\n`;
const sent = (path: string, fields = "") => `GET ${path} HTTP/1.1\r\nHost: ${ORIGIN}\r\n${fields}${via}\r\n`;
const answer = (body: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const got = (body: string, fields = "") =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${via}${fields}\r\n${body}`;

test("pipelined requests are answered in order, one at a time", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(get("/1") + get("/2") + get("/3"));
    const upstream = await origin();
    for (const n of ["1", "2", "3"]) {
      await upstream.gets(sent(`/${n}`));
      await upstream.getsNothing();
      upstream.send(answer(n));
      await client.gets(got(n));
    }
    assert.equal(originCount(), 1);
  });
});

test("pipelined requests with bodies, chunked and not, buffered and streamed", async () => {
  const hooks = [{
    requestheaders: (flow: Flow) => void (flow.request.stream = flow.request.headers.has("x-stream")),
    request: () => {},
  }];
  await play({ hooks }, async ({ client, origin }) => {
    const post = "POST / HTTP/1.1\r\nHost: proxy\r\n";
    client.send(
      `${post}Content-Length: 3\r\n\r\nabc${post}Transfer-Encoding: chunked\r\nX-Stream: 1\r\n\r\n3\r\ndef\r\n0\r\n\r\n${
        get("/end")
      }`,
    );
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("abc");
    upstream.send(answer("1"));
    await client.gets(got("1"));
    await upstream.getsHead();
    await upstream.gets("3\r\ndef\r\n0\r\n\r\n");
    upstream.send(answer("2"));
    await client.gets(got("2"));
    await upstream.gets(sent("/end"));
  });
});

test("a connection to an origin serves one client after another", async () => {
  await play({}, async ({ client, connect, origin, originCount }) => {
    client.send(get("/1"));
    const upstream = await origin();
    await upstream.gets(sent("/1"));
    upstream.send(answer("1"));
    await client.gets(got("1"));
    await settle();
    const other = await connect();
    other.send(get("/2"));
    await upstream.gets(sent("/2"));
    upstream.send(answer("2"));
    await other.gets(got("2"));
    assert.equal(originCount(), 1);
  });
});

test("two requests at once get a connection each, and both are kept", async () => {
  await play({}, async ({ client, connect, origin, originCount }) => {
    const other = await connect();
    client.send(get("/1"));
    const first = await origin();
    other.send(get("/2"));
    const second = await origin();
    await first.gets(sent("/1"));
    await second.gets(sent("/2"));
    second.send(answer("2"));
    await other.gets(got("2"));
    first.send(answer("1"));
    await client.gets(got("1"));
    await settle();
    client.send(get("/3"));
    other.send(get("/4"));
    await settle();
    assert.equal(originCount(), 2);
  });
});

test("origins don't share connections", async () => {
  await play({ mode: { kind: "regular" } }, async ({ client, origin, network }) => {
    const elsewhere = originAt(network, "other.test", 81);
    client.send(`GET http://${ORIGIN}/1 HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
    const upstream = await origin();
    await upstream.gets(sent("/1"));
    upstream.send(answer("1"));
    await client.gets(got("1"));
    client.send("GET http://other.test:81/2 HTTP/1.1\r\nHost: other.test:81\r\n\r\n");
    const second = await elsewhere;
    await second.gets(`GET /2 HTTP/1.1\r\nHost: other.test:81\r\n${via}\r\n`);
    await upstream.getsNothing();
  });
});

/** How an idle origin connection becomes unusable. */
const stale: [
  string,
  (upstream: { end(): void; send(text: string): unknown; socket: { abort(): void } }) => void,
][] = [
  ["ends", (upstream) => upstream.end()],
  ["is reset", (upstream) => upstream.socket.abort()],
  ["says something unasked", (upstream) => void upstream.send("HTTP/1.1 408 Timeout\r\n\r\n")],
];

for (const [name, act] of stale) {
  test(`an idle origin connection that ${name} is not used again`, async () => {
    await play({}, async ({ client, origin, originCount }) => {
      client.send(get("/1"));
      const upstream = await origin();
      await upstream.gets(sent("/1"));
      upstream.send(answer("1"));
      await client.gets(got("1"));
      await settle();
      act(upstream);
      await settle();
      client.send(get("/2"));
      const second = await origin();
      await second.gets(sent("/2"));
      second.send(answer("2"));
      await client.gets(got("2"));
      assert.equal(originCount(), 2);
    });
  });
}

test("bytes behind an answer end the connection, and reach nobody", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(get("/1"));
    const upstream = await origin();
    upstream.send(`${answer("1")}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`);
    await client.gets(got("1"));
    await upstream.ends();
    client.send(get("/2"));
    const second = await origin();
    second.send(answer("2"));
    await client.gets(got("2"));
    assert.equal(originCount(), 2);
  });
});

for (const how of ["end", "reset"] as const) {
  test(`a kept connection that fails under a GET (${how}) is replaced, once`, async () => {
    const { hooks, order } = observed();
    await play({ hooks }, async ({ client, origin, originCount, ends }) => {
      client.send(get("/1"));
      const upstream = await origin();
      upstream.send(answer("1"));
      await client.gets(got("1"));
      await settle();
      client.send(get("/2"));
      await upstream.getsHead();
      await upstream.gets(sent("/2"));
      if (how === "end") upstream.end();
      else upstream.socket.abort();
      const second = await origin();
      await second.gets(sent("/2"));
      second.send(answer("2"));
      await client.gets(got("2"));
      await client.getsNothing();
      assert.equal(originCount(), 2);
      assert.equal(order.length, 8);
      assert.deepEqual(ends, [null, null]);
    });
  });
}

test("a fresh connection that fails is not replaced", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(get("/1"));
    const upstream = await origin();
    await upstream.getsHead();
    upstream.end();
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    assert.equal(originCount(), 1);
  });
});

/** What is not repeated on a new connection. */
const single: [string, string, string][] = [
  ["a POST", "POST /2 HTTP/1.1\r\nHost: proxy\r\nContent-Length: 3\r\n\r\nabc", ""],
  ["a POST without a body", "POST /2 HTTP/1.1\r\nHost: proxy\r\n\r\n", ""],
  ["a PUT that streams", "PUT /2 HTTP/1.1\r\nHost: proxy\r\nContent-Length: 3\r\n\r\nabc", ""],
  ["a GET of which something came back", get("/2"), "HTTP/1.1 2"],
];

for (const [name, request, back] of single) {
  test(`${name} is not sent again on a new connection`, async () => {
    await play({}, async ({ client, origin, originCount }) => {
      client.send(get("/1"));
      const upstream = await origin();
      upstream.send(answer("1"));
      await client.gets(got("1"));
      await settle();
      client.send(request);
      await upstream.getsHead();
      await upstream.getsHead();
      if (back !== "") {
        upstream.send(back);
        await settle();
      }
      upstream.end();
      assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
      assert.equal(originCount(), 1);
    });
  });
}

test("Connection: close from the client ends its connection, not the origin's", async () => {
  await play({}, async ({ client, connect, origin, originCount }) => {
    client.send(get("/1", "Connection: close\r\n"));
    const upstream = await origin();
    await upstream.gets(sent("/1"));
    upstream.send(answer("1"));
    await client.gets(got("1", "Connection: close\r\n"));
    assert.equal(await client.ends("end"), "");
    client.end();
    const other = await connect();
    other.send(get("/2"));
    await upstream.gets(sent("/2"));
    assert.equal(originCount(), 1);
  });
});

test("Connection: close from the origin ends its connection, not the client's", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(get("/1"));
    const upstream = await origin();
    upstream.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n1");
    await client.gets(got("1"));
    await upstream.ends();
    client.send(get("/2"));
    (await origin()).send(answer("2"));
    await client.gets(got("2"));
    assert.equal(originCount(), 2);
  });
});

test("HTTP/1.0 with keep-alive is kept on both sides", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    const request = "GET /1 HTTP/1.0\r\nHost: proxy\r\nConnection: keep-alive\r\n\r\n";
    client.send(request);
    const upstream = await origin();
    for (let turn = 0; turn < 2; turn++) {
      await upstream.gets(`GET /1 HTTP/1.1\r\nHost: ${ORIGIN}\r\nVia: 1.0 sluice\r\n\r\n`);
      upstream.send("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n1");
      await client.gets(
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nVia: 1.0 sluice\r\nConnection: keep-alive\r\n\r\n1",
      );
      await settle();
      if (turn === 0) client.send(request);
    }
    assert.equal(originCount(), 1);
  });
});

test("a client that half-closes is answered", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(get("/1"));
    client.end();
    const upstream = await origin();
    await upstream.gets(sent("/1"));
    await settle();
    upstream.send(answer("1"));
    await client.gets(got("1"));
    assert.equal(await client.ends("end"), "");
  });
});

test("a client that half-closes behind an upload is answered", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 3\r\n\r\nabc");
    client.end();
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("abc");
    upstream.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n1\r\n");
    await client.getsHead();
    await client.gets("1\r\n1\r\n");
    upstream.send("0\r\n\r\n");
    await client.gets("0\r\n\r\n");
    assert.equal(await client.ends("end"), "");
  });
});

test("fields of one hop are not passed on, in either direction", async () => {
  const hop = "Keep-Alive: 5\r\nProxy-Connection: x\r\nX-Hop: 1\r\nUpgrade: h2c\r\nTE: gzip\r\n";
  await play({}, async ({ client, origin }) => {
    client.send(
      get("/", `Connection: X-Hop, Host, Keep-Alive\r\n${hop}Proxy-Authorization: x\r\nX-End: 1\r\n`),
    );
    const upstream = await origin();
    await upstream.gets(sent("/", "X-End: 1\r\n"));
    upstream.send(
      `HTTP/1.1 200 OK\r\nConnection: x-hop, content-length\r\n${hop}Proxy-Authenticate: x\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok`,
    );
    await client.gets(`HTTP/1.1 200 OK\r\nX-End: 1\r\nContent-Length: 2\r\n${via}\r\nok`);
  });
});

test("Via is added to what is there; TE: trailers is passed on as this hop's own", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(get("/", "Via: 1.0 a\r\nTE: trailers\r\nConnection: TE\r\n"));
    const upstream = await origin();
    await upstream.gets(
      `GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\nVia: 1.0 a\r\nTE: trailers\r\nConnection: TE\r\n${via}\r\n`,
    );
    upstream.send("HTTP/1.1 200 OK\r\nVia: 1.1 b\r\nContent-Length: 0\r\n\r\n");
    await client.gets(`HTTP/1.1 200 OK\r\nVia: 1.1 b\r\nContent-Length: 0\r\n${via}\r\n`);
  });
});

const EARLY_HINTS = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";

test("interim responses pass, then the final one", async () => {
  const { hooks, order } = observed();
  await play({ hooks }, async ({ client, origin }) => {
    client.send(get("/"));
    const upstream = await origin();
    upstream.send(EARLY_HINTS);
    await client.gets(EARLY_HINTS);
    upstream.send(`HTTP/1.1 102 Processing\r\nConnection: x\r\nX: 1\r\n\r\n${EARLY_HINTS}${answer("ok")}`);
    await client.gets(`HTTP/1.1 102 Processing\r\n\r\n${EARLY_HINTS}${got("ok")}`);
    await client.getsNothing();
    assert.deepEqual(order, ["requestheaders", "request", "responseheaders", "response"]);
  });
});

test("interim responses are not for HTTP/1.0, and a 100 not for who doesn't wait for it", async () => {
  await play({}, async ({ client, origin }) => {
    client.send("GET / HTTP/1.0\r\nHost: proxy\r\n\r\n");
    (await origin()).send(`${EARLY_HINTS}${answer("ok")}`);
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}Connection: close\r\n\r\nok`);
  });
  await play({}, async ({ client, origin }) => {
    client.send(get("/"));
    (await origin()).send(`HTTP/1.1 100 Continue\r\n\r\n${answer("ok")}`);
    await client.gets(got("ok"));
  });
});

const expecting = "POST / HTTP/1.1\r\nHost: proxy\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
const forwarded =
  `POST / HTTP/1.1\r\nHost: ${ORIGIN}\r\nExpect: 100-continue\r\nContent-Length: 3\r\n${via}\r\n`;

test("Expect: the origin is asked, and its 100 passed on", async () => {
  await play({}, async ({ client, origin, originCount }) => {
    client.send(expecting);
    const upstream = await origin();
    await upstream.gets(forwarded);
    await client.getsNothing();
    upstream.send("HTTP/1.1 100 Continue\r\n\r\n");
    await client.gets("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    await upstream.gets("abc");
    upstream.send(`HTTP/1.1 100 Continue\r\n\r\n${answer("ok")}`);
    await client.gets(got("ok"));
    await settle();
    client.send(get("/2"));
    await upstream.gets(sent("/2"));
    assert.equal(originCount(), 1);
  });
});

test("Expect: a client that doesn't wait keeps its connection", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(`${expecting}abc`);
    const upstream = await origin();
    await upstream.gets(`${forwarded}abc`);
    upstream.send(answer("ok"));
    await client.gets(got("ok"));
    client.send(get("/2"));
    await upstream.gets(sent("/2"));
  });
});

test("Expect: where the body is buffered, it is answered here, once", async () => {
  await play({ hooks: [{ request: () => {} }] }, async ({ client, origin }) => {
    client.send(expecting);
    await client.gets("HTTP/1.1 100 Continue\r\n\r\n");
    client.send("abc");
    const upstream = await origin();
    await upstream.gets(`POST / HTTP/1.1\r\nHost: ${ORIGIN}\r\nContent-Length: 3\r\n${via}\r\nabc`);
    upstream.send(`HTTP/1.1 100 Continue\r\n\r\n${answer("ok")}`);
    await client.gets(got("ok"));
  });
});

test("Expect: a final answer instead ends the connection", async () => {
  await play({}, async ({ client, origin, ends }) => {
    client.send(expecting);
    const upstream = await origin();
    await upstream.gets(forwarded);
    upstream.send("HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n");
    await client.gets(`HTTP/1.1 417 No\r\nContent-Length: 0\r\n${via}Connection: close\r\n\r\n`);
    assert.equal(await client.ends("end"), "");
    await upstream.ends();
    assert.deepEqual(ends, [null]);
  });
});

test("Expect: an answer of a script ends the connection", async () => {
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.response = { status: 403 }) }];
  await play({ hooks }, async ({ client }) => {
    client.send(expecting);
    await client.gets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    assert.equal(await client.ends("end"), "");
  });
});

test("Expect: anything else is a 417", async () => {
  await play({}, async ({ client, originCount }) => {
    client.send("POST / HTTP/1.1\r\nHost: proxy\r\nExpect: miracles\r\nContent-Length: 3\r\n\r\nabc");
    assert.match(await client.getsHead(), /^HTTP\/1.1 417 Expectation Failed\r\n/);
    assert.equal(originCount(), 0);
  });
});

test("an origin that can't be reached is a 502, and the client's connection is kept", async () => {
  await play({ mode: { kind: "regular" } }, async ({ client, origin }) => {
    client.send("GET http://nobody.test/ HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
    await client.gets(
      "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 58\r\n\r\n" +
        "502 Bad Gateway\nCannot connect to nobody.test:80: refused\n",
    );
    client.send(`GET http://${ORIGIN}/1 HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
    await (await origin()).gets(sent("/1"));
  });
});

test("an error in answer to HEAD has no body", async () => {
  await play({ mode: { kind: "regular" } }, async ({ client }) => {
    client.send("HEAD http://nobody.test/ HTTP/1.1\r\nHost: nobody.test\r\n\r\n");
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
    await client.getsNothing();
  });
});

/** Answers that are none. */
const broken: [string, string][] = [
  ["nothing", ""],
  ["half a head", "HTTP/1.1 200 OK\r\nConte"],
  ["no HTTP", "SSH-2.0-OpenSSH\r\n\r\n"],
  [
    "Content-Length and Transfer-Encoding",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
  [
    "a 101 that nobody asked for",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
  ],
];

for (const [name, text] of broken) {
  test(`an origin that answers with ${name} is a 502`, async () => {
    const { hooks, order } = observed();
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(get("/"));
      const upstream = await origin();
      if (text !== "") upstream.send(text);
      upstream.end();
      assert.match(await client.getsHead(), /^HTTP\/1.1 502 Bad Gateway\r\n/);
      await upstream.ends("reset");
      assert.deepEqual(order, ["requestheaders", "request", "error"]);
      assert.equal(ends.length, 1);
    });
  });
}

test("what an origin says is not repeated as markup", async () => {
  await play({}, async ({ client, origin }) => {
    client.send(get("/"));
    (await origin()).send("<script>alert(1)</script>\r\n\r\n");
    const head = await client.getsHead();
    assert.match(head, /\r\nContent-Type: text\/plain/);
    await settle();
    assert.doesNotMatch(client.received, /<script>/);
  });
});

/** Requests that are refused, with the status. */
const refused: [string, string, number][] = [
  ["no HTTP", "hello\r\n\r\n", 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400],
  ["HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505],
  ["a long target", `GET /${"x".repeat(20_000)} HTTP/1.1\r\n`, 414],
  ["a large head", `GET / HTTP/1.1\r\nHost: a\r\n${`X: ${"y".repeat(1_000)}\r\n`.repeat(100)}\r\n`, 431],
];

for (const [name, text, status] of refused) {
  test(`a request with ${name} is a ${status}, and the connection ends`, async () => {
    await play({}, async ({ client, originCount }) => {
      client.send(text);
      const head = await client.getsHead();
      assert.match(head, new RegExp(`^HTTP/1.1 ${status} `));
      assert.match(head, /\r\nConnection: close\r\n/);
      client.end();
      await client.ends("end");
      assert.equal(originCount(), 0);
    });
  });
}

test("a request head that doesn't end in time is a 408; silence is just closed", async () => {
  await play({ timeouts: { headMs: 1, idleMs: 1 } }, async ({ client, connect }) => {
    client.send("GET / HT");
    assert.match(await client.getsHead(), /^HTTP\/1.1 408 Request Timeout\r\n/);
    client.end();
    await client.ends("end");
    const silent = await connect();
    assert.equal(await silent.ends("end"), "");
  });
});

test("Max-Forwards is counted down for TRACE and OPTIONS, and nothing else", async () => {
  for (
    const [method, field, expected] of [
      ["OPTIONS", "5", "4"],
      ["TRACE", "1", "0"],
      ["GET", "5", "5"],
      ["OPTIONS", "x", "x"],
    ]
  ) {
    await play({}, async ({ client, origin }) => {
      client.send(`${method} / HTTP/1.1\r\nHost: proxy\r\nMax-Forwards: ${field}\r\n\r\n`);
      await (await origin()).gets(
        `${method} / HTTP/1.1\r\nHost: ${ORIGIN}\r\nMax-Forwards: ${expected}\r\n${via}\r\n`,
      );
    });
  }
});

test("Max-Forwards: 0 is answered here", async () => {
  await play({}, async ({ client, originCount }) => {
    client.send("OPTIONS * HTTP/1.1\r\nHost: proxy\r\nMax-Forwards: 0\r\n\r\n");
    await client.gets("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    client.send("TRACE /a HTTP/1.1\r\nHost: proxy\r\nCookie: secret\r\nMax-Forwards: 0\r\n\r\n");
    const echo = "TRACE /a HTTP/1.1\r\nHost: proxy\r\nMax-Forwards: 0\r\n\r\n";
    await client.gets(
      `HTTP/1.1 200 OK\r\nContent-Type: message/http\r\nContent-Length: ${echo.length}\r\n\r\n${echo}`,
    );
    assert.equal(originCount(), 0);
  });
});

test("a proxy that closes lets an answer finish, says close, and drops what is idle", async () => {
  await play({}, async ({ client, connect, origin, proxy }) => {
    const idle = await connect();
    client.send(get("/"));
    const upstream = await origin();
    await upstream.getsHead();
    const closed = proxy.close();
    assert.equal(await idle.ends("end"), "");
    upstream.send(answer("ok"));
    await client.gets(got("ok", "Connection: close\r\n"));
    client.end();
    await client.ends("end");
    await closed;
  });
});

test("nobody reaches the proxy through itself", async () => {
  await play({ mode: { kind: "regular" } }, async ({ client, proxy }) => {
    const { port } = await proxy.listen({ host: "127.0.0.1", port: 0 });
    client.send(`GET http://127.0.0.1:${port}/ HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    assert.match(await client.getsHead(), /^HTTP\/1.1 508 Loop Detected\r\n/);
  });
});

test("where there are no resets, the beginning of a body that only the connection's end ends waits for more of it", async () => {
  const ask = `GET / HTTP/1.0\r\nHost: proxy\r\n\r\n`;
  const head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const frame = (length: number) => `${length.toString(16)}\r\n${"x".repeat(length)}\r\n`;
  await play({}, async ({ client, connect, origin }) => {
    client.send(ask);
    const cut = await origin();
    await cut.getsHead();
    cut.send(head + frame(5));
    await client.getsNothing();
    cut.end();
    assert.equal(await client.ends(), "", "what is cut early has not begun");

    const second = await connect();
    second.send(ask);
    const whole = await origin();
    await whole.getsHead();
    whole.send(head + frame(5) + "0\r\n\r\n");
    await second.getsHead();
    assert.equal(await second.ends(), "xxxxx");

    const third = await connect();
    third.send(ask);
    await whole.getsHead();
    whole.send(head + frame(20_000));
    await third.getsHead();
    await third.gets("x".repeat(20_000));

    const fourth = await connect();
    fourth.send(ask);
    const feed = await origin();
    await feed.getsHead();
    feed.send(head.replace("\r\n\r\n", "\r\nContent-Type: text/event-stream\r\n\r\n") + frame(5));
    await fourth.getsHead();
    await fourth.gets("xxxxx");
  }, { resets: false });
});
