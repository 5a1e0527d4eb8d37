/**
 * The order of a flow's steps, and its end.
 */
import { deliverAnswer } from "./answer.ts";
import { RefusedError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { limitForwards } from "./max-forwards.ts";
import type { Peer } from "./peer.ts";
import { hasNoBody } from "./plan.ts";
import { recover } from "./recover.ts";
import { checkExpectation, prepareRequest } from "./request-leg.ts";
import { roundTrip } from "./round-trip.ts";
import { ownAnswer } from "./onboarding.ts";
import { passBlind, tunnel } from "./tunnel.ts";
import { checkLoop } from "./upstream.ts";

/** Serves one flow from its request's head to its end; never rejects. */
export async function serve(x: Exchange): Promise<void> {
  try {
    await steps(x);
  } catch (error) {
    return await failed(x, error);
  }
  ended(x);
  if (x.client.h1.theirState === "body") await finishRequest(x);
}

/** Serves a flow that is a tunnel already, with both its ends; never rejects. */
export async function serveTunnel(x: Exchange, origin: Peer): Promise<void> {
  try {
    await passBlind(x, origin);
  } catch (error) {
    return await failed(x, error);
  }
  ended(x);
}

function ended(x: Exchange): void {
  x.end();
  x.log.done();
}

async function failed(x: Exchange, error: unknown): Promise<void> {
  try {
    await recover(x, error);
  } catch (second) {
    // The answer could not be sent: the client is gone.
    x.client.fail(second);
  }
  await x.upload;
}

async function steps(x: Exchange): Promise<void> {
  // A message without a body has an end all the same; behind a CONNECT there may be bytes of the tunnel that it asks for,
  // whether it gets one or not.
  if (x.head.method === "CONNECT") {
    x.last = true;
    x.flow.openTunnel();
  } else if (hasNoBody(x.head.framing)) {
    x.client.next();
  }
  const own = ownAnswer(x);
  if (own !== null) {
    x.flow.response = await own;
    return await deliverAnswer(x);
  }
  if (x.context.upstream !== null) checkLoop(x.head.headers, x.context.signature);
  checkExpectation(x);
  if (x.wants("requestheaders")) x.watch();
  const hook = x.hook("requestheaders");
  if (hook !== null) await hook;
  if (x.flow.answer !== null) return await deliverAnswer(x);
  if (x.head.method === "CONNECT") {
    if (x.context.mode.kind === "reverse") throw new RefusedError(405, "Cannot tunnel in front of an origin");
    return await tunnel(x);
  }
  const here = limitForwards(x.head, x.flow.request);
  if (here !== null) {
    x.flow.response = here;
    return await deliverAnswer(x);
  }
  const prepared = prepareRequest(x);
  const outbound = prepared instanceof Promise ? await prepared : prepared;
  if (x.flow.answer !== null) return await deliverAnswer(x);
  await roundTrip(x, outbound);
}

/**
 * The answer is out; what of the request's body has not been read yet would be taken for the next request. A little of it
 * is read and dropped; else the connection ends here.
 */
async function finishRequest(x: Exchange): Promise<void> {
  const { client } = x;
  if (x.upload !== null || x.expecting) {
    x.last = true;
    return;
  }
  client.wait(x.context.timeouts.lingerMs, "the rest of a request");
  try {
    for (let dropped = 0; dropped < x.context.limits.drainBytes;) {
      const event = await client.event();
      if (typeof event === "symbol" || event.type !== "data") break;
      dropped += event.bytes.length;
    }
  } catch {
    // The answer has been sent: a client that breaks off now, or is late, only loses the connection.
    x.last = true;
  }
  client.arrived();
  if (client.h1.theirState === "body") x.last = true;
}
