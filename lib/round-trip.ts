/**
 * From a request that is ready to its answer: a connection to the origin (kept or new), the request, the response, and
 * the connection's return to the pool.
 *
 * A kept connection may have been closed by the origin while the request was on its way. Then, if nothing at all came
 * back and the request may be repeated, it is sent once more on a new one (RFC 9112 9.3.1). One that may not be, or can't
 * be as its body streams, gets a kept connection only if that has not ended by then as far as the kernel knows.
 */
import { dial, hopOf } from "./dial.ts";
import { SocketError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { FlowResponse } from "./flow-messages.ts";
import type { InterimEvent } from "./h1/events.ts";
import type { Peer } from "./peer.ts";
import { type Outbound, putRequest, sendBody } from "./request-leg.ts";
import { awaitResponse, deliver, type Final, passSwitch, replaced } from "./response-leg.ts";
import { join } from "./tunnel.ts";
import { askedOf, checkUpstreamAuth } from "./upstream.ts";

/** Serves a request from its origin. */
export async function roundTrip(x: Exchange, outbound: Outbound): Promise<void> {
  const { pool, upstream } = x.context;
  const key = hopOf(x);
  if (!outbound.repeatable) {
    await pool.catchUp(key);
    x.check();
  }
  const kept = pool.take(key);
  let origin = kept ?? await dial(x);
  let answer: Final;
  try {
    answer = await ask(x, origin, outbound);
  } catch (error) {
    const stale = kept !== null && !origin.heard && origin.broken === error && outbound.repeatable;
    if (!stale) throw error;
    origin.close();
    origin = await dial(x);
    answer = await ask(x, origin, outbound);
  }
  origin.arrived();
  if (askedOf(upstream, x.flow.request.target) !== null) checkUpstreamAuth(answer.status);
  if (answer.type === "interim") return await switchProtocols(x, origin, answer);
  await deliver(x, origin, answer);
  x.end();
  if (x.upload !== null) await finishUpload(x, origin, x.upload);
  x.origin = null;
  pool.give(key, origin);
}

function ask(x: Exchange, origin: Peer, outbound: Outbound): Promise<Final> {
  x.adopt(origin);
  putRequest(x, origin, outbound);
  const { plan, upgrade } = outbound;
  if (plan.kind === "pass" || plan.kind === "change") {
    x.uploading = true;
    x.upload = sendBody(x, origin, outbound);
    return awaitResponse(x, origin, upgrade);
  }
  const sent = () => {
    x.sent();
    return awaitResponse(x, origin, upgrade);
  };
  const pressure = origin.flush();
  return pressure === null ? sent() : pressure.then(sent);
}

/** An upload may outlive its answer (a 413, say), for as long as the origin stays to take it. */
async function finishUpload(x: Exchange, origin: Peer, upload: Promise<void>): Promise<void> {
  if (x.uploading) {
    const stop = () => {
      const reason = new SocketError("closed", "The origin has answered, and wants no more of the request");
      origin.fail(reason);
      x.client.interrupt(reason);
    };
    if (x.last || !origin.h1.theirKeepAlive) stop();
    else origin.watch(stop, stop);
  }
  await upload;
}

async function switchProtocols(x: Exchange, origin: Peer, answer: InterimEvent): Promise<void> {
  x.flow.arrive(new FlowResponse(answer, x.messages));
  x.flow.openTunnel();
  await x.hook("responseheaders");
  if (x.flow.answer !== null) return await replaced(x, origin);
  await join(x, origin, () => passSwitch(x));
  await x.hook("response");
}
