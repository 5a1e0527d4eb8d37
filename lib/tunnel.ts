/**
 * Tunnels: once both sides have agreed that what follows is not HTTP (a 2xx to `CONNECT`, a 101), bytes go both ways as
 * they come. An end of one direction is passed on as an end; the other direction goes on (RFC 9110 9.3.6).
 */
import { dialTunnel } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";
import { planTunnel } from "./plan.ts";
import { pump } from "./pump.ts";

/** Serves a `CONNECT`. */
export async function tunnel(x: Exchange): Promise<void> {
  // While nothing can be passed on, the client's leaving would go unnoticed.
  x.watch();
  const origin = await dialTunnel(x);
  x.origin = origin;
  x.flow.server = { address: origin.socket.remote };
  x.flow.response = { status: 200 };
  x.response.reason = "Connection established";
  const head = { status: 200, reason: x.response.reason, version: "1.1", headers: new HeaderList() } as const;
  await join(x, origin, () => x.client.h1.sendResponse(head, { kind: "none" }));
  await x.hook("response");
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
  x.log.responded(true);
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
