/**
 * The end of a proxy that has answers under way which may have no end: they are waited for or not, as it is told.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Proxy } from "../../lib/proxy.ts";
import { observed } from "../harness/observe.ts";
import { play, settle } from "../harness/playbook.ts";

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: proxy\r\n\r\n`;
const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n";
const FEED = `${chunked}Content-Type: text/event-stream\r\n\r\n6\r\ndata:1\r\n`;
const BODY = `${chunked}\r\n3\r\nfoo\r\n`;

/** Begins to close, and tells whether it is over. */
function closing(proxy: Proxy, cutStreams: boolean): { readonly done: Promise<void>; over: boolean } {
  const state = { done: proxy.close(undefined, { cutStreams }), over: false };
  void state.done.then(() => state.over = true);
  return state;
}

test("cutStreams: a feed of events is cut once the requests have their answers, and what was sent arrives", async () => {
  const { hooks, order } = observed({ responseheaders: (flow) => void (flow.response!.stream = true) });
  await play({ hooks }, async ({ client, connect, origin, proxy, ends }) => {
    client.send(get("/feed"));
    const feed = await origin();
    feed.send(FEED);
    await client.getsHead();
    await client.gets("6\r\ndata:1\r\n");
    const other = await connect();
    other.send(get("/body"));
    const body = await origin();
    body.send(BODY);
    await other.getsHead();
    assert.deepEqual(proxy.work, { requests: 1, streams: 1 });
    const end = closing(proxy, true);
    await client.getsNothing();
    feed.send("6\r\ndata:2\r\n");
    await client.gets("6\r\ndata:2\r\n");
    body.send("0\r\n\r\n");
    await other.gets("3\r\nfoo\r\n0\r\n\r\n");
    other.end();
    assert.equal(await client.ends("end"), "");
    await end.done;
    await feed.ends("reset");
    assert.deepEqual(order.filter((name) => name === "response" || name === "error"), ["response", "error"]);
    assert.deepEqual(ends, [null, "The proxy is closing"]);
    assert.deepEqual(proxy.work, { requests: 0, streams: 0 });
  });
});

test("cutStreams: a request under way whose answer is a feed of events is not waited for", async () => {
  await play({}, async ({ client, origin, proxy }) => {
    client.send(get("/feed"));
    const feed = await origin();
    await feed.getsHead();
    const end = closing(proxy, true);
    await client.getsNothing();
    assert.equal(end.over, false);
    feed.send(FEED);
    await client.getsHead();
    assert.doesNotMatch(await client.ends(), /\r\n0\r\n/);
    await end.done;
  });
});

test("cutStreams: a tunnel is cut", async () => {
  await play({ mode: { kind: "regular" } }, async ({ client, origin, proxy }) => {
    client.send("CONNECT origin.test:80 HTTP/1.1\r\nHost: origin.test:80\r\n\r\n");
    const upstream = await origin();
    await client.getsHead();
    assert.deepEqual(proxy.work, { requests: 0, streams: 1 });
    const end = closing(proxy, true);
    await client.ends("reset");
    await upstream.ends("reset");
    await end.done;
  });
});

test("without cutStreams, a feed of events has its time", async () => {
  await play({}, async ({ client, origin, proxy }) => {
    client.send(get("/feed"));
    const feed = await origin();
    feed.send(FEED);
    await client.getsHead();
    const end = closing(proxy, false);
    await client.gets("6\r\ndata:1\r\n");
    await settle();
    assert.equal(end.over, false);
    feed.send("0\r\n\r\n");
    await client.gets("0\r\n\r\n");
    client.end();
    await end.done;
  });
});
