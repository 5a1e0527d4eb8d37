/**
 * What scripts can do to a flow, at each hook, and that each flow ends in exactly one of `response` and `error`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { Answer } from "../../lib/local-answer.ts";
import { type HookName, hookNames, type Hooks } from "../../lib/hooks.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { ContentCoding } from "../../lib/codings.ts";
import { KilledError, ScriptError } from "../../lib/errors.ts";
import { observed } from "../harness/observe.ts";
import { latin1, octets, ORIGIN, originAt, play, settle } from "../harness/playbook.ts";

const GET = "GET /a?b HTTP/1.1\r\nHost: proxy\r\n\r\n";
const via = "Via: 1.1 sluice\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const ended = (order: string[]) => order.filter((name) => name === "response" || name === "error");
const passing = ["requestheaders", "request", "responseheaders", "response"] as const;

test("hooks run in order, each script in turn, and are waited for", async () => {
  const order: string[] = [];
  const script = (name: string): Hooks =>
    Object.fromEntries(
      hookNames.map((hook) => [hook, async () => {
        await new Promise((resolve) => setTimeout(resolve, 0));
        order.push(`${name} ${hook}`);
      }]),
    );
  await play({ hooks: [script("a"), script("b")] }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    await upstream.getsHead();
    assert.deepEqual(order, ["a requestheaders", "b requestheaders", "a request", "b request"]);
    upstream.send(OK);
    await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}\r\nok`);
    assert.deepEqual(order, passing.flatMap((hook) => [`a ${hook}`, `b ${hook}`]));
  });
});

test("each hook gets the flow and the toolkit", async () => {
  const seen: unknown[] = [];
  const hooks = [{
    responseheaders: (flow: Flow, toolkit: { replace: unknown }) => {
      seen.push(typeof toolkit.replace, flow.request.method, flow.request.url.href, flow.request.version);
      seen.push(flow.response!.status, flow.response!.reason, flow.client.address.port > 0);
      seen.push(flow.server!.address.host, flow.error, flow.signal.aborted);
    },
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(OK);
    await client.getsHead();
    assert.deepEqual(seen, [
      "function",
      "GET",
      `http://${ORIGIN}/a?b`,
      "1.1",
      200,
      "OK",
      true,
      ORIGIN,
      null,
      false,
    ]);
  });
});

for (const name of passing) {
  test(`a throw in ${name} is answered with 500 and ends in error`, async () => {
    let error: Error | null = null;
    const { hooks, order } = observed({
      [name]: () => {
        throw new Error("secret");
      },
      error: (flow: Flow) => void (error = flow.error),
    });
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(GET);
      if (name.startsWith("response")) (await origin()).send(OK);
      await client.gets(
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 26\r\n" +
          "\r\n500 Internal Server Error\n",
      );
      await client.getsNothing();
      assert.ok(error !== null && (error as Error) instanceof ScriptError);
      assert.equal(order.at(-1), "error");
      assert.deepEqual(ends, [`The ${name} hook failed: secret`]);
    });
  });

  test(`kill() in ${name} breaks both connections off`, async () => {
    let error: unknown = null;
    const { hooks, order } = observed({
      [name]: (flow: Flow) => flow.kill(),
      error: (flow: Flow) => void (error = flow.error),
    });
    await play({ hooks }, async ({ client, origin, originCount, ends }) => {
      client.send(GET);
      if (name.startsWith("response")) {
        const upstream = await origin();
        upstream.send(OK);
        await client.ends("reset");
        await upstream.ends("reset");
      } else {
        await client.ends("reset");
        assert.equal(originCount(), 0);
      }
      await settle();
      assert.equal(client.received, "");
      assert.ok(error instanceof KilledError);
      assert.equal(order.at(-1), "error");
      assert.equal(ends.length, 1);
    });
  });
}

test("a throw in error is warned of", async () => {
  const hooks = [{
    error: () => {
      throw new Error("twice");
    },
  }];
  await play({ hooks }, async ({ client, origin, warnings }) => {
    client.send(GET);
    (await origin()).end();
    assert.match(await client.getsHead(), /^HTTP\/1.1 502 /);
    assert.deepEqual(warnings, ["ScriptError: The error hook failed: twice"]);
  });
});

test("kill() while a body streams breaks both connections off, and aborts the signal", async () => {
  const flows: Flow[] = [];
  const { hooks, order } = observed({
    responseheaders: (flow) => {
      flow.response!.stream = true;
      flows.push(flow);
    },
  });
  await play({ hooks }, async ({ client, origin, ends }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfoo");
    await client.getsHead();
    await client.gets("foo");
    assert.equal(flows[0]!.signal.aborted, false);
    flows[0]!.kill();
    await client.ends("reset");
    await upstream.ends("reset");
    await settle();
    assert.ok(flows[0]!.signal.reason instanceof KilledError);
    assert.deepEqual(ended(order), ["error"]);
    assert.equal(ends.length, 1);
  });
});

test("kill() after the end does nothing", async () => {
  const flows: Flow[] = [];
  const hooks = [{ response: (flow: Flow) => void flows.push(flow) }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    upstream.send(OK);
    await client.getsHead();
    await client.gets("ok");
    await settle();
    flows[0]!.kill();
    client.send(GET);
    await settle();
    upstream.send(OK);
    await client.getsHead();
    await client.gets("ok");
  });
});

test("the signal aborts when the client goes, while a hook waits for it", async () => {
  for (const name of passing) {
    const { hooks, order } = observed({
      [name]: (flow: Flow) => new Promise((resolve) => flow.signal.addEventListener("abort", resolve)),
    });
    await play({ hooks }, async ({ client, origin, ends }) => {
      client.send(GET);
      if (name.startsWith("response")) (await origin()).send(OK);
      await settle();
      client.socket.abort();
      await settle();
      assert.equal(order.at(-1), "error", name);
      assert.equal(ends.length, 1);
    });
  }
});

/** Answers of a script, and what the client gets of them behind the status line. */
const answers: [string, () => Answer, string][] = [
  ["parts", () => ({ status: 403, body: "no" }), "403 Forbidden\r\nContent-Length: 2\r\n\r\nno"],
  ["nothing", () => ({}), "200 OK\r\nContent-Length: 0\r\n\r\n"],
  ["bytes", () => ({ body: octets("hi") }), "200 OK\r\nContent-Length: 2\r\n\r\nhi"],
  [
    "text that isn't ASCII",
    () => ({ headers: { "Content-Type": "text/plain" }, body: "ü" }),
    "200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n\xc3\xbc",
  ],
  [
    "repeated fields",
    () => ({ headers: [["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]] }),
    "200 OK\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n",
  ],
  [
    "a Response",
    () => new Response("hi", { status: 201, statusText: "Made", headers: { "Content-Type": "a/b" } }),
    "201 Made\r\ncontent-type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
  ],
  ["a Response without a body", () => new Response(null, { status: 204 }), "204 No Content\r\n\r\n"],
  [
    "a stream",
    () => ({
      headers: { "ETag": '"a"', "Content-Length": "9" },
      body: new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(octets("foo"));
          controller.enqueue(octets("bar"));
          controller.close();
        },
      }),
    }),
    '200 OK\r\nETag: "a"\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nfoo\r\n3\r\nbar\r\n0\r\n\r\n',
  ],
  ["304", () => ({ status: 304, body: "no" }), "304 Not Modified\r\n\r\n"],
  [
    "wrong framing fields",
    () => ({
      headers: { "Content-Length": "99", "Transfer-Encoding": "gzip", "Connection": "x" },
      body: "hi",
    }),
    "200 OK\r\nContent-Length: 2\r\n\r\nhi",
  ],
];

for (const name of ["requestheaders", "request", "responseheaders", "response"] as const) {
  for (const [kind, make, expected] of answers) {
    test(`${name} answers with ${kind}`, async () => {
      const { hooks, order } = observed({ [name]: (flow: Flow) => void (flow.response = make()) });
      await play({ hooks }, async ({ client, origin, originCount, ends }) => {
        client.send(GET);
        if (name.startsWith("response")) (await origin()).send(OK);
        await client.gets(`HTTP/1.1 ${expected}`);
        await client.getsNothing();
        if (name.startsWith("request")) assert.equal(originCount(), 0);
        assert.deepEqual(ended(order), ["response"]);
        assert.deepEqual(ends, [null]);
      });
    });
  }
}

test("a HEAD that a script answers gets the length, and no body", async () => {
  const hooks = [{ request: (flow: Flow) => void (flow.response = { body: "hello" }) }];
  await play({ hooks }, async ({ client }) => {
    client.send("HEAD / HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await client.gets("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    await client.getsNothing();
  });
});

/** Ways to a 205 that would have a body. */
const resets: [string, Hooks][] = [
  ["an answer", { request: (flow) => void (flow.response = { status: 205, body: "no" }) }],
  ["an answer's stream", {
    request: (flow) => void (flow.response = { status: 205, body: new Blob(["no"]).stream() }),
  }],
  ["the responseheaders hook", { responseheaders: (flow) => reset(flow.response!) }],
  ["the response hook", { response: (flow) => reset(flow.response!) }],
];

function reset(response: { status: number; reason: string }): void {
  response.status = 205;
  response.reason = "Reset Content";
}

for (const [name, hooks] of resets) {
  test(`a 205 by ${name} has no body`, async () => {
    await play({ hooks: [hooks] }, async ({ client, origin }) => {
      client.send(GET);
      if (!("request" in hooks)) (await origin()).send(OK);
      const head = await client.getsHead();
      assert.match(head, /^HTTP\/1.1 205 Reset Content\r\n/);
      assert.match(head, /\r\nContent-Length: 0\r\n/);
      await client.getsNothing();
    });
  });
}

test("the response hook may change an answer", async () => {
  const hooks = [{
    request: (flow: Flow) => void (flow.response = { body: "hello" }),
    response: (flow: Flow) => {
      flow.response!.headers.set("X-A", "b");
      flow.response!.text = "hi";
    },
  }];
  await play({ hooks }, async ({ client }) => {
    client.send(GET);
    await client.gets("HTTP/1.1 200 OK\r\nX-A: b\r\nContent-Length: 2\r\n\r\nhi");
  });
});

test("an answer's stream that fails is cut, one that nobody reads is cancelled", async () => {
  let cancelled = false;
  const { hooks, order } = observed({
    request: (flow) => {
      const failing = flow.request.url.pathname === "/fail";
      flow.response = {
        body: new ReadableStream<Uint8Array>({
          start: (controller) => controller.enqueue(octets("foo")),
          pull: (controller) => failing ? controller.error(new Error("gone")) : undefined,
          cancel: () => void (cancelled = true),
        }),
      };
    },
  });
  await play({ hooks }, async ({ client, connect }) => {
    client.send("GET /fail HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await client.getsHead();
    assert.doesNotMatch(await client.ends(), /0\r\n\r\n/);
    assert.deepEqual(ended(order), ["error"]);
    const other = await connect();
    other.send(GET);
    await other.getsHead();
    await other.gets("3\r\nfoo\r\n");
    other.socket.abort();
    await settle();
    assert.ok(cancelled);
    assert.deepEqual(ended(order), ["error", "error"]);
  });
});

test("an answer before the upload is read keeps the connection if the rest is small", async () => {
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.response = { status: 403 }) }];
  await play({ hooks }, async ({ client }) => {
    client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 6\r\n\r\nfoo");
    await client.gets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    client.send("barGET / HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await client.gets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
  });
});

test("an answer before a large upload is read ends the connection", async () => {
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.response = { status: 403 }) }];
  await play({ hooks, limits: { drainBytes: 4 } }, async ({ client }) => {
    client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 1000\r\n\r\nfoo");
    await client.gets("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    client.send("bar");
    assert.equal(await client.ends("end"), "");
  });
});

/** What a hook may not set; the error names it. */
const refused: [string, (flow: Flow) => void, RegExp][] = [
  ["a field value with a line break", (flow) => flow.request.headers.set("X", "a\r\nY: b"), /the field X/],
  ["a field name with a space", (flow) => flow.request.headers.set("X Y", "a"), /token/],
  [
    "an answer's field with a line break",
    (flow) => void (flow.response = { headers: { X: "a\nb" } }),
    /the field X/,
  ],
  ["an answer of status 101", (flow) => void (flow.response = { status: 101 }), /200 to 599: got 101/],
  ["an answer of status 99", (flow) => void (flow.response = { status: 99 }), /200 to 599: got 99/],
  ["a method with a space", (flow) => void (flow.request.method = "GET /x"), /token/],
  ["another scheme", (flow) => void (flow.request.url = new URL("ftp://h/")), /http or https/],
  [
    "a URL that is none",
    (flow) => void (flow.request.url = "nowhere"),
    /URL must be absolute: got "nowhere"/,
  ],
];

for (const [name, act, message] of refused) {
  test(`a hook may not set ${name}`, async () => {
    const { hooks, order } = observed({ request: act });
    await play({ hooks }, async ({ client, ends }) => {
      client.send(GET);
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
      assert.match(ends[0] ?? "", message);
      assert.deepEqual(ended(order), ["error"]);
    });
  });
}

test("a reason with a line break is refused", async () => {
  const { hooks, order } = observed({ response: (flow) => void (flow.response!.reason = "a\r\nX: b") });
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(OK);
    assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
    assert.equal(order.filter((hook) => hook === "response").length, 1);
  });
});

test("method and fields may be changed", async () => {
  const hooks = [{
    requestheaders: ({ request }: Flow) => {
      request.method = "POST";
      request.headers.set("X-Old", "2");
      request.headers.append("X-New", "3");
      request.headers.delete("X-Gone");
    },
    responseheaders: ({ response }: Flow) => {
      response!.status = 201;
      response!.reason = "Fine";
      response!.headers = new HeaderList([["X-Only", "1"]]);
    },
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send("GET / HTTP/1.1\r\nHost: proxy\r\nx-old: 1\r\nX-Gone: 1\r\nx-kept: 1\r\n\r\n");
    const upstream = await origin();
    await upstream.gets(
      `POST / HTTP/1.1\r\nHost: ${ORIGIN}\r\nx-old: 2\r\nx-kept: 1\r\nX-New: 3\r\n${via}\r\n`,
    );
    upstream.send(OK);
    await client.gets(`HTTP/1.1 201 Fine\r\nX-Only: 1\r\n${via}Content-Length: 2\r\n\r\nok`);
  });
});

for (const name of ["requestheaders", "request"] as const) {
  test(`the URL may be assigned, or changed in place, in ${name}`, async () => {
    const hooks = [{
      [name]: ({ request }: Flow) => {
        if (request.url.pathname === "/move") request.url = `http://${ORIGIN}:8080/moved?x#y`;
        else request.url.pathname = "/b c";
      },
    }];
    await play({ hooks }, async ({ client, origin, network }) => {
      client.send(GET);
      const upstream = await origin();
      await upstream.gets(`GET /b%20c?b HTTP/1.1\r\nHost: ${ORIGIN}\r\n${via}\r\n`);
      upstream.send(OK);
      await client.getsHead();
      await client.gets("ok");
      const moved = originAt(network, ORIGIN, 8080);
      client.send("GET /move HTTP/1.1\r\nHost: proxy\r\n\r\n");
      await (await moved).gets(`GET /moved?x HTTP/1.1\r\nHost: ${ORIGIN}:8080\r\n${via}\r\n`);
    });
  });
}

test("a target that nobody changes goes on byte for byte", async () => {
  const hooks = [{ requestheaders: ({ request }: Flow) => void request.url.href }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send("GET /a/../b/%7e%zz?x=[1]&y='\"|{} HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await origin();
    await upstream.gets(`GET /a/../b/%7e%zz?x=[1]&y='"|{} HTTP/1.1\r\n`);
  });
});

/** A coding that turns bytes around. */
const reversed: ContentCoding = {
  decode: (bytes) => bytes.toReversed(),
  encode: (bytes) => bytes.toReversed(),
  decoder: () => new TransformStream({ transform: (chunk, out) => out.enqueue(chunk.toReversed()) }),
  encoder: () => new TransformStream({ transform: (chunk, out) => out.enqueue(chunk.toReversed()) }),
};

test("text is in the body's charset; what is assigned is UTF-8, and its length is set", async () => {
  const seen: unknown[] = [];
  const hooks = [{
    response: ({ response }: Flow) => {
      seen.push(response!.text);
      response!.text = `${response!.text}€`;
      seen.push(response!.text, latin1(response!.body!));
    },
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(
      "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=iso-8859-1\r\nContent-Length: 1\r\n\r\n\xfc",
    );
    await client.gets(
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\nAccept-Ranges: none\r\n` +
        `${via}\r\n\xc3\xbc\xe2\x82\xac`,
    );
    assert.deepEqual(seen, ["ü", "ü€", "\xc3\xbc\xe2\x82\xac"]);
  });
});

test("body and text undo the content codings, rawBody and rawStream don't", async () => {
  const seen: unknown[] = [];
  const hooks = [{
    response: ({ response }: Flow) => {
      seen.push(response!.text, latin1(response!.rawBody!));
      response!.text = "xyz";
      seen.push(latin1(response!.rawBody!));
    },
  }];
  const codings = new Map([["reversed", reversed]]);
  await play({ hooks, codings }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send("HTTP/1.1 200 OK\r\nContent-Encoding: Reversed\r\nContent-Length: 3\r\n\r\nabc");
    await client.getsHead();
    await client.gets("zyx");
    assert.deepEqual(seen, ["cba", "abc", "zyx"]);
  });
});

test("a transform gets decoded bytes, and its output is encoded again", async () => {
  const seen: string[] = [];
  const hooks = [{
    responseheaders: ({ response }: Flow) =>
      void (response!.stream = {
        transform(chunk, out) {
          seen.push(latin1(chunk));
          out.enqueue(octets(`${latin1(chunk)}!`));
        },
      }),
  }];
  await play({ hooks, codings: new Map([["reversed", reversed]]) }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send(
      "HTTP/1.1 200 OK\r\nContent-Encoding: reversed\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    await client.getsHead();
    await client.gets("4\r\n!abc\r\n3\r\n!de\r\n0\r\n\r\n");
    assert.deepEqual(seen, ["cba", "ed"]);
  });
});

test("a body that is set before it is here is warned of, and changes nothing", async () => {
  const hooks = [{
    requestheaders: ({ request }: Flow) => void (request.body = octets("lost")),
    responseheaders: ({ response }: Flow) => {
      response!.text = "lost";
      response!.rawBody = octets("lost");
    },
    response: () => {},
  }];
  const fields = 'ETag: "1"\r\nContent-Type: text/plain; charset=latin1\r\n';
  await play({ hooks }, async ({ client, origin, warnings }) => {
    client.send("POST /up HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nup");
    const upstream = await origin();
    await upstream.getsHead();
    await upstream.gets("up");
    upstream.send(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nok`);
    await client.gets(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n${via}\r\nok`);
    assert.equal(warnings.length, 2);
    for (const warning of warnings) assert.match(warning, /assigned to before it was here/);
  });
});

test("a body in an unknown coding is null, and becomes plain when it is assigned", async () => {
  const seen: unknown[] = [];
  const hooks = [{
    response: ({ response }: Flow) => {
      seen.push(response!.body, response!.text, latin1(response!.rawBody!));
      response!.text = "plain";
    },
  }];
  await play({ hooks }, async ({ client, origin }) => {
    client.send(GET);
    (await origin()).send("HTTP/1.1 200 OK\r\nContent-Encoding: martian\r\nContent-Length: 3\r\n\r\nabc");
    await client.gets(
      `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nAccept-Ranges: none\r\n${via}\r\nplain`,
    );
    assert.deepEqual(seen, [null, null, "abc"]);
  });
});

test("a flow keeps the scripts that it began with", async () => {
  let version = 1;
  const seen: string[] = [];
  const script = (name: string): Hooks =>
    Object.fromEntries(hookNames.map((hook: HookName) => [hook, () => void seen.push(`${name} ${hook}`)]));
  await play({ hooks: () => [script(`v${version}`)] }, async ({ client, origin }) => {
    client.send(GET);
    const upstream = await origin();
    await upstream.getsHead();
    version = 2;
    upstream.send(OK);
    await client.getsHead();
    await client.gets("ok");
    client.send(GET);
    await upstream.getsHead();
    upstream.send(OK);
    await client.getsHead();
    assert.deepEqual(seen, [
      ...passing.map((hook) => `v1 ${hook}`),
      ...passing.map((hook) => `v2 ${hook}`),
    ]);
  });
});

const locked = new Response("a");
locked.body!.getReader();

/** What a script may get wrong, while there still is a head to say so. */
const mistakes: [string, (flow: Flow) => void, RegExp][] = [
  ["no answer", (flow) => void (flow.response = null as never), /answer must be a Response or .*: got null/],
  ["a number", (flow) => void (flow.response = 5 as never), /answer must be a Response or .*: got 5/],
  [
    "an object as a body",
    (flow) => void (flow.response = { body: {} as never }),
    /ReadableStream: got object/,
  ],
  ["a body that is locked", (flow) => void (flow.response = locked), /must be unread: it is locked/],
  ["text as bytes", (flow) => void (flow.response!.body = "a" as never), /must be a Uint8Array: got string/],
  ["no bytes", (flow) => void (flow.response!.rawBody = null as never), /must be a Uint8Array: got null/],
];

for (const [what, mistake, message] of mistakes) {
  test(`the response hook fails that sets ${what}`, async () => {
    const errors: string[] = [];
    const hooks = [{ response: mistake, error: (flow: Flow) => void errors.push(flow.error!.message) }];
    await play({ hooks }, async ({ client, origin }) => {
      client.send(GET);
      (await origin()).send(OK);
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
      assert.equal(errors.length, 1);
      assert.match(errors[0]!, message);
    });
  });
}

test("the head of an answer that streams goes out before its first chunk comes", async () => {
  const body = new ReadableStream<Uint8Array>();
  const hooks = [{ requestheaders: (flow: Flow) => void (flow.response = { body }) }];
  await play({ hooks }, async ({ client }) => {
    client.send(GET);
    await client.gets("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
  });
});
