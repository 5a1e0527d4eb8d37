/**
 * The next hop of a flow: the origin itself, or the proxy behind this one. Whoever needs a connection asks here.
 */
import type { Exchange } from "./exchange.ts";
import { addVia } from "./head.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import type { Peer } from "./peer.ts";
import type { Address } from "./socket.ts";
import { authorityOf } from "./target.ts";
import { openTunnel, unreachable, type Upstream } from "./upstream.ts";

/**
 * Judges where the flow's request goes, as far as that can be judged before there is a connection.
 *
 * @param x The flow.
 * @returns What connections have in common that can stand in for one another: the pool's key.
 * @throws {RefusedError} With 403, if it may not go there.
 */
export function hopOf(x: Exchange): string {
  const { upstream, reach } = x.context;
  const { host, port } = x.flow.request.target;
  if (upstream === null) return keyOf({ host, port });
  reach.checkUnresolved({ host, port });
  // Whatever the origin: the upstream is told with each request.
  return "upstream";
}

/** The pool's key for connections to an origin. */
export function keyOf({ host, port }: Address): string {
  return `${host}:${port}`;
}

/** A new connection for the flow's request. */
export async function dial(x: Exchange): Promise<Peer> {
  const { upstream, pool } = x.context;
  if (upstream !== null) return await dialUpstream(x, upstream);
  const { host, port } = x.flow.request.target;
  return await pool.connect({ host, port, signal: x.signal });
}

/** A new connection for the flow's `CONNECT`: what is sent on it goes to its target. */
export async function dialTunnel(x: Exchange): Promise<Peer> {
  const { upstream, pool, reach, signature, timeouts } = x.context;
  const { host, port } = x.flow.request.target;
  reach.checkTunnel({ host, port });
  if (upstream === null) return await pool.connect({ host, port, signal: x.signal });
  reach.checkUnresolved({ host, port });
  const peer = await dialUpstream(x, upstream);
  x.adopt(peer);
  const headers = withoutHopByHop(x.flow.request.headers);
  if (upstream.authorization !== null) headers.set("Proxy-Authorization", upstream.authorization);
  addVia(headers, x.head.version, signature);
  await openTunnel(peer, authorityOf({ host, port }), headers, timeouts.originMs);
  return peer;
}

async function dialUpstream(x: Exchange, { host, port, reach }: Upstream): Promise<Peer> {
  try {
    return await x.context.pool.connect({ host, port, signal: x.signal }, reach);
  } catch (error) {
    throw unreachable(error);
  }
}
