/**
 * What a script puts into a tunnel: `flow.tunnel` takes what `stream` takes, one direction at a time.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compose, makeTransform, replace } from "../../transforms/mod.ts";
import type { Flow } from "../../lib/flow.ts";
import type { Hooks } from "../../lib/hooks.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { observed, spied } from "../harness/observe.ts";
import { latin1, octets, ORIGIN, play, settle, type Stage, type WireEnd } from "../harness/playbook.ts";

interface Ends {
  readonly client: WireEnd;
  readonly origin: WireEnd;
}

/** Both kinds of tunnels: which hook sets the values, and how it is opened. */
const kinds: Record<
  string,
  { hook: "requestheaders" | "responseheaders"; open: (stage: Stage) => Promise<Ends> }
> = {
  CONNECT: {
    hook: "requestheaders",
    async open({ client, origin }) {
      client.send(`CONNECT ${ORIGIN}:80 HTTP/1.1\r\nHost: ${ORIGIN}:80\r\n\r\n`);
      const upstream = await origin();
      await client.getsHead();
      return { client, origin: upstream };
    },
  },
  Upgrade: {
    hook: "responseheaders",
    async open({ client, origin }) {
      client.send(`GET http://${ORIGIN}/ HTTP/1.1\r\nHost: o\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n`);
      const upstream = await origin();
      await upstream.getsHead();
      upstream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      await client.getsHead();
      return { client, origin: upstream };
    },
  },
};

async function* shouted(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield octets(latin1(chunk).toUpperCase());
}

function pair(): TransformStream<Uint8Array, Uint8Array> {
  return new TransformStream(replace("o", "0"));
}

/** Values, and what becomes of "foo." and, in another piece, "bar.". */
const values: readonly (readonly [name: string, value: () => StreamValue, first: string, second: string])[] =
  [
    ["true", () => true, "foo.", "bar."],
    ["an empty list", () => [], "foo.", "bar."],
    ["a transform", () => replace("o", "0"), "f00.", "bar."],
    ["a list", () => [replace("o", "0"), replace("00.", "-")], "f-", "bar."],
    ["a function", () => shouted, "FOO.", "BAR."],
    ["a list of all kinds", () => [replace("f", "g"), shouted, replace("A", "E")], "GOO.", "BER."],
  ];

for (const [kind, { hook, open }] of Object.entries(kinds)) {
  describe(`the streams of a tunnel by ${kind}`, () => {
    for (const side of ["toServer", "toClient"] as const) {
      const tunnelled = (
        value: StreamValue,
        script: (ends: Ends & { from: WireEnd; to: WireEnd }, stage: Stage) => Promise<void>,
        more: Hooks = {},
      ) => {
        const set = (flow: Flow) => void (flow.tunnel![side] = value);
        const hooks = [...observed().hooks, { ...more, [hook]: set }];
        return play({ mode: { kind: "regular" }, hooks }, async (stage) => {
          const ends = await open(stage);
          const [from, to] = side === "toServer" ? [ends.client, ends.origin] : [ends.origin, ends.client];
          await script({ ...ends, from, to }, stage);
        });
      };

      for (const [name, value, first, second] of values) {
        it(`${side} goes through ${name}, and the other direction doesn't`, () =>
          tunnelled(value(), async ({ from, to }, { ends }) => {
            from.send("foo.");
            await to.gets(first);
            to.send("foo.");
            await from.gets("foo.");
            from.send("bar.");
            await to.gets(second);
            from.end();
            assert.equal(await to.ends("end"), "");
            to.end();
            assert.equal(await from.ends("end"), "");
            await settle();
            assert.deepEqual(ends, [null]);
          }));
      }

      it(`${side} goes through a pair of streams`, () =>
        tunnelled(pair(), async ({ from, to }) => {
          from.send("foo.");
          await to.gets("f00.");
        }));

      it(`${side} gets what is held back at its end`, () =>
        tunnelled(replace("foobar", "-"), async ({ from, to }) => {
          from.send("foo");
          await to.getsNothing();
          from.end();
          assert.equal(await to.ends("end"), "foo");
          to.end();
          await from.ends("end");
        }));

      it(`${side} finds what two pieces have between them`, () =>
        tunnelled(compose(replace("foobar", "-")), async ({ from, to }) => {
          from.send("foo");
          from.send("bar.");
          await to.gets("-.");
        }));

      it(`${side} ends early where a transform ends it, and the other direction goes on`, () => {
        const once = makeTransform({
          transform(chunk, controller) {
            controller.enqueue(chunk);
            controller.terminate();
          },
        });
        return tunnelled(once, async ({ from, to }) => {
          from.send("foo.");
          assert.equal(await to.ends("end"), "foo.");
          to.send("on.");
          await from.gets("on.");
        });
      });

      it(`${side} breaks the tunnel where a transform throws`, () => {
        const failing = makeTransform({
          transform: () => {
            throw new Error("no more");
          },
        });
        return tunnelled(failing, async ({ from, to }, { ends }) => {
          from.send("foo.");
          assert.equal(await to.ends("reset"), "");
          await from.ends("reset");
          await settle();
          assert.deepEqual(ends, ["no more"]);
        });
      });

      it(`${side} tells a transform that the tunnel is broken`, () => {
        const { transform, calls } = spied({ transform: (chunk, controller) => controller.enqueue(chunk) });
        return tunnelled(transform, async ({ from, to }) => {
          from.send("foo.");
          await to.gets("foo.");
          from.socket.abort();
          await to.ends("reset");
          await settle();
          assert.deepEqual(calls, ["4", "cancel"]);
        });
      });
    }

    for (const value of [false, null, 7, "text"] as const) {
      it(`can't be ${String(value)}: that is a 500`, async () => {
        const hooks = [{ [hook]: (flow: Flow) => void (flow.tunnel!.toServer = value as never) }];
        await play({ mode: { kind: "regular" }, hooks }, async (stage) => {
          await assert.rejects(open(stage).then(({ client }) => client.gets("never")));
          assert.match(stage.client.received, /^HTTP\/1\.1 500 /);
        });
      });
    }
  });
}

describe("a flow that is no tunnel", () => {
  it("has none", async () => {
    const seen: unknown[] = [];
    const note = ({ tunnel }: Flow) => void seen.push(tunnel);
    await play({ hooks: [{ requestheaders: note, responseheaders: note }] }, async ({ client, origin }) => {
      client.send("GET / HTTP/1.1\r\nHost: o\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      (await origin()).send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      await client.getsHead();
      assert.deepEqual(seen, [null, null]);
    });
  });

  it("changes no tunnel by its stream", async () => {
    const hooks = [{
      requestheaders: (flow: Flow) => void (flow.request.stream = replace("o", "0")),
      responseheaders: (flow: Flow) => void (flow.response!.stream = replace("o", "0")),
    }];
    await play({ mode: { kind: "regular" }, hooks }, async (stage) => {
      const { client, origin } = await kinds["Upgrade"]!.open(stage);
      client.send("foo");
      await origin.gets("foo");
      origin.send("foo");
      await client.gets("foo");
    });
  });
});
