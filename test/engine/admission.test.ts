/**
 * How many clients may be connected: in total, where a listener can stop accepting and where it can't, and from one
 * address.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { advance } from "../../lib/clock.ts";
import { defaultTimeouts } from "../../lib/timeouts.ts";
import { SocketError } from "../../lib/errors.ts";
import { play, settle, type Stage, type WireEnd } from "../harness/playbook.ts";

const GET = "GET / HTTP/1.1\r\nHost: proxy\r\n\r\n";
// So that each flow gets an origin of its own.
const NO_CONTENT = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
const REFUSED = /^HTTP\/1.1 503 Service Unavailable\r\n[^]*Retry-After: 5\r\nConnection: close\r\n/;

/** A client whose request is under way at the origin. */
async function busy({ connect, origin }: Stage): Promise<{ client: WireEnd; upstream: WireEnd }> {
  const client = await connect();
  client.send(GET);
  const upstream = await origin();
  await upstream.getsHead();
  return { client, upstream };
}

// The stage has a client of its own, which is idle and new: with these limits there is room for two more.
const limits = { connectionCount: 3 };

test("full: who comes waits, unanswered, until somebody leaves", async () => {
  await play({ limits }, async (stage) => {
    const first = await busy(stage);
    await busy(stage);
    const late = await stage.connect();
    late.send(GET);
    await late.getsNothing();
    first.client.end();
    first.upstream.send(NO_CONTENT);
    await first.client.ends();
    const upstream = await stage.origin();
    await upstream.getsHead();
    upstream.send(NO_CONTENT);
    assert.match(await late.getsHead(), /^HTTP\/1.1 204 /);
  });
});

test("full: answers say close, so that there is room again", async () => {
  await play({ limits }, async (stage) => {
    const first = await busy(stage);
    await busy(stage);
    first.upstream.send(NO_CONTENT);
    assert.match(await first.client.getsHead(), /\r\nConnection: close\r\n/);
    await first.client.ends("end");
    first.client.end();
    await busy(stage);
  });
});

test("full: a connection that is only kept for a next request makes room; a new one doesn't", async () => {
  await play({ limits }, async (stage) => {
    const kept = await busy(stage);
    kept.upstream.send(NO_CONTENT);
    await kept.client.getsHead();
    await settle();
    const second = await stage.connect();
    assert.equal(await kept.client.ends("end"), "");
    second.send(GET);
    await (await stage.origin()).getsHead();
    await stage.client.getsNothing();
  });
});

test("full, where a listener can't stop accepting: a 503 that says when to come back", async () => {
  await play({ limits }, async (stage) => {
    await busy(stage);
    const { client, upstream } = await busy(stage);
    const late = await stage.connect();
    await late.getsNothing();
    late.send(GET);
    assert.match(await late.getsHead(), REFUSED);
    assert.match(await late.ends("end"), /\nCannot take one more connection as there are too many\n$/);
    upstream.send(NO_CONTENT);
    await client.getsHead();
    client.end();
    await client.ends("end");
    await settle();
    await busy(stage);
  }, { canPause: false });
});

test("full: one that says nothing is not told for ever, and only so many are told", async () => {
  const few = { connectionCount: 1, refusalCount: 1 };
  await play({ limits: few }, async (stage) => {
    const silent = await stage.connect();
    const one = await stage.connect();
    await one.ends("reset");
    advance(defaultTimeouts.lingerMs + 1000);
    assert.equal(await silent.ends("end"), "");
    await settle();
    const other = await stage.connect();
    other.send(GET);
    assert.match(await other.getsHead(), REFUSED);
  }, { canPause: false });
});

test("one client has its share, others have theirs", async () => {
  await play({ limits: { clientConnectionCount: 2 } }, async (stage) => {
    stage.network.source = "192.0.2.1";
    const first = await busy(stage);
    await busy(stage);
    const third = await stage.connect();
    third.send(GET);
    assert.match(await third.getsHead(), REFUSED);
    assert.match(await third.ends("end"), /\nCannot take one more connection as this client has too many\n$/);
    stage.network.source = "192.0.2.2";
    await busy(stage);
    first.client.end();
    first.upstream.send(NO_CONTENT);
    await first.client.ends("end");
    await settle();
    stage.network.source = "192.0.2.1";
    await busy(stage);
  });
});

test("the default share is 256, and leaves out loopback addresses", async () => {
  await play({}, async (stage) => {
    const open = async (count: number) => {
      for (let i = 0; i < count; i++) await stage.connect();
    };
    const statusOf = async () => {
      const end = await stage.connect();
      end.send("GET * HTTP/1.1\r\nHost: x\r\n\r\n");
      return (await end.getsHead()).slice(9, 12);
    };
    await open(300);
    assert.equal(await statusOf(), "400");
    stage.network.source = "192.0.2.1";
    await open(255);
    assert.equal(await statusOf(), "400");
    await open(1);
    assert.equal(await statusOf(), "503");
  });
});

test("a share that is asked for holds for loopback addresses too", async () => {
  await play({ limits: { clientConnectionCount: 1 } }, async ({ connect }) => {
    const second = await connect();
    second.send(GET);
    assert.match(await second.getsHead(), REFUSED);
  });
});

test("a want of descriptors for the origin is a 503", async () => {
  await play({}, async ({ client, network }) => {
    network.failure = new SocketError("exhausted", "Cannot connect to origin.test:80: EMFILE");
    client.send(GET);
    assert.match(await client.getsHead(), /^HTTP\/1.1 503 Service Unavailable\r\n[^]*Retry-After: 5\r\n/);
    network.failure = null;
  });
});
