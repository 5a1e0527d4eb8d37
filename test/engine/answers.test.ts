/**
 * Answers of a script's own: their stages, their trailers, and that each flow ends in exactly one of `response` and
 * `error`, whatever becomes of the body.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Flow } from "../../lib/flow.ts";
import type { Answer } from "../../lib/local-answer.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { append, replace } from "../../transforms/mod.ts";
import { observed } from "../harness/observe.ts";
import { latin1, octets, play, settle } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const chunked = "Transfer-Encoding: chunked\r\n";
const ranges = "Accept-Ranges: none\r\n";

const stages: [string, () => StreamValue, string][] = [
  ["a transform", () => replace("foo", "ba"), "2\r\nba\r\n"],
  ["a list", () => [replace("foo", "ba"), append("!")], "2\r\nba\r\n1\r\n!\r\n"],
  ["a function", () =>
    async function* (body) {
      for await (const chunk of body) yield octets(latin1(chunk).toUpperCase());
    }, "3\r\nFOO\r\n"],
];

/** Ways to give the body. */
const bodies: [string, () => string | ReadableStream<Uint8Array>][] = [
  ["text", () => "foo"],
  ["a stream", () => new Blob(["foo"]).stream()],
];

for (const [bodyName, make] of bodies) {
  for (const [name, stream, expected] of stages) {
    test(`an answer's stream may be ${name}, of ${bodyName}`, async () => {
      const { hooks, order } = observed({
        request: (flow) =>
          void (flow.response = { headers: { ETag: '"a"' }, body: make(), stream: stream() }),
        response: (flow) => assert.equal(flow.response!.body, null),
      });
      await play({ hooks }, async ({ client, ends }) => {
        client.send(GET);
        await client.gets(`HTTP/1.1 200 OK\r\nETag: W/"a"\r\n${ranges}${chunked}\r\n${expected}0\r\n\r\n`);
        await settle();
        assert.deepEqual([order.at(-1), ends], ["response", [null]]);
      });
    });
  }
}

test("a stage may be set on the answer once it is given, and sees pieces of at most chunkSize", async () => {
  const sizes: number[] = [];
  const hooks = [{
    requestheaders: (flow: Flow) => {
      flow.response = { body: "x".repeat(10) };
      flow.response!.stream = {
        transform: (chunk, controller) => {
          sizes.push(chunk.length);
          controller.enqueue(chunk);
        },
      };
    },
  }];
  await play({ hooks, chunkSize: 4 }, async ({ client }) => {
    client.send(GET);
    await client.getsHead();
    await client.gets("4\r\nxxxx\r\n4\r\nxxxx\r\n2\r\nxx\r\n0\r\n\r\n");
    assert.deepEqual(sizes, [4, 4, 2]);
  });
});

test("an answer whose stream is true or false is sent as it is", async () => {
  for (const stream of [true, false]) {
    const hooks = [{ request: (flow: Flow) => void (flow.response = { body: "foo", stream }) }];
    await play({ hooks }, async ({ client }) => {
      client.send(GET);
      await client.gets("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nfoo");
    });
  }
});

const wrong: [string, () => Answer, RegExp][] = [
  ["stream is a number", () => ({ body: "foo", stream: 5 as never }), /stream must be .*: got 5$/],
  ["stream is false, and its body is one", () => ({
    body: new Blob(["foo"]).stream(),
    stream: false,
  }), /Cannot buffer the answer's body as it is a stream: read it/],
];
for (const [name, make, message] of wrong) {
  test(`an answer whose ${name} is a 500 that says why in the log`, async () => {
    const { hooks, order } = observed({ request: (flow) => void (flow.response = make()) });
    await play({ hooks }, async ({ client, ends }) => {
      client.send(GET);
      assert.match(await client.getsHead(), /^HTTP\/1.1 500 /);
      assert.equal(order.at(-1), "error");
      assert.match(ends[0]!, message);
    });
  });
}

test("trailers on an answer are sent behind it in a chunked body", async () => {
  const hooks = [{
    request: (flow: Flow) => {
      flow.response = { body: "foo" };
      flow.response!.trailers = { "X-A": "b" };
    },
  }];
  await play({ hooks }, async ({ client, warnings }) => {
    client.send(GET);
    await client.gets(`HTTP/1.1 200 OK\r\n${chunked}\r\n3\r\nfoo\r\n0\r\nX-A: b\r\n\r\n`);
    assert.deepEqual(warnings, []);
  });
});

/** Where an answer's trailers have no place. */
const trailerless: [string, string, Answer][] = [
  ["an HTTP/1.0 client", "GET / HTTP/1.0\r\nHost: proxy\r\n\r\n", { body: "foo" }],
  ["HEAD", GET.replace("GET", "HEAD"), { body: "foo" }],
  ["204", GET, { status: 204 }],
  ["205", GET, { status: 205 }],
];
for (const [name, request, answer] of trailerless) {
  test(`trailers on an answer to ${name} are warned of`, async () => {
    const { hooks, order } = observed({
      request: (flow) => {
        flow.response = answer;
        flow.response!.trailers = { "X-A": "b" };
      },
    });
    await play({ hooks }, async ({ client, warnings }) => {
      client.send(request);
      assert.doesNotMatch(await client.getsHead(), /chunked/);
      await settle();
      assert.match(warnings.join(), /Trailers were set where the client gets no chunked body/);
      assert.equal(order.at(-1), "response");
    });
  });
}

/** Answers whose stream nobody gets. */
const bodyless: [string, string, number][] = [
  ["HEAD", GET.replace("GET", "HEAD"), 200],
  ["204", GET, 204],
  ["304", GET, 304],
  ["205", GET, 205],
];
for (const [name, request, status] of bodyless) {
  test(`a stream given as answer to ${name} is cancelled, and the flow ends in response`, async () => {
    let cancelled = false;
    const { hooks, order } = observed({
      request: (flow) => {
        const body = new ReadableStream<Uint8Array>({
          cancel: () => {
            cancelled = true;
            // Nobody waits for a source that takes its time.
            return new Promise(() => {});
          },
        });
        flow.response = { status, body };
      },
    });
    await play({ hooks }, async ({ client, ends }) => {
      client.send(request);
      assert.match(await client.getsHead(), new RegExp(`^HTTP/1.1 ${status} `));
      await client.getsNothing();
      assert.deepEqual([cancelled, ends], [true, [null]]);
      assert.deepEqual(order, ["requestheaders", "request", "response"]);
    });
  });
}

test("an answer's stream whose cancel fails is warned of", async () => {
  const hooks = [{
    request: (flow: Flow) => {
      const body = new ReadableStream<Uint8Array>({
        cancel: () => {
          throw new Error("stuck");
        },
      });
      flow.response = { status: 204, body };
    },
  }];
  await play({ hooks }, async ({ client, warnings, ends }) => {
    client.send(GET);
    await client.gets("HTTP/1.1 204 No Content\r\n\r\n");
    await settle();
    assert.match(warnings.join(), /The cancel of an answer's body failed: Error: stuck/);
    assert.deepEqual(ends, [null]);
  });
});
