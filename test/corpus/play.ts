/**
 * Plays one case, and freezes what was seen.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Case, Step } from "./cases.ts";
import type { Places } from "./octets.ts";
import { type Origin, tokenOf } from "./origin.ts";
import { Peer } from "./peer.ts";
import { answersAt, PATIENCE_MS, responsesAt, type Scene } from "./scene.ts";
import { doStep } from "./steps.ts";
import { readRequests, type WireEnding, type WireRequest, type WireResponse } from "./strict-reader.ts";

/** What a client got. */
export interface ClientView {
  readonly octets: string;
  readonly ending: WireEnding;
  /** All responses, interim ones too. */
  readonly responses: readonly WireResponse[];
  /** Those that aren't interim. */
  readonly finals: readonly WireResponse[];
}

/** What the origin got on one connection. */
export interface OriginView {
  readonly octets: string;
  readonly ending: WireEnding;
  readonly requests: readonly WireRequest[];
}

/** What was seen of a case. */
export interface Seen {
  readonly play: Case;
  readonly places: Places;
  readonly client: ClientView;
  /** What the victim got; `null` if there is none. */
  readonly victim: ClientView | null;
  readonly origins: readonly OriginView[];
  readonly marks: ReadonlyMap<string, boolean | number>;
}

/** Times in milliseconds. */
/** How long a client listens after its last response, and if the connection's end is of interest. */
const SETTLE_MS = 80;
const SETTLE_CLOSE_MS = 500;
const VICTIM_SETTLE_MS = 60;
/** How long the origin's connections may take to become quiet, and what is quiet. */
const CALM_MS = 500;
const QUIET_MS = 50;

/** From this length on, what has come is looked at now and then only. */
const BIG = 200_000;

let numbers = 0;

/**
 * Plays a case.
 *
 * @param play The case.
 * @param origin The origin.
 * @param setting Where everything is.
 * @param cut Where to cut what is cut in two; default nowhere.
 */
export async function playCase(
  play: Case,
  origin: Origin,
  setting: Omit<Places, "token">,
  cut: number = 0,
): Promise<Seen> {
  const places = { ...setting, token: tokenOf(++numbers) };
  const scene: Scene = { play, places, cut, clients: [], origins: [], marks: new Map(), over: false };
  origin.scenes.set(places.token, scene);
  try {
    await playClient(scene, play.client, play.expect ?? 1, play.settle ?? settleOf(play));
    if (play.victim !== undefined) {
      await sleep(play.victimDelay ?? 0);
      await playClient(scene, play.victim, 1, VICTIM_SETTLE_MS);
    }
    await calm(scene.origins);
    await sleep(play.linger ?? 0);
    return freeze(scene);
  } finally {
    scene.over = true;
    for (const { socket } of [...scene.clients, ...scene.origins]) socket.destroy();
    origin.scenes.delete(places.token);
  }
}

function settleOf({ accept }: Case): number {
  return /connection-closed|truncation/.test(JSON.stringify(accept)) ? SETTLE_CLOSE_MS : SETTLE_MS;
}

async function playClient(
  scene: Scene,
  steps: readonly Step[],
  expect: number,
  settle: number,
): Promise<void> {
  const [host, port] = scene.places.proxy.split(":") as [string, string];
  const socket = connect({ host, port: Number(port), noDelay: true, allowHalfOpen: true });
  const client = new Peer(socket);
  scene.clients.push(client);
  await once(socket, "connect");
  for (const step of steps) await doStep(step, client, scene);
  const deadline = performance.now() + PATIENCE_MS;
  for (let now = performance.now(); !client.gone && now <= deadline; now = performance.now()) {
    const done = answersAt(client, scene) >= expect;
    const quiet = now - client.lastAt;
    if (done && quiet >= settle) return;
    await client.event(done ? settle - quiet + 1 : Math.min(50, deadline - now + 1));
    if (client.octets.length > BIG) await sleep(5);
  }
  if (client.gone) client.socket.end();
}

/** Waits until nothing more comes to the origin. */
async function calm(origins: readonly Peer[]): Promise<void> {
  const isLively = (peer: Peer) => performance.now() - peer.lastAt < QUIET_MS && !peer.gone;
  const end = performance.now() + CALM_MS;
  while (performance.now() < end && origins.some(isLively)) await sleep(15);
}

function freeze(scene: Scene): Seen {
  const [client, victim] = scene.clients.map((peer) => {
    const responses = responsesAt(peer, scene);
    const finals = responses.filter(({ interim }) => !interim);
    return { octets: peer.octets, ending: peer.ending, responses, finals };
  });
  const origins = scene.origins.map(({ octets, ending }) => {
    return { octets, ending, requests: readRequests(octets, scene.play.upgrade === true ? 1 : Infinity) };
  });
  const { play, places, marks } = scene;
  return { play, places, client: client!, victim: victim ?? null, origins, marks };
}
