/**
 * Readers that stop: how much the proxy takes from the other side all the same, and what each of them costs. What the
 * kernel holds is not the proxy's; /proc/net/tcp tells how much that is.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, it } from "node:test";
import { BLOCK, Flood, type FloodOrigin, get, request, startFloods } from "./flood.ts";
import { kernelBytes, KiB, MiB, residentBytes, settled, told } from "./measure.ts";
import { type Change, startProxy } from "./proxy.ts";

const ENDLESS = 2 ** 50;
const changes: readonly Change[] = ["pass", "transform", "function"];

/** The most that the proxy may hold of one body. */
const MOST_HELD = MiB;
/** How many readers stop at a time, and the most that each may cost. */
const STALLED = 30;
const MOST_COST = 3 * MiB;

describe("a client that stops reading", () => {
  for (const change of changes) {
    it(`holds the origin back, and costs little memory: ${change}`, async (t) => {
      const origin = await startFloods(ENDLESS);
      await using proxy = await startProxy(origin.port);
      const [only] = await stall(proxy.port, change, origin, 1) as [Stalled];
      const inKernel = kernelBytes(origin.port, only.flood.socket.remotePort!) +
        kernelBytes(proxy.port, only.client.localPort!);
      const held = only.flood.taken - inKernel - only.client.readableLength;
      t.diagnostic(
        `${told(only.flood.taken)} left the origin, ${told(inKernel)} are in the kernel: ${
          told(held)
        } in the proxy`,
      );
      assert.ok(inKernel > 100 * KiB, `the kernel has a share: ${told(inKernel)}`);
      assert.ok(held < MOST_HELD, `${told(held)} are in the proxy`);
      const before = residentBytes(proxy.pid);
      const more = await stall(proxy.port, change, origin, STALLED);
      const cost = (residentBytes(proxy.pid) - before) / STALLED;
      t.diagnostic(`${told(cost)} of memory for each of ${STALLED} clients that have stopped reading`);
      assert.ok(cost < MOST_COST, `${told(cost)} each`);
      for (const { client } of [only, ...more]) client.destroy();
      await origin.close();
    });
  }
});

interface Stalled {
  readonly client: Socket;
  readonly flood: Flood;
}

/** Starts as many downloads that nobody reads, and waits until nothing moves any more. */
async function stall(port: number, change: Change, origin: FloodOrigin, count: number): Promise<Stalled[]> {
  const stalled: Stalled[] = [];
  for (let i = 0; i < count; i++) {
    stalled.push({ client: await request(port, get(`/${change}`)), flood: await origin.next() });
  }
  await settled(() => stalled.reduce((sum, { flood }) => sum + flood.taken, 0));
  return stalled;
}

describe("an origin that stops reading", () => {
  for (const change of changes) {
    it(`holds the client back: ${change}`, async (t) => {
      const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      await using proxy = await startProxy(port);
      const accepted = once(server, "connection");
      const client = await request(proxy.port, "");
      const frame = new Uint8Array(BLOCK.length + 8);
      frame.set(new TextEncoder().encode("4000\r\n"));
      frame.set(BLOCK, 6);
      frame.set([13, 10], frame.length - 2);
      const head = `POST /${change} HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked\r\n\r\n`;
      const flood = new Flood(client, head, ENDLESS, () => frame);
      const [upstream] = await accepted as [Socket];
      const taken = await settled(() => flood.taken);
      const inKernel = kernelBytes(client.localPort!, proxy.port) + kernelBytes(upstream.remotePort!, port);
      const held = taken - inKernel - upstream.readableLength;
      t.diagnostic(
        `${told(taken)} left the client: ${told(inKernel)} is in the kernel, ${told(held)} in the proxy`,
      );
      assert.ok(held < MOST_HELD, `${told(held)} are in the proxy`);
      client.destroy();
      upstream.destroy();
      server.close();
    });
  }
});
