import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FusedPath } from "../../lib/fused-path.ts";
import type { Outlet } from "../../lib/path.ts";
import { pipeline } from "../../lib/pipeline.ts";
import { transformResponse } from "../../lib/transform-response.ts";
import { compose, type Controller, replace, sseText, type Transform } from "../../transforms/mod.ts";
import { run } from "../harness/splits.ts";

const encoder = new TextEncoder();

/** What a second use breaks shows in the constructor, or, in workerd, when the stream is read. */
async function emptyBody(transform: Transform): Promise<void> {
  const { readable, writable } = new TransformStream(transform);
  writable.close().catch(() => {}); // the reader is told as well
  await readable.getReader().read();
}

describe("a transform is for one body", () => {
  const again = {
    name: "TypeError",
    message: /must be for one body: it has had another; make one for each body/,
  };
  const body = () => new Blob(["x"]).stream();
  const uses: readonly (readonly [name: string, use: (transform: Transform) => unknown])[] = [
    ["in a chain", (transform) => compose(transform)],
    ["in a TransformStream", emptyBody],
    ["as a pair", (transform) => transform.readable],
    ["in a pipeline", (transform) => pipeline(body(), [transform])],
    ["in a chain of a pipeline", (transform) => pipeline(body(), [transform, replace("c", "d")])],
    ["in a response", (transform) => transformResponse(new Response("x"), [transform])],
    [
      "on the engine's path",
      (transform) => new FusedPath(transform, 1, { sendData() {} } as unknown as Outlet),
    ],
  ];
  for (const [name, use] of uses) {
    it(`so a second use ${name} is refused`, async () => {
      for (const [, first] of uses) {
        const transform = replace("ab", "x");
        await first(transform);
        if (first === use && name === "as a pair") continue;
        await assert.rejects(async () => await use(transform), again);
      }
    });
  }

  it("or for one text", () => {
    const shared = replace("ab", "x");
    const text = (index: number) =>
      encoder.encode(`data: {"choices":[{"index":${index},"delta":{"content":"a"}}]}\n\n`);
    const transform = sseText("llm", () => shared);
    run(transform, [text(0)]);
    assert.throws(() => run(sseText("llm", () => shared), [text(0)]), again);
  });

  it("but an object of one's own, of which nothing is known, may be for many", () => {
    const own = { transform: (chunk: Uint8Array, controller: Controller) => controller.enqueue(chunk) };
    for (let i = 0; i < 2; i++) assert.ok(pipeline(body(), [own, compose(own)]));
  });

  it("and drops what it holds of a body that is cancelled", () => {
    const transform = replace("ab", "x");
    const out: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void out.push(chunk), terminate() {} };
    transform.transform(Uint8Array.of(0x61), controller);
    transform.cancel?.(new Error("gone"));
    transform.flush?.(controller);
    assert.deepEqual(out, []);
  });
});
