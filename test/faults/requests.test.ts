/**
 * Requests that go wrong: every fault of a client while it sends, and of an origin while it reads, in every kind of
 * message, whatever is done to the body on the way. An origin never sees a whole request that wasn't.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FaultName, faults } from "./faults.ts";
import { judge, type Verdict } from "./judge.ts";
import { BODY, HALF, requests, treated, treating, treatmentNames } from "./messages.ts";
import { canReset, headOf, judged, play, within } from "./scene.ts";
import type { Wire } from "./wire.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

type StageName = keyof typeof requests;
const stageNames = Object.keys(requests) as readonly StageName[];

/** What the client gets. */
const sending: Record<FaultName, Record<StageName, Verdict>> = {
  reset: { head: "nothing", "content-length": "nothing", chunked: "nothing" },
  "half-close": { head: 400, "content-length": 400, chunked: 400 },
  stall: { head: 408, "content-length": 408, chunked: 408 },
  garbage: { head: 400, "content-length": "whole", chunked: 400 },
  slices: { head: "whole", "content-length": "whole", chunked: "whole" },
  latency: { head: "whole", "content-length": "whole", chunked: "whole" },
};

/** Answers a request that comes whole. */
async function answerWhole(origin: Promise<Wire>): Promise<void> {
  const upstream = await origin;
  const { verdict } = await judged(upstream, "request");
  if (verdict === "whole") await upstream.send(OK);
}

for (const name of Object.keys(faults) as FaultName[]) {
  describe(`a client's ${name}`, () => {
    for (const stage of stageNames) {
      for (const treatment of treatmentNames) {
        const outcome = sending[name][stage];
        it(`in a ${stage} request, ${treatment}: ${outcome}`, async () => {
          const { send, timeouts = {} } = faults[name];
          await play({ hooks: [treating(treatment)], timeouts }, async (scene) => {
            const begun = stage !== "head";
            const streams = begun && treatment !== "buffered";
            const client = await scene.connect();
            const upstream = scene.origin.next();
            if (outcome === "whole") void answerWhole(upstream);
            const seen = async () => {
              if (!streams) return;
              const reader = await within(upstream, "a connection to the origin");
              await within(reader.until((text) => text.includes(HALF)), "a half");
            };
            await send(client, requests[stage], seen);
            assert.equal((await judged(client)).verdict, outcome);
            client.end();
            const { wires } = scene.origin;
            if (outcome === "whole") {
              await scene.ended();
              assert.deepEqual([...scene.ends.values()], ["response"]);
              assert.equal(wires.length, 1);
              const { verdict, body } = judge(wires[0]!.text, null, "request");
              assert.deepEqual([verdict, body], ["whole", treated(treatment)]);
              return;
            }
            if (begun) await scene.ended();
            assert.deepEqual([...scene.ends.values()], begun ? ["error"] : []);
            assert.equal(wires.length, streams ? 1 : 0);
            for (const wire of wires) {
              await within(wire.closed, "the origin's connection to close");
              assert.equal(judge(wire.text, wire.ending, "request").verdict, "cut");
            }
          });
        });
      }
    }
  });
}

/** How an origin fails while it gets a request, and what the client is told. */
const failures: Record<string, { act: (wire: Wire) => void; status: number }> = {
  reset: { act: (wire) => wire.reset(), status: 502 },
  "half-close": { act: (wire) => wire.end(), status: 502 },
  garbage: { act: (wire) => void wire.send("\x00\x01\r\n\r\n"), status: 502 },
};

for (const [name, { act, status }] of Object.entries(failures)) {
  describe(`an origin's ${name}`, () => {
    for (const stage of ["content-length", "chunked"] as const) {
      for (const treatment of treatmentNames.filter((each) => each !== "buffered")) {
        it(`in a ${stage} request, ${treatment}: ${status}`, async () => {
          await play({ hooks: [treating(treatment)] }, async (scene) => {
            const client = await scene.connect();
            const { message, at } = requests[stage];
            await client.send(message.slice(0, at));
            const upstream = await within(scene.origin.next(), "a connection to the origin");
            await within(upstream.until((text) => text.includes(HALF)), "a half");
            act(upstream);
            assert.equal((await judged(client)).verdict, status);
            client.end();
            await within(upstream.closed, "the origin's connection to close");
            await scene.ended();
            assert.deepEqual([...scene.ends.values()], ["error"]);
          });
        });
      }
    }

    for (const treatment of treatmentNames) {
      it(`behind a whole request, ${treatment}: ${status}`, async () => {
        await play({ hooks: [treating(treatment)] }, async (scene) => {
          const client = await scene.connect();
          await client.send(requests.chunked.message);
          const upstream = await within(scene.origin.next(), "a connection to the origin");
          await judged(upstream, "request");
          act(upstream);
          assert.equal((await judged(client)).verdict, status);
          client.end();
          await within(upstream.closed, "the origin's connection to close");
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        });
      });
    }
  });
}

describe("an origin's stall", () => {
  for (const treatment of treatmentNames) {
    it(`behind a whole request, ${treatment}: 504`, async () => {
      await play({ hooks: [treating(treatment)], timeouts: { originMs: 50 } }, async (scene) => {
        const client = await scene.connect();
        await client.send(requests.chunked.message);
        assert.equal((await judged(client)).verdict, 504);
        client.end();
        await scene.ended();
        assert.deepEqual([...scene.ends.values()], ["error"]);
        await within((await scene.origin.next()).closed, "the origin's connection to close");
      });
    });
  }
});

describe("an origin that answers early", () => {
  for (const stage of ["content-length", "chunked"] as const) {
    it(`a ${stage} request, and goes, is heard`, async () => {
      await play({ hooks: [treating("passed")] }, async (scene) => {
        const client = await scene.connect();
        const { message, at } = requests[stage];
        await client.send(message.slice(0, at));
        const upstream = await within(scene.origin.next(), "a connection to the origin");
        await headOf(upstream);
        await upstream.send(
          "HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\nno",
        );
        upstream.end();
        const { verdict, body } = await judged(client);
        assert.deepEqual([verdict, body], [413, "no"]);
        client.end();
        await scene.ended();
        assert.deepEqual([...scene.ends.values()], ["response"]);
      });
    });
  }
});

describe("a client's reset", () => {
  it("while it waits for the answer aborts the origin", async () => {
    await play({ hooks: [treating("passed")] }, async (scene) => {
      const client = await scene.connect();
      await client.send(requests.chunked.message);
      const upstream = await within(scene.origin.next(), "a connection to the origin");
      const { body } = await judged(upstream, "request");
      assert.equal(body, BODY);
      client.reset();
      assert.equal(await within(upstream.ended, "the origin's connection"), canReset ? "reset" : "end");
      await scene.ended();
      assert.deepEqual([...scene.ends.values()], ["error"]);
    });
  });
});
