/**
 * Responses that go wrong: every fault of an origin while it sends, and of a client while it reads, in every kind of
 * message, whatever is done to the body on the way.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FaultName, faults } from "./faults.ts";
import { BODY, HALF, responses, treated, treating, type Treatment, treatmentNames } from "./messages.ts";
import { canReset, headOf, judged, play, type Scene, within } from "./scene.ts";
import type { Wire } from "./wire.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";

const atOnce = Promise.resolve();

type StageName = keyof typeof responses;
const stageNames = Object.keys(responses) as readonly StageName[];

/** What the client gets: all, a part that doesn't look like all, or a status. */
type Outcome = "whole" | "cut" | 502 | 504;

/** Where the head is still here when the fault is noticed, a cut is a status. */
const sending: Record<FaultName, Record<StageName, Outcome>> = {
  //              head          Content-Length            chunked             until the end
  reset: { head: 502, "content-length": "cut", chunked: "cut", "close-delimited": "cut" },
  "half-close": { head: 502, "content-length": "cut", chunked: "cut", "close-delimited": "whole" },
  stall: { head: 504, "content-length": "cut", chunked: "cut", "close-delimited": "cut" },
  garbage: { head: 502, "content-length": "whole", chunked: "cut", "close-delimited": "whole" },
  slices: { head: "whole", "content-length": "whole", chunked: "whole", "close-delimited": "whole" },
  latency: { head: "whole", "content-length": "whole", chunked: "whole", "close-delimited": "whole" },
};

/** What a client that gets all gets, where that isn't the body. */
const otherBodies: Partial<Record<FaultName, Partial<Record<StageName, string>>>> = {
  "half-close": { "close-delimited": HALF },
  garbage: { "close-delimited": `${BODY}\x00\x01rubbish` },
};

function outcomeOf(fault: FaultName, stage: StageName, treatment: Treatment): Outcome {
  const outcome = sending[fault][stage];
  if (outcome !== "cut" || treatment !== "buffered") return outcome;
  return fault === "stall" ? 504 : 502;
}

/** Sends a request, and waits until the origin has it. */
async function ask({ connect, origin }: Scene): Promise<{ client: Wire; upstream: Wire }> {
  const client = await connect();
  await client.send(GET);
  const upstream = await within(origin.next(), "a connection to the origin");
  await headOf(upstream);
  return { client, upstream };
}

for (const name of Object.keys(faults) as FaultName[]) {
  describe(`an origin's ${name}`, () => {
    for (const stage of stageNames) {
      for (const treatment of treatmentNames) {
        const outcome = outcomeOf(name, stage, treatment);
        it(`in a ${stage} response, ${treatment}: ${outcome}`, async () => {
          const { send, timeouts = {} } = faults[name];
          await play({ hooks: [treating(treatment)], timeouts }, async (scene) => {
            const { client, upstream } = await ask(scene);
            const visible = stage !== "head" && treatment !== "buffered";
            const seen = () =>
              visible ? within(client.until((text) => text.includes(HALF)), "a half") : atOnce;
            await send(upstream, responses[stage], seen);
            const { verdict, body } = await judged(client);
            assert.equal(verdict, outcome);
            await scene.ended();
            assert.deepEqual([...scene.ends.values()], [outcome === "whole" ? "response" : "error"]);
            const whole = otherBodies[name]?.[stage] ?? BODY;
            if (outcome === "whole") {
              assert.equal(body, treatment === "transformed" ? whole.replace("89a", "***") : whole);
            } else {
              await within(upstream.closed, "the origin's connection to close");
            }
            if (outcome === "cut") assert.equal(body.slice(0, HALF.length), HALF);
            client.end();
          });
        });
      }
    }
  });
}

describe("a client's reset", () => {
  for (const stage of stageNames) {
    for (const treatment of treatmentNames) {
      it(`in a ${stage} response, ${treatment}, aborts the origin`, async () => {
        await play({ hooks: [treating(treatment)] }, async (scene) => {
          const { client, upstream } = await ask(scene);
          await upstream.send(responses[stage].message.slice(0, responses[stage].at));
          if (stage !== "head" && treatment !== "buffered") await client.until((text) => text.includes(HALF));
          client.reset();
          assert.equal(
            await within(upstream.ended, "the origin's connection to end"),
            canReset ? "reset" : "end",
          );
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        });
      });
    }
  }
});

describe("a client's half-close", () => {
  for (const stage of stageNames) {
    for (const treatment of treatmentNames) {
      it(`in a ${stage} response, ${treatment}, changes nothing`, async () => {
        await play({ hooks: [treating(treatment)] }, async (scene) => {
          const { client, upstream } = await ask(scene);
          const { message, at } = responses[stage];
          await upstream.send(message.slice(0, at));
          client.end();
          await upstream.send(message.slice(at));
          upstream.end();
          const { verdict, body } = await judged(client);
          assert.deepEqual([verdict, body], ["whole", treated(treatment)]);
          assert.deepEqual([...scene.ends.values()], ["response"]);
        });
      });
    }
  }
});

describe("a client's garbage", () => {
  for (const stage of stageNames) {
    it(`in a ${stage} response is refused after it`, async () => {
      await play({}, async (scene) => {
        const { client, upstream } = await ask(scene);
        const { message, at } = responses[stage];
        await upstream.send(message.slice(0, at));
        await client.send("\x00\x01\r\n\r\n");
        await upstream.send(message.slice(at));
        upstream.end();
        await within(client.ended, "the client's connection to end");
        const { verdict, rest } = await judged(client);
        assert.equal(verdict, "whole");
        assert.match(rest, /^HTTP\/1\.1 400 Bad Request\r\n/);
        assert.deepEqual([...scene.ends.values()], ["response"]);
      });
    });
  }
});

describe("a response to HTTP/1.0, until the end of the connection", () => {
  // Where there is no reset, the beginning of such a body is held back: what fails early shows by its missing.
  for (const name of ["reset", "stall"] as const) {
    it(`shows an origin's ${name} by ${canReset ? "a reset" : "sending nothing of it"}`, async () => {
      const { send, timeouts = {} } = faults[name];
      await play({ timeouts }, async (scene) => {
        const client = await scene.connect();
        await client.send("GET / HTTP/1.0\r\nHost: proxy\r\n\r\n");
        const upstream = await scene.origin.next();
        await headOf(upstream);
        const seen = () => canReset ? within(client.until((text) => text.includes(HALF)), "a half") : atOnce;
        await send(upstream, responses["close-delimited"], seen);
        const ending = await within(client.ended, "the client's connection to end");
        const body = client.text.split("\r\n\r\n")[1] ?? "";
        assert.deepEqual([ending, body], canReset ? ["reset", HALF] : ["end", ""]);
        await scene.ended();
        assert.deepEqual([...scene.ends.values()], ["error"]);
      });
    });
  }
});
