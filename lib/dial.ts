/**
 * The next hop of a flow: the origin itself, or the proxy behind this one. Whoever needs a connection asks here.
 */
import type { Exchange } from "./exchange.ts";
import { addVia } from "./head.ts";
import { HeaderList } from "./headers.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import type { Inside } from "./inside.ts";
import type { Peer } from "./peer.ts";
import type { Address } from "./socket.ts";
import { authorityOf, type Scheme } from "./target.ts";
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
  const { scheme, host, port, serverName } = x.flow.request.target;
  const key = keyOf({ host, port }, scheme, serverName);
  if (upstream === null) return key;
  reach.checkUnresolved({ host, port });
  // A tunnel leads to one place.
  if (scheme === "https") return key;
  // Whatever the origin: the upstream is told with each request.
  return "upstream";
}

/** The pool's key for connections to an origin: those in TLS have a server that has proved who it is. */
export function keyOf({ host, port }: Address, scheme: Scheme, serverName: string = host): string {
  return scheme === "https" ? `https://${serverName}@${host}:${port}` : `${host}:${port}`;
}

/** The pool's key for connections to a place on which nothing was said yet, not even TLS. */
export function bareKeyOf({ host, port }: Address): string {
  return `bare ${host}:${port}`;
}

/** The pool's key for a connection that was made before it was known what requests it is for. */
export function spareKeyOf({ scheme, place }: Inside): string {
  return scheme === "https" ? bareKeyOf(place) : keyOf(place, scheme);
}

/** A new connection for the flow's request. */
export async function dial(x: Exchange): Promise<Peer> {
  const { upstream, pool } = x.context;
  const { scheme, host, port, serverName } = x.flow.request.target;
  if (upstream !== null && scheme === "http") return await dialUpstream(x, upstream);
  if (scheme === "http") return await pool.connect({ host, port, signal: x.signal });
  const bare = pool.take(bareKeyOf({ host, port })) ?? await dialBare(x);
  return await pool.secure(bare, serverName ?? host, x.signal);
}

async function dialBare(x: Exchange): Promise<Peer> {
  const { upstream, pool } = x.context;
  const { host, port } = x.flow.request.target;
  if (upstream === null) return await pool.connect({ host, port, signal: x.signal });
  return await dialThrough(x, upstream, new HeaderList());
}

/** A new connection for the flow's `CONNECT`: what is sent on it goes to its target. */
export async function dialTunnel(x: Exchange): Promise<Peer> {
  const { upstream, pool, reach } = x.context;
  const { host, port } = x.flow.request.target;
  reach.checkTunnel({ host, port });
  if (upstream === null) return await pool.connect({ host, port, signal: x.signal });
  reach.checkUnresolved({ host, port });
  return await dialThrough(x, upstream, withoutHopByHop(x.flow.request.headers));
}

async function dialThrough(x: Exchange, upstream: Upstream, headers: HeaderList): Promise<Peer> {
  const { signature, timeouts } = x.context;
  const peer = await dialUpstream(x, upstream);
  x.adopt(peer);
  if (upstream.authorization !== null) headers.set("Proxy-Authorization", upstream.authorization);
  addVia(headers, x.head.version, signature);
  await openTunnel(peer, authorityOf(x.flow.request.target), headers, timeouts.originMs);
  return peer;
}

async function dialUpstream(x: Exchange, { scheme, host, port, reach }: Upstream): Promise<Peer> {
  const { pool } = x.context;
  try {
    const peer = await pool.connect({ host, port, signal: x.signal }, reach);
    return scheme === "https" ? await pool.secure(peer, host, x.signal) : peer;
  } catch (error) {
    throw unreachable(error);
  }
}
