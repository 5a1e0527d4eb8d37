/**
 * Connections that can't be made, that were closed while they waited, and readers that don't read.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { treating, treatmentNames } from "./messages.ts";
import { headOf, judged, play, type Scene, within } from "./scene.ts";
import { serve, type Wire } from "./wire.ts";

const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
  const server = await serve();
  const { port } = server;
  await server.close();
  return port;
}

describe("a connection that can't be made", () => {
  /** Places that can't be reached; a label of 64 octets is no name, which is found out without asking anybody. */
  const places: Record<string, () => Promise<string>> = {
    "is refused": async () => `127.0.0.1:${await closedPort()}`,
    "has no name": () => Promise.resolve(`${"x".repeat(64)}.invalid:80`),
  };
  for (const [what, place] of Object.entries(places)) {
    const requests: Record<string, (at: string) => string> = {
      "GET": (at) => `GET http://${at}/ HTTP/1.1\r\nHost: ${at}\r\n\r\n`,
      "POST": (at) => `POST http://${at}/ HTTP/1.1\r\nHost: ${at}\r\nContent-Length: 2\r\n\r\nno`,
      "CONNECT": (at) => `CONNECT ${at} HTTP/1.1\r\nHost: ${at}\r\n\r\n`,
    };
    for (const [method, request] of Object.entries(requests)) {
      it(`as it ${what} is a 502 to ${method}`, async () => {
        await play({ mode: { kind: "regular" } }, async (scene) => {
          const client = await scene.connect();
          await client.send(request(await place()));
          assert.equal((await judged(client)).verdict, 502);
          client.end();
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        });
      });
    }
  }
});

describe("a kept connection", () => {
  /** Serves one request, so that the connection to the origin is kept. */
  async function first(scene: Scene, client: Wire): Promise<Wire> {
    await client.send("GET /first HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await within(scene.origin.next(), "a connection to the origin");
    await headOf(upstream);
    await upstream.send(OK);
    await judged(client);
    client.text = "";
    return upstream;
  }

  const closings: Record<string, (wire: Wire) => void> = {
    "ends": (wire) => wire.end(),
    "is reset": (wire) => wire.reset(),
    "talks out of turn": (wire) => void wire.send("HTTP/1.1 408 Request Timeout\r\n\r\n"),
  };
  for (const [what, close] of Object.entries(closings)) {
    it(`that ${what} while it waits is not used again`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        const kept = await first(scene, client);
        close(kept);
        await within(kept.closed, "the kept connection to close");
        await client.send("GET /second HTTP/1.1\r\nHost: proxy\r\n\r\n");
        const fresh = await within(scene.origin.next(), "a second connection");
        await headOf(fresh);
        await fresh.send(OK);
        assert.equal((await judged(client)).body, "ok");
        client.end();
      });
    });
  }

  for (const [what, close] of Object.entries(closings)) {
    it(`that ${what} as an upload comes is not used for it`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        const kept = await first(scene, client);
        kept.text = "";
        const sent = client.send("POST /second HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nhi");
        close(kept);
        await sent;
        const fresh = await within(scene.origin.next(), "a second connection");
        await headOf(fresh);
        await fresh.send(OK);
        assert.equal((await judged(client)).body, "ok");
        assert.equal(kept.text, "");
        client.end();
      });
    });
  }

  for (const [what, close] of Object.entries(closings).slice(0, 2)) {
    it(`that ${what} under a GET is replaced, without the client's noticing`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        const kept = await first(scene, client);
        kept.text = "";
        await client.send("GET /second HTTP/1.1\r\nHost: proxy\r\n\r\n");
        await headOf(kept);
        close(kept);
        const fresh = await within(scene.origin.next(), "a second connection");
        await headOf(fresh);
        await fresh.send(OK);
        const { verdict, body } = await judged(client);
        assert.deepEqual([verdict, body], ["whole", "ok"]);
        client.end();
        assert.deepEqual([...scene.ends.values()], ["response", "response"]);
      });
    });

    it(`that ${what} under a POST is a 502, as it may have been served`, async () => {
      await play({}, async (scene) => {
        const client = await scene.connect();
        const kept = await first(scene, client);
        kept.text = "";
        await client.send("POST /second HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\nhi");
        await judged(kept, "request");
        close(kept);
        assert.equal((await judged(client)).verdict, 502);
        client.end();
        assert.equal(scene.origin.wires.length, 1);
      });
    });
  }
});

const BLOCK = "x".repeat(64 * 1024);
const FRAME = `10000\r\n${BLOCK}\r\n`;

/** Sends without end, as fast as the other end takes it. */
async function flood(wire: Wire, text: string): Promise<void> {
  while (wire.ending === null) await wire.send(text);
}

describe("a client that doesn't read", () => {
  const heads: Record<string, [head: string, block: string]> = {
    "content-length": ["HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n", BLOCK],
    chunked: ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", FRAME],
    "close-delimited": ["HTTP/1.1 200 OK\r\n\r\n", BLOCK],
  };
  for (const [kind, [head, block]] of Object.entries(heads)) {
    for (const treatment of treatmentNames.filter((name) => name !== "buffered")) {
      it(`a ${kind} response, ${treatment}, is cut off`, async () => {
        await play({ hooks: [treating(treatment)], timeouts: { writeMs: 50 } }, async (scene) => {
          const client = await scene.connect({ paused: true });
          await client.send("GET / HTTP/1.1\r\nHost: proxy\r\n\r\n");
          const upstream = await within(scene.origin.next(), "a connection to the origin");
          await headOf(upstream);
          await upstream.send(head);
          await within(flood(upstream, block), "the origin to be cut off");
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
          client.resume();
          assert.equal((await judged(client)).verdict, "cut");
        });
      });
    }
  }

  it("a tunnel is cut off", async () => {
    await play({ mode: { kind: "regular" }, timeouts: { writeMs: 50 } }, async (scene) => {
      const place = `127.0.0.1:${scene.origin.port}`;
      const client = await scene.connect({ paused: true });
      await client.send(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
      const upstream = await within(scene.origin.next(), "a connection to the origin");
      await within(flood(upstream, BLOCK), "the origin to be cut off");
      await scene.ended();
      assert.deepEqual([...scene.ends.values()], ["error"]);
      client.reset();
    });
  });
});

describe("an origin that doesn't read", () => {
  for (const treatment of treatmentNames.filter((name) => name !== "buffered")) {
    it(`an upload, ${treatment}, is a 504`, async () => {
      const options = { hooks: [treating(treatment)], origin: { paused: true }, timeouts: { writeMs: 50 } };
      await play(options, async (scene) => {
        const client = await scene.connect();
        await client.send("POST / HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n");
        const upstream = await within(scene.origin.next(), "a connection to the origin");
        void flood(client, FRAME);
        assert.equal((await judged(client)).verdict, 504);
        await scene.ended();
        assert.deepEqual([...scene.ends.values()], ["error"]);
        upstream.reset();
      });
    });
  }
});
