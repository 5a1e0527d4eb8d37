/**
 * Scripts that go wrong on real sockets: a throw, a rejection, and a promise that never settles, in each hook, at each
 * chunk of a body, at its end, and while it is cancelled. Each ends its own flow and nothing else.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Hooks } from "../../lib/hooks.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { streams } from "../../lib/streams.ts";
import { judge, type Verdict } from "./judge.ts";
import { headOf, judged, play, type Scene, within } from "./scene.ts";
import type { Wire } from "./wire.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const chunks = ["3\r\nabc\r\n", "3\r\ndef\r\n", "3\r\nghi\r\n", "0\r\n\r\n"];
const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const never = new Promise<never>(() => {});
const timeouts = { hookMs: 50 };

/** How a hook goes wrong. */
const failures: Record<string, () => Promise<never>> = {
  throws: () => {
    throw new Error("thrown");
  },
  rejects: () => Promise.reject(new Error("rejected")),
  "never settles": () => never,
};

/** The next flow on the same proxy goes well. */
async function goesOn({ connect, origin }: Scene): Promise<void> {
  const client = await connect();
  await client.send("GET /next HTTP/1.1\r\nHost: proxy\r\n\r\n");
  const upstream = await within(origin.next(), "a connection to the origin");
  await headOf(upstream);
  await upstream.send(OK);
  const { verdict, body } = await judged(client);
  assert.deepEqual([verdict, body], ["whole", "ok"]);
  client.end();
}

/** Makes a hook go wrong, but only for the first flow. */
function once(name: keyof Hooks, fail: () => Promise<never>, rest: Hooks = {}): Hooks {
  return {
    ...rest,
    [name]: (flow: { request: { href: string } }) => flow.request.href.endsWith("/next") ? null : fail(),
  };
}

describe("a hook that goes wrong", () => {
  for (const [how, fail] of Object.entries(failures)) {
    for (const name of ["requestheaders", "request"] as const) {
      it(`${name} ${how}: 500, and the origin hears nothing`, async () => {
        await play({ hooks: [once(name, fail)], timeouts }, async (scene) => {
          const client = await scene.connect();
          await client.send(GET);
          assert.equal((await judged(client)).verdict, 500);
          client.end();
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
          assert.equal(scene.origin.wires.length, 0);
          await goesOn(scene);
        });
      });
    }

    /** What the client gets of a chunked response. */
    const answers: [name: "responseheaders" | "response", stream: boolean, outcome: Verdict][] = [
      ["responseheaders", true, 500],
      ["response", true, "cut"],
      ["response", false, 500],
    ];
    for (const [name, stream, outcome] of answers) {
      it(`${name} of a body that is ${stream ? "streamed" : "buffered"} ${how}: ${outcome}`, async () => {
        const rest: Hooks = { responseheaders: (flow) => void (flow.response!.stream = stream) };
        await play({ hooks: [once(name, fail, rest)], timeouts }, async (scene) => {
          const client = await scene.connect();
          await client.send(GET);
          const upstream = await within(scene.origin.next(), "a connection to the origin");
          await headOf(upstream);
          await upstream.send(CHUNKED + chunks.join(""));
          assert.equal((await judged(client)).verdict, outcome);
          client.end();
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
          await goesOn(scene);
        });
      });
    }

    it(`error ${how}: the client is answered all the same`, async () => {
      await play({ hooks: [once("error", fail)], timeouts }, async (scene) => {
        const client = await scene.connect();
        await client.send(GET);
        const upstream = await within(scene.origin.next(), "a connection to the origin");
        await headOf(upstream);
        upstream.reset();
        assert.equal((await judged(client)).verdict, 502);
        client.end();
        await scene.ended();
        assert.match(scene.warnings.join(), /error hook/);
        await goesOn(scene);
      });
    });
  }
});

/** Calls `fail` at the `at`th call. */
function nth<T>(at: number, fail: () => T): () => T | undefined {
  let count = 0;
  return () => count++ === at ? fail() : undefined;
}

/** What a script may change a body with; `fail` is called for each chunk. */
const changes: Record<string, (fail: () => Promise<never> | undefined) => StreamValue> = {
  "a transform": (fail) => ({
    transform: (chunk, controller) => {
      controller.enqueue(chunk);
      fail();
    },
  }),
  "a function": (fail) =>
    async function* (body) {
      for await (const chunk of body) {
        yield chunk;
        await fail();
      }
    },
  "a pair of streams": (fail) =>
    new streams.TransformStream<Uint8Array, Uint8Array>({
      transform: async (chunk, controller) => {
        controller.enqueue(chunk);
        await fail();
      },
    }),
};

/** A flow whose response is changed by `stream`: sends the chunks one by one, each when the client has the one before. */
async function changed(scene: Scene, seen: (client: Wire, count: number) => Promise<unknown>): Promise<Wire> {
  const client = await scene.connect();
  await client.send(GET);
  const upstream = await within(scene.origin.next(), "a connection to the origin");
  await headOf(upstream);
  await upstream.send(CHUNKED);
  for (const [i, chunk] of chunks.entries()) {
    if (client.ending !== null) break;
    await upstream.send(chunk);
    await seen(client, i + 1);
  }
  return client;
}

/** Waits for as many chunks, or the end. */
function arrived(client: Wire, count: number): Promise<unknown> {
  const wanted = Math.min(9, 3 * count);
  const here = (text: string) => judge(text, null, "response").body.length >= wanted;
  return within(client.until((text) => here(text) || client.ending !== null), `chunk ${count}`);
}

describe("a body that goes wrong", () => {
  for (const [what, change] of Object.entries(changes)) {
    for (const [how, fail] of Object.entries(failures)) {
      // A transform can't wait: what it returns is a mistake that is told at once.
      if (what === "a transform" && how !== "throws") continue;
      for (const at of [0, 1, 2]) {
        it(`in ${what} that ${how} at chunk ${at}: cut`, async () => {
          const hooks: Hooks = {
            responseheaders: (flow) => {
              if (!flow.request.href.endsWith("/next")) flow.response!.stream = change(nth(at, fail));
            },
          };
          await play({ hooks: [hooks], timeouts }, async (scene) => {
            const client = await changed(scene, arrived);
            const { verdict, body } = await judged(client);
            assert.equal(verdict, "cut");
            assert.ok("abcdefghi".startsWith(body) && body.length >= 3 * at, body);
            await scene.ended();
            assert.deepEqual([...scene.ends.values()], ["error"]);
            await within(scene.origin.wires[0]!.closed, "the origin's connection to close");
            await goesOn(scene);
          });
        });
      }
    }
  }

  /** What goes wrong at the end of a body. */
  const endings: Record<string, () => StreamValue> = {
    "a transform's flush that throws": () => ({
      transform: (chunk, controller) => controller.enqueue(chunk),
      flush: () => void failures["throws"]!(),
    }),
    "a function that throws": () =>
      async function* (body) {
        yield* body;
        failures["throws"]!();
      },
    "a function that never ends": () =>
      async function* (body) {
        yield* body;
        await never;
      },
    "a pair's flush that rejects": () =>
      new streams.TransformStream<Uint8Array, Uint8Array>({ flush: () => failures["rejects"]!() }),
    "a pair's flush that never settles": () =>
      new streams.TransformStream<Uint8Array, Uint8Array>({ flush: () => never }),
  };
  for (const [what, change] of Object.entries(endings)) {
    it(`at its end, in ${what}: cut`, async () => {
      const hooks: Hooks = {
        responseheaders: (flow) => {
          if (!flow.request.href.endsWith("/next")) flow.response!.stream = change();
        },
      };
      await play({ hooks: [hooks], timeouts }, async (scene) => {
        const client = await changed(scene, arrived);
        const { verdict, body } = await judged(client);
        assert.deepEqual([verdict, body], ["cut", "abcdefghi"]);
        await scene.ended();
        assert.deepEqual([...scene.ends.values()], ["error"]);
        await within(scene.origin.wires[0]!.closed, "the origin's connection to close");
        await goesOn(scene);
      });
    });
  }

  /** What goes wrong when a body is cancelled. */
  const cancellings: Record<string, () => StreamValue> = {
    "a transform's cancel that throws": () => ({
      transform: (chunk, controller) => controller.enqueue(chunk),
      cancel: () => void failures["throws"]!(),
    }),
    "a function whose finally throws": () =>
      async function* (body) {
        try {
          yield* body;
        } finally {
          failures["throws"]!();
        }
      },
    "a function whose finally never ends": () =>
      async function* (body) {
        try {
          yield* body;
        } finally {
          await never;
        }
      },
    "a stream whose cancel rejects": () => (body) => {
      const reader = body.getReader();
      return new streams.ReadableStream<Uint8Array>({
        pull: async (controller) => controller.enqueue((await reader.read()).value!),
        cancel: () => failures["rejects"]!(),
      });
    },
    "a stream whose cancel never settles": () => (body) => {
      const reader = body.getReader();
      return new streams.ReadableStream<Uint8Array>({
        pull: async (controller) => controller.enqueue((await reader.read()).value!),
        cancel: () => never,
      });
    },
  };
  for (const [what, change] of Object.entries(cancellings)) {
    for (const side of ["client", "origin"] as const) {
      it(`when the ${side} goes, in ${what}: only this flow ends`, async () => {
        const hooks: Hooks = {
          responseheaders: (flow) => {
            if (!flow.request.href.endsWith("/next")) flow.response!.stream = change();
          },
        };
        await play({ hooks: [hooks], timeouts }, async (scene) => {
          const client = await scene.connect();
          await client.send(GET);
          const upstream = await within(scene.origin.next(), "a connection to the origin");
          await headOf(upstream);
          await upstream.send(CHUNKED + chunks[0]!);
          await arrived(client, 1);
          const [gone, other] = side === "client" ? [client, upstream] : [upstream, client];
          gone.reset();
          await within(other.closed, "the other side's connection to close");
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
          if (what.startsWith("a transform")) {
            assert.match(scene.warnings.join(), /cancel of a transform failed.*thrown/);
          }
          await goesOn(scene);
        });
      });
    }
  }
});
