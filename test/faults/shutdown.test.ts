/** The end of the process under load: what is under way is finished, and nothing new begins. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Command } from "../harness/command.ts";
import { headOf, judged, within } from "./scene.ts";
import { dial, serve, type Wire } from "./wire.ts";

const COUNT = 100;
const PIECE = "x".repeat(4096);
const PIECES = 16;
const HEAD = `HTTP/1.1 200 OK\r\nContent-Length: ${PIECE.length * PIECES}\r\n\r\n`;

/** Sends what is left, a piece of each at a time. */
async function drip(upstreams: readonly Wire[]): Promise<void> {
  for (let piece = 1; piece < PIECES; piece++) {
    await Promise.all(upstreams.map((upstream) => upstream.send(PIECE)));
  }
}

it(`SIGTERM under ${COUNT} slow downloads: all are finished, nobody else is served, and the code is 0`, async () => {
  const origin = await serve();
  await using command = new Command(["-q", "-p", "0", "-m", `reverse:http://127.0.0.1:${origin.port}`]);
  const { port } = await command.ready();
  const clients: Wire[] = [];
  const upstreams: Wire[] = [];
  for (let i = 0; i < COUNT; i++) {
    const client = await dial(port);
    await client.send("GET / HTTP/1.1\r\nHost: proxy\r\n\r\n");
    const upstream = await within(origin.next(), "a connection to the origin");
    await headOf(upstream);
    await upstream.send(HEAD + PIECE);
    clients.push(client);
    upstreams.push(upstream);
  }
  await Promise.all(clients.map(headOf));
  const idle = await dial(port);
  command.kill("SIGTERM");
  // An idle connection is ended at once, which tells that the signal has been heard.
  await within(idle.ended, "the idle connection to end");
  await assert.rejects(dial(port), { code: "ECONNREFUSED" });
  await drip(upstreams);
  const answers = await Promise.all(clients.map((client) => judged(client)));
  for (const { verdict, body } of answers) {
    assert.deepEqual([verdict, body.length], ["whole", PIECE.length * PIECES]);
  }
  const { code } = await within(command.ended, "the command to end", 5_000);
  assert.equal(code, 0);
  await origin.close();
});
