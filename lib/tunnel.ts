/**
 * Tunnels: once both sides have agreed that what follows is not HTTP (a 2xx to `CONNECT`, a 101), bytes go both ways as
 * they come. An end of one direction is passed on as an end; the other direction goes on (RFC 9110 9.3.6).
 */
import { dialTunnel } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestEvent } from "./h1/events.ts";
import { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";
import { planTunnel } from "./plan.ts";
import { pump } from "./pump.ts";
import type { Address } from "./socket.ts";
import { authorityOf } from "./target.ts";

/** Serves a `CONNECT`. */
export async function tunnel(x: Exchange): Promise<void> {
  // While nothing can be passed on, the client's leaving would go unnoticed.
  x.watch();
  const origin = await dialTunnel(x);
  x.adopt(origin);
  x.flow.response = { status: 200 };
  x.response.reason = "Connection established";
  const head = { status: 200, reason: x.response.reason, version: "1.1", headers: new HeaderList() } as const;
  await join(x, origin, () => x.client.h1.sendResponse(head, { kind: "none" }));
  await x.hook("response");
}

/** The head that stands for a tunnel that nobody has asked for by HTTP. */
export function tunnelHead(place: Address): RequestEvent {
  const headers = new HeaderList();
  const target = authorityOf(place);
  return { type: "request", method: "CONNECT", target, version: "1.1", headers, framing: { kind: "none" } };
}

/**
 * Serves a tunnel that both sides have been told of by other means: nothing can be said to the client any more, so a script
 * that answers closes it.
 */
export async function passBlind(x: Exchange, origin: Peer): Promise<void> {
  const { host, port } = x.flow.request.target;
  x.adopt(origin);
  x.flow.openTunnel();
  x.client.h1.switch();
  x.watch();
  origin.watch((error) => x.fail(error));
  x.context.reach.checkTunnel({ host, port });
  await x.hook("requestheaders");
  const answered = x.flow.answer !== null;
  if (!answered) {
    x.flow.response = { status: 200 };
    await join(x, origin, () => {});
  }
  await x.hook("response");
  if (!answered) return;
  // From here on nobody has left: they are sent away.
  x.end();
  origin.close();
  x.client.close();
}

/**
 * Joins the two connections until both directions have ended.
 *
 * @param x The flow.
 * @param origin The server's side.
 * @param agree Puts out the head that tells the client so.
 */
export async function join(x: Exchange, origin: Peer, agree: () => void): Promise<void> {
  const { client, flow } = x;
  const toServer = planTunnel(flow.tunnel?.toServer, flow);
  const toClient = planTunnel(flow.tunnel?.toClient, flow);
  agree();
  x.last = true;
  x.responded(true);
  const up = { from: client, to: origin, plan: toServer, count: () => {} };
  const down = {
    from: origin,
    to: client,
    plan: toClient,
    count: (bytes: number) => void (x.log.tunnelled += bytes),
  };
  client.arrived();
  origin.arrived();
  await Promise.all([pump(x, up, client.h1.rest()), pump(x, down, origin.h1.rest())]);
  origin.close();
  client.close();
}
