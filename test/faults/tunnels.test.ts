/**
 * Tunnels that go wrong, by `CONNECT` and by `Upgrade`: what either side does to its connection, the other side sees.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { canReset, headOf, play, type Scene, within } from "./scene.ts";
import type { Wire } from "./wire.ts";

const END = canReset ? "reset" : "end";

/** The two ends of a tunnel. */
interface Tunnel {
  readonly client: Wire;
  readonly origin: Wire;
}

/** How a tunnel is made. */
const openings: Record<string, (scene: Scene) => Promise<Tunnel>> = {
  CONNECT: async ({ connect, origin }) => {
    const client = await connect({ halfOpen: true });
    await client.send(`CONNECT 127.0.0.1:${origin.port} HTTP/1.1\r\nHost: 127.0.0.1:${origin.port}\r\n\r\n`);
    await headOf(client);
    return { client, origin: await within(origin.next(), "a connection to the origin") };
  },
  Upgrade: async ({ connect, origin }) => {
    const client = await connect({ halfOpen: true });
    await client.send(
      `GET http://127.0.0.1:${origin.port}/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`,
    );
    const upstream = await within(origin.next(), "a connection to the origin");
    await headOf(upstream);
    await upstream.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n");
    await headOf(client);
    return { client, origin: upstream };
  },
  SOCKS5: async ({ connect, origin }) => {
    const client = await connect({ halfOpen: true });
    const port = String.fromCharCode(origin.port >> 8, origin.port & 0xff);
    await client.send(`\x05\x01\x00\x05\x01\x00\x01\x7f\x00\x00\x01${port}`);
    await within(client.until((text) => text.length === 12), "the handshake");
    return { client, origin: await within(origin.next(), "a connection to the origin") };
  },
  "CONNECT through an upstream": async ({ connect, origin }) => {
    const client = await connect({ halfOpen: true });
    await client.send("CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\n");
    const upstream = await within(origin.next(), "a connection to the upstream");
    await headOf(upstream);
    await upstream.send("HTTP/1.1 200 OK\r\n\r\n");
    await headOf(client);
    return { client, origin: upstream };
  },
};

for (const [name, open] of Object.entries(openings)) {
  const kind = name === "SOCKS5" ? "socks5" : "regular";
  const options = name.endsWith("upstream") ? { upstream: true } : { mode: { kind } } as const;

  describe(`a tunnel by ${name}`, () => {
    for (const side of ["client", "origin"] as const) {
      /** Opens a tunnel through which something has gone both ways already. */
      const inTunnel = (body: (from: Wire, to: Wire, scene: Scene) => Promise<void>, timeouts = {}) =>
        play({ ...options, origin: { halfOpen: true }, timeouts }, async (scene) => {
          const { client, origin } = await open(scene);
          const [from, to] = side === "client" ? [client, origin] : [origin, client];
          await to.send("hello");
          await within(from.until((text) => text.endsWith("hello")), "what was said");
          await from.send("hello");
          await within(to.until((text) => text.endsWith("hello")), "the answer");
          await body(from, to, scene);
        });

      it(`breaks with a reset of the ${side}`, () =>
        inTunnel(async (from, to, scene) => {
          from.reset();
          assert.equal(await within(to.ended, "the other end"), END);
          to.end();
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        }));

      it(`lets the ${side} end first, and hear on`, () =>
        inTunnel(async (from, to, scene) => {
          await from.send(" bye");
          from.end();
          assert.equal(await within(to.ended, "the other end"), "end");
          assert.ok(to.text.endsWith("hello bye"));
          await to.send(" for long");
          to.end();
          assert.equal(await within(from.ended, "the end"), "end");
          assert.ok(from.text.endsWith("hello for long"));
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["response"]);
        }));

      it(`breaks with a reset of the other side after the ${side} has ended`, () =>
        inTunnel(async (from, to, scene) => {
          from.end();
          assert.equal(await within(to.ended, "the other end"), "end");
          to.reset();
          await within(from.ended, "the end");
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        }));

      it(`takes single octets and pauses of the ${side}`, () =>
        inTunnel(async (from, to) => {
          for (const octet of "0123456789") await from.send(octet);
          await new Promise((resolve) => setTimeout(resolve, 20));
          await from.send("\x00\xff\r\n\r\n");
          await within(to.until((text) => text.endsWith("0123456789\x00\xff\r\n\r\n")), "all of it");
          from.end();
          to.end();
        }));

      it(`ends when the ${side} says nothing, nor the other`, () =>
        inTunnel(async (from, to, scene) => {
          await within(Promise.all([from.ended, to.ended]), "both ends");
          from.end();
          to.end();
          await scene.ended();
          assert.equal(scene.ends.size, 1);
        }, { tunnelMs: 300 }));
    }
  });
}

describe("a tunnel through an upstream that is never made", () => {
  const heads = [
    "",
    "HTTP/1.1",
    "HTTP/1.1 200 OK\r\nX: ",
    "HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nhalf",
  ];
  for (const head of heads) {
    for (const how of ["end", "reset"] as const) {
      it(`as the upstream says ${JSON.stringify(head)} and then ${how}s is a 502`, () =>
        play({ upstream: true }, async (scene) => {
          const client = await scene.connect();
          await client.send("CONNECT far.test:443 HTTP/1.1\r\nHost: far.test:443\r\n\r\nearly");
          const upstream = await within(scene.origin.next(), "a connection to the upstream");
          await headOf(upstream);
          if (head !== "") await upstream.send(head);
          upstream[how]();
          await headOf(client);
          assert.match(client.text, /^HTTP\/1\.1 502 /);
          await scene.ended();
          assert.deepEqual([...scene.ends.values()], ["error"]);
        }));
    }
  }
});
