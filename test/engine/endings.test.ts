/**
 * What those who watch a body hear of its end: that it came whole, that the client left, or that something failed.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hooks } from "../../lib/hooks.ts";
import type { Transform } from "../../transforms/mod.ts";
import { tap, tapUsage } from "../../transforms/mod.ts";
import { play, settle } from "../harness/playbook.ts";
import type { WireEnd } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
const HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

/** How a body may end, by what one of the two does. */
const endings: [string, "complete" | "cancelled" | "failed", (client: WireEnd, origin: WireEnd) => void][] = [
  ["comes whole", "complete", (_, origin) => void origin.send("0\r\n\r\n")],
  ["is left by the client", "cancelled", (client) => client.socket.abort()],
  ["is cut by the origin's end", "failed", (_, origin) => origin.end()],
  ["is cut by the origin's reset", "failed", (_, origin) => origin.socket.abort()],
  ["is cut by a broken frame", "failed", (_, origin) => void origin.send("x\r\n")],
];

const watchers: [string, (told: string[]) => Transform][] = [
  ["tap", (told) => tap({ end: (how) => void told.push(how) })],
  ["tapUsage", (told) => tapUsage(({ how }) => void told.push(how))],
];

for (const [watcher, watch] of watchers) {
  for (const [name, wanted, act] of endings) {
    for (const kind of ["transform", "stream"] as const) {
      test(`${watcher} hears "${wanted}" of a body that ${name}, in a ${kind}`, async () => {
        const told: string[] = [];
        const hooks: Hooks = {
          responseheaders: (flow) => {
            const transform = watch(told);
            flow.response!.stream = kind === "transform" ? transform : (body) => body.pipeThrough(transform);
          },
        };
        await play({ hooks: [hooks] }, async ({ client, origin }) => {
          client.send(GET);
          const upstream = await origin();
          upstream.send(`${HEAD}3\r\nfoo\r\n`);
          await client.getsHead();
          await client.gets("3\r\nfoo\r\n");
          act(client, upstream);
          await settle();
          assert.deepEqual(told, [wanted]);
        });
      });
    }
  }

  test(`${watcher} hears "failed" of an upload that the client leaves`, async () => {
    const told: string[] = [];
    const hooks: Hooks = { requestheaders: (flow) => void (flow.request.stream = watch(told)) };
    await play({ hooks: [hooks] }, async ({ client, origin }) => {
      client.send("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 9\r\n\r\nfoo");
      await (await origin()).getsHead();
      client.socket.abort();
      await settle();
      assert.deepEqual(told, ["failed"]);
    });
  });
}
