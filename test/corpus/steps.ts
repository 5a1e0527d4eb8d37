/**
 * What the ends of a connection do, step by step.
 */
import { once } from "node:events";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import type { Condition, Step } from "./cases.ts";
import { fillWords, octetsOf, pattern } from "./octets.ts";
import type { Peer } from "./peer.ts";
import { answersAt, becomes, type Scene } from "./scene.ts";
import { readRequests, valuesOf } from "./strict-reader.ts";

/** How long a step waits for the kernel to take what it sends, in milliseconds: the other end may not read. */
const SEND_MS = 3000;
/** The time between the two parts of what is cut, in milliseconds, so that they arrive one by one. */
const CUT_MS = 4;

/** Does one step. */
export async function doStep(step: Step, peer: Peer, scene: Scene): Promise<void> {
  const { places } = scene;
  if ("send" in step) {
    if (step.ifHeader !== undefined && !requestHas(peer, step.ifHeader)) return;
    const timer = new AbortController();
    const late = sleep(SEND_MS, undefined, { signal: timer.signal }).catch(() => undefined);
    await Promise.race([peer.send(octetsOf(step.send, places)), late]);
    timer.abort();
  } else if ("dribble" in step) {
    await dribble(peer, octetsOf(step.dribble, places), step.size ?? 1, step.every ?? 1);
  } else if ("splitAt" in step) {
    const octets = octetsOf(step.parts, places);
    void peer.send(octets.slice(0, scene.cut));
    await sleep(CUT_MS);
    void peer.send(octets.slice(scene.cut));
  } else if ("wait" in step) await sleep(step.wait);
  else if ("fin" in step) peer.socket.end();
  else if ("rst" in step) peer.socket.resetAndDestroy();
  else if ("pause" in step) peer.socket.pause();
  else if ("flood" in step) scene.marks.set(step.mark, await flood(peer, step.flood, step.ms));
  else {
    const isSo = () => holds(step.until, peer, scene);
    await becomes(peer, () => scene.over || isSo());
    if (step.mark !== undefined) scene.marks.set(step.mark, isSo());
  }
}

function requestHas(peer: Peer, name: string): boolean {
  const [request] = readRequests(peer.octets, 1);
  return request !== undefined && valuesOf(request.fields, name).length > 0;
}

async function dribble(peer: Peer, octets: string, size: number, every: number): Promise<void> {
  for (let at = 0; at < octets.length && !peer.socket.destroyed; at += size) {
    void peer.send(octets.slice(at, at + size));
    if (every > 0) await sleep(every);
    else await turn();
  }
}

/** Sends while it is taken, and tells how much has left this process. */
async function flood(peer: Peer, length: number, ms: number): Promise<number> {
  const { socket } = peer;
  const block = Buffer.from(pattern(65536), "latin1");
  const signal = AbortSignal.timeout(ms);
  let sent = 0;
  while (sent < length && !signal.aborted && !socket.destroyed) {
    sent += block.length;
    // An aborted wait is what this is for: nobody takes any more.
    if (!socket.write(block)) await once(socket, "drain", { signal }).catch(() => undefined);
  }
  return sent - socket.writableLength;
}

/** Whether all that a condition names is so. */
function holds(condition: Condition, peer: Peer, scene: Scene): boolean {
  const { responses = 0, text, clientText, originText, gone, tunnel = 0 } = condition;
  const someHas = (peers: readonly Peer[], wanted: string | undefined) =>
    wanted === undefined || peers.some(({ octets }) => octets.includes(fillWords(wanted, scene.places)));
  return (gone === undefined || peer.gone) &&
    someHas([peer], text) && someHas(scene.clients, clientText) && someHas(scene.origins, originText) &&
    (responses === 0 || answersAt(peer, scene) >= responses) &&
    (tunnel === 0 || tunnelled(peer) >= tunnel);
}

/** How many octets have come behind a request's head. */
function tunnelled(peer: Peer): number {
  const [request] = readRequests(peer.octets, 1);
  return request?.headComplete === true ? peer.octets.length - request.headEnd : 0;
}
