/** What clients do in the soak: what they should, and everything else. Each scene tells what came of it. */
import assert from "node:assert/strict";
import { gunzipSync } from "node:zlib";
import { judged, within } from "../faults/scene.ts";
import { dial, type Wire } from "../faults/wire.ts";
import { bodyOf, type Kind, type Origin } from "./soak-origin.ts";

/** Chance that can be had again. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** A number from 0 up to `below`. */
  roll(below: number): number {
    this.#state = Math.imul(this.#state, 1664525) + 1013904223 | 0;
    return (this.#state >>> 8) % below;
  }

  /** One of several. */
  pick<T>(choices: readonly T[]): T {
    return choices[this.roll(choices.length)]!;
  }
}

/** Who is talked to. */
export interface Places {
  /** The proxy's port. */
  readonly proxy: number;
  /** The origin. */
  readonly origin: Origin;
  /** A port that nobody listens on. */
  readonly nowhere: number;
}

type Scene = (places: Places, dice: Dice) => Promise<void>;

const treatments = ["pass", "transform", "function", "buffer"] as const;
const kinds: readonly Kind[] = ["length", "chunked", "close", "gzip"];
const sizes = [0, 10, 1_000, 20_000, 200_000];

interface Wish {
  readonly treatment: (typeof treatments)[number];
  readonly kind: Kind;
  readonly size: number;
}

function wish(dice: Dice): Wish {
  return { treatment: dice.pick(treatments), kind: dice.pick(kinds), size: dice.pick(sizes) };
}

function get(port: number, { treatment, kind, size }: Wish, fault = "none"): string {
  const place = `127.0.0.1:${port}`;
  return `GET http://${place}/${treatment}/${kind}/${size}/${fault} HTTP/1.1\r\nHost: ${place}\r\n\r\n`;
}

function wanted({ treatment }: Wish, body: string): string {
  return treatment === "transform" ? body.replaceAll("foobar", "FOOBAR") : body;
}

/** Waits for a whole response, and compares its body. */
async function getsWhole(client: Wire, asked: Wish, plain: string): Promise<void> {
  const { verdict, body } = await judged(client);
  assert.equal(verdict, "whole", JSON.stringify(asked));
  const text = asked.kind === "gzip" ? gunzipSync(Buffer.from(body, "latin1")).toString("latin1") : body;
  assert.ok(text === wanted(asked, plain), `the body of ${JSON.stringify(asked)} is not what it should be`);
  client.text = "";
}

/** Waits for a response that must not look whole. */
async function getsCut(client: Wire, asked: Wish): Promise<void> {
  const { verdict } = await judged(client);
  assert.ok(verdict === "cut" || verdict === 502, `${verdict}: ${JSON.stringify(asked)}`);
}

async function getsStatus(client: Wire, status: number): Promise<void> {
  assert.equal((await judged(client)).verdict, status);
}

/** The scenes, and how often each is played. */
export const scenes: Readonly<Record<string, readonly [weight: number, scene: Scene]>> = {
  requests: [30, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    for (let count = 1 + dice.roll(5); count > 0; count--) {
      const asked = wish(dice);
      await client.send(get(origin.port, asked));
      await getsWhole(client, asked, bodyOf(asked.size));
    }
    client.end();
    await within(client.closed, "the end");
  }],
  uploads: [10, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const asked: Wish = { ...wish(dice), kind: dice.pick(["length", "chunked"]) };
    const body = bodyOf(asked.size);
    const head = get(origin.port, asked).replace("GET", "POST").slice(0, -2);
    if (dice.roll(2) === 0) await client.send(`${head}Content-Length: ${body.length}\r\n\r\n${body}`);
    else {
      const frame = body === "" ? "" : `${body.length.toString(16)}\r\n${body}\r\n`;
      await client.send(`${head}Transfer-Encoding: chunked\r\n\r\n${frame}0\r\n\r\n`);
    }
    await getsWhole(client, asked, wanted(asked, body));
    client.end();
    await within(client.closed, "the end");
  }],
  "half-closed requests": [4, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const asked = wish(dice);
    await client.send(get(origin.port, asked));
    client.end();
    await getsWhole(client, asked, bodyOf(asked.size));
    await within(client.closed, "the end");
  }],
  "slow readers": [4, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy, { paused: true });
    // More than this would be a bomb, where it is coded.
    const asked: Wish = { ...wish(dice), size: 1_000_000 };
    await client.send(get(origin.port, asked));
    for (let pauses = 3; pauses > 0; pauses--) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      client.resume();
      await within(client.until((text) => text.length > 1000), "some of it");
      client.pause();
    }
    client.resume();
    await getsWhole(client, asked, bodyOf(asked.size));
    client.end();
    await within(client.closed, "the end");
  }],
  "clients that leave before the head": [5, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const request = get(origin.port, wish(dice));
    await client.send(request.slice(0, 1 + dice.roll(request.length)));
    client.reset();
    await within(client.closed, "the end");
  }],
  "clients that leave within the body": [5, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    await client.send(get(origin.port, { ...wish(dice), size: 2_000_000 }));
    await within(client.until((text) => text.length > 1), "the beginning");
    client.reset();
    await within(client.closed, "the end");
  }],
  "uploads that are broken off": [4, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const head = get(origin.port, wish(dice)).replace("GET", "POST").slice(0, -2);
    await client.send(`${head}Content-Length: 100000\r\n\r\n${bodyOf(dice.roll(50_000))}`);
    client.reset();
    await within(client.closed, "the end");
  }],
  "origins that reset": [5, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    // An empty body would be whole, its connection kept, and the reset would hit whoever uses that next.
    const asked: Wish = { ...wish(dice), size: dice.pick(sizes.slice(1)) };
    await client.send(get(origin.port, asked, "reset"));
    await getsCut(client, asked);
    client.end();
    await within(client.closed, "the end");
  }],
  "origins that truncate": [5, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const asked: Wish = {
      ...wish(dice),
      kind: dice.pick(["length", "chunked", "gzip"]),
      size: dice.pick(sizes.slice(1)),
    };
    await client.send(get(origin.port, asked, "truncate"));
    await getsCut(client, asked);
    client.end();
    await within(client.closed, "the end");
  }],
  tunnels: [10, async ({ proxy, origin }, dice) => {
    const client = await dial(proxy);
    const place = `127.0.0.1:${origin.echoPort}`;
    await client.send(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
    await within(client.until((text) => text.endsWith("\r\n\r\n")), "the tunnel");
    const words = bodyOf(dice.pick(sizes) + 1);
    void client.send(words);
    await within(client.until((text) => text.endsWith(words)), "the echo");
    if (dice.roll(2) === 0) client.end();
    else client.reset();
    await within(client.closed, "the end");
  }],
  rubbish: [3, async ({ proxy }, dice) => {
    const client = await dial(proxy);
    await client.send(
      `\x00${String.fromCharCode(...Array.from({ length: 50 }, () => dice.roll(256)))}\r\n\r\n`,
    );
    await getsStatus(client, 400);
    await within(client.closed, "the end");
  }],
  "scripts that throw": [3, async ({ proxy, origin }) => {
    const client = await dial(proxy);
    await client.send(
      get(origin.port, { treatment: "pass", kind: "length", size: 1 }).replace("/pass/", "/throw/"),
    );
    await getsStatus(client, 500);
    client.end();
    await within(client.closed, "the end");
  }],
  "scripts that kill": [2, async ({ proxy, origin }) => {
    const client = await dial(proxy);
    await client.send(
      get(origin.port, { treatment: "pass", kind: "length", size: 1 }).replace("/pass/", "/kill/"),
    );
    assert.equal((await judged(client)).verdict, "nothing");
    await within(client.closed, "the end");
  }],
  "places that nobody listens at": [2, async ({ proxy, nowhere }, dice) => {
    const client = await dial(proxy);
    await client.send(get(nowhere, wish(dice)));
    await getsStatus(client, 502);
    client.end();
    await within(client.closed, "the end");
  }],
};
