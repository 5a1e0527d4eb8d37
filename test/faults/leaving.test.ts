/**
 * What the log says of whoever breaks a connection off: in words, not in the system's names.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { headOf, play, within } from "./scene.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
const CHUNK = `8000\r\n${"x".repeat(0x8000)}\r\n`;

describe("who breaks off is told in words", () => {
  const leavings: Record<string, "reset" | "close"> = {
    "resets": "reset",
    // The kernel answers what comes then with a reset.
    "closes": "close",
  };
  for (const [what, how] of Object.entries(leavings)) {
    it(`a client that ${what} within a body has left`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        await client.send(GET);
        const upstream = await within(scene.origin.next(), "a connection to the origin");
        await headOf(upstream);
        await upstream.send(HEAD + CHUNK);
        await within(client.until((text) => text.length > 0x8000), "the body");
        if (how === "reset") client.reset();
        else client.close();
        while (upstream.ending === null) await upstream.send(CHUNK);
        await scene.ended();
        assert.deepEqual(scene.errors, ["The client left"]);
      });
    });
  }

  it("a client that resets before the answer has left", async () => {
    await play({}, async (scene) => {
      const client = await scene.connect();
      await client.send(GET);
      await headOf(await within(scene.origin.next(), "a connection to the origin"));
      client.reset();
      await scene.ended();
      assert.deepEqual(scene.errors, ["The client left"]);
    });
  });

  for (const where of ["a head", "a body"]) {
    it(`an origin that resets within ${where} has reset the connection`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        await client.send(GET);
        const upstream = await within(scene.origin.next(), "a connection to the origin");
        await headOf(upstream);
        if (where === "a body") {
          await upstream.send(HEAD + CHUNK);
          await within(client.until((text) => text.length > 0x8000), "the body");
        }
        upstream.reset();
        await scene.ended();
        assert.deepEqual(scene.errors, ["The origin reset the connection"]);
        client.end();
      });
    });
  }
});
