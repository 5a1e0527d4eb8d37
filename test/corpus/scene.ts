/**
 * A case while it is played: who takes part, and what has been noted.
 */
import type { Case } from "./cases.ts";
import type { Places } from "./octets.ts";
import type { Peer } from "./peer.ts";
import { readResponses, type WireResponse } from "./strict-reader.ts";

/**
 * How long what has to come may take, in milliseconds. Whatever passes gets what it waits for, so that only what fails
 * takes as long, and no machine is too busy.
 */
export const PATIENCE_MS = 30_000;

/** A case that is being played. */
export interface Scene {
  readonly play: Case;
  readonly places: Places;
  /** Where to cut what is cut in two. */
  readonly cut: number;
  /** The clients, in order: the case's own, and the victim. */
  readonly clients: Peer[];
  /** The origin's connections, in order. */
  readonly origins: Peer[];
  /** What steps have noted. */
  readonly marks: Map<string, boolean | number>;
  /** Whether it is over. */
  over: boolean;
}

/** The responses that have come to a client. */
export function responsesAt(client: Peer, scene: Scene): WireResponse[] {
  const methods = client === scene.clients[0] ? scene.play.methods : undefined;
  return readResponses(client.octets, { methods: methods ?? [], ending: client.ending });
}

/** How many complete final responses have come to a client. */
export function answersAt(client: Peer, scene: Scene): number {
  return responsesAt(client, scene).filter(({ interim, complete }) => complete && !interim).length;
}

/** Waits until it is so, and tells whether it has become so in time. */
export async function becomes(peer: Peer, isSo: () => boolean, ms: number = PATIENCE_MS): Promise<boolean> {
  const end = performance.now() + ms;
  for (let left = ms; left > 0; left = end - performance.now()) {
    if (isSo()) return true;
    await peer.event(Math.min(10, left));
  }
  return isSo();
}
