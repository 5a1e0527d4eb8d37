/** Many connections at a time, half of them slow: all are served, and what a slow one costs is told. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { it } from "node:test";
import { judged, within } from "../faults/scene.ts";
import { dial, type Wire } from "../faults/wire.ts";
import { startOrigin } from "../harness/web.ts";
import { KiB, residentBytes, told } from "./measure.ts";
import { startProxy } from "./proxy.ts";

const SLOW = 1_000;
const QUICK = 1_000;
const REQUESTS = 3;
const PIECE = "x".repeat(1024);
const PIECES = 4;
/** The most that a slow download may cost: two sockets, a flow, a transform, and the heap's slack. */
const MOST = 160 * KiB;

it(`${SLOW} slow downloads and ${QUICK} quick clients at a time`, async (t) => {
  const held: ServerResponse[] = [];
  const origin = await startOrigin((request, response) => {
    if (request.url !== "/transform") return void response.end(PIECE);
    response.writeHead(200, { "Content-Length": PIECE.length * PIECES }).write(PIECE);
    held.push(response);
  });
  await using proxy = await startProxy(Number(new URL(origin.url).port));
  // What the first requests cost stays with the process, and is nobody's in particular.
  await serveQuick(proxy.port, 100);
  const before = residentBytes(proxy.pid);
  const slow = await inBatches(SLOW, async () => {
    const client = await dial(proxy.port);
    await client.send("GET /transform HTTP/1.1\r\nHost: proxy\r\n\r\n");
    await within(client.until((text) => text.includes(PIECE)), "the first piece");
    return client;
  });
  assert.equal(held.length, SLOW);
  const cost = (residentBytes(proxy.pid) - before) / SLOW;
  t.diagnostic(`${told(cost)} of memory for each of ${SLOW} slow downloads`);
  assert.ok(cost < MOST, `${told(cost)} each`);
  await serveQuick(proxy.port, QUICK);
  assert.ok(slow.every(({ ending }) => ending === null));
  for (let piece = 1; piece < PIECES; piece++) for (const response of held) response.write(PIECE);
  for (const response of held) response.end();
  for (const client of slow) {
    const { verdict, body } = await judged(client);
    assert.deepEqual([verdict, body.length], ["whole", PIECE.length * PIECES]);
    client.end();
  }
  assert.deepEqual(await proxy.end(), {
    code: 0,
    stdout: `sluice listening on http://127.0.0.1:${proxy.port}\n`,
    stderr: "",
  });
  await origin.close();
});

/** Connects all the quick clients, then serves each of them a few requests, one round after the other. */
async function serveQuick(port: number, count: number): Promise<void> {
  const clients = await inBatches(count, () => dial(port));
  for (let round = 0; round < REQUESTS; round++) {
    await Promise.all(clients.map((client) => client.send("GET /pass HTTP/1.1\r\nHost: proxy\r\n\r\n")));
    for (const client of clients) {
      const { verdict, body } = await judged(client);
      assert.deepEqual([verdict, body], ["whole", PIECE]);
      client.text = "";
    }
  }
  for (const client of clients) client.end();
}

/** Does something many times, a hundred at a time: a listener's backlog is not what is tried here. */
async function inBatches(count: number, one: () => Promise<Wire>): Promise<Wire[]> {
  const all: Wire[] = [];
  while (all.length < count) all.push(...await Promise.all(Array.from({ length: 100 }, one)));
  return all;
}
