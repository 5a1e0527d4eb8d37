/**
 * Tunnels: once both sides have agreed that what follows is not HTTP (a 2xx to `CONNECT`, a 101), bytes go both ways as
 * they come. An end of one direction is passed on as an end; the other direction goes on (RFC 9110 9.3.6).
 */
import { dialTunnel, keyOf, spareKeyOf } from "./dial.ts";
import type { Exchange } from "./exchange.ts";
import type { RequestEvent } from "./h1/events.ts";
import { firstBytes } from "./first-bytes.ts";
import { HeaderList } from "./headers.ts";
import { entranceTo } from "./inside.ts";
import type { Peer } from "./peer.ts";
import type { Interception } from "./interception.ts";
import { isReserved } from "./onboarding.ts";
import { planTunnel } from "./plan.ts";
import { pump } from "./pump.ts";
import type { Address } from "./socket.ts";
import { authorityOf } from "./target.ts";

/** Serves a `CONNECT`. */
export async function tunnel(x: Exchange): Promise<void> {
  // While nothing can be passed on, the client's leaving would go unnoticed.
  x.watch();
  const interception = interceptionOf(x);
  const near = interception !== null && (isReserved(x.flow.request.target) || isReached(x));
  const origin = near ? null : await dialTunnel(x);
  if (origin !== null) x.adopt(origin);
  x.flow.response = { status: 200 };
  x.response.reason = "Connection established";
  if (interception !== null) {
    consent(x);
    await lookInto(x, origin, interception);
  } else if (origin !== null) {
    await join(x, origin, () => consent(x));
  }
  await x.hook("response");
}

/** What may open the tunnel; `null` if its bytes pass as they are, or a script wants them as they are. */
function interceptionOf({ context, flow }: Exchange): Interception | null {
  const { interception } = context;
  const changed = flow.tunnel?.toServer !== undefined || flow.tunnel?.toClient !== undefined;
  return changed || interception?.ignores(flow.request.target) ? null : interception;
}

/** Whether the client may be told yes as there is a connection that waits: as good as a new one, if it goes on in TLS. */
function isReached({ context, flow }: Exchange): boolean {
  const { host, port } = flow.request.target;
  context.reach.checkTunnel({ host, port });
  return context.pool.has(keyOf({ host, port }, "https"));
}

function consent({ client, response }: Exchange): void {
  const head = { status: 200, reason: response.reason, version: "1.1", headers: new HeaderList() } as const;
  client.h1.sendResponse(head, { kind: "none" });
}

/** Lets the client begin: requests that can be read are served one by one, behind this flow; anything else is a tunnel. */
async function lookInto(x: Exchange, origin: Peer | null, interception: Interception): Promise<void> {
  const { client, context } = x;
  const { host, port } = x.flow.request.target;
  const place = { host, port };
  const pressure = client.flush();
  if (pressure !== null) await pressure;
  const first = await firstBytes(client, origin, client.h1.rest(), context);
  const entrance = first.speech === "http" && !interception.takes(place)
    ? null
    : entranceTo(place, first, interception);
  if (entrance === null) {
    client.h1.receive(first.bytes);
    const other = origin ?? await dialTunnel(x);
    x.adopt(other);
    return await join(x, other, () => {});
  }
  x.log.responded(false);
  x.entrance = entrance;
  // The flow is over, and the connection is whoever's flow needs it.
  x.origin = null;
  if (origin !== null) context.pool.add(spareKeyOf(entrance.inside), origin);
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
