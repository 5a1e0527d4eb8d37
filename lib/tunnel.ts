/**
 * Tunnels: once both sides have agreed that what follows is not HTTP (a 2xx to `CONNECT`, a 101), bytes go both ways as
 * they come. An end of one direction is passed on as an end; the other direction goes on (RFC 9110 9.3.6).
 */
import type { Exchange } from "./exchange.ts";
import { HeaderList } from "./headers.ts";
import type { Peer } from "./peer.ts";

/** Serves a `CONNECT`. */
export async function tunnel(x: Exchange): Promise<void> {
  const { host, port } = x.flow.request.target;
  x.context.reach.checkTunnel({ host, port });
  const origin = await x.context.pool.connect({ host, port, signal: x.signal });
  x.origin = origin;
  x.flow.server = { address: origin.socket.remote };
  x.flow.response = { status: 200 };
  x.response.reason = "Connection established";
  const head = { status: 200, reason: x.response.reason, version: "1.1", headers: new HeaderList() } as const;
  x.client.h1.sendResponse(head, { kind: "none" });
  await join(x, origin);
  await x.hook("response");
}

/** Joins the two connections until both directions have ended. */
export async function join(x: Exchange, origin: Peer): Promise<void> {
  const { client } = x;
  // Nothing but the connection's end says where the bytes end.
  x.framing = { kind: "close-delimited" };
  x.last = true;
  x.log.responded(true);
  const early = client.h1.rest();
  const late = origin.h1.rest();
  client.arrived();
  origin.arrived();
  await Promise.all([
    pump(x, client, origin, early, () => {}),
    pump(x, origin, client, late, (count) => x.log.tunnelled += count),
  ]);
  origin.close();
  client.close();
}

async function pump(
  x: Exchange,
  from: Peer,
  to: Peer,
  first: Uint8Array,
  count: (bytes: number) => void,
): Promise<void> {
  try {
    const pressure = to.flush();
    if (pressure !== null) await pressure;
    let bytes: Uint8Array | null = first;
    while (bytes !== null) {
      if (bytes.length > 0) {
        count(bytes.length);
        const written = to.send([bytes]);
        if (written !== null) await written;
      }
      // Bytes that go one way show that the tunnel is in use, both ways.
      from.wait(x.context.timeouts.tunnelMs, "the next bytes of a tunnel");
      to.wait(x.context.timeouts.tunnelMs, "the next bytes of a tunnel");
      bytes = await from.read();
    }
    to.socket.end();
  } catch (error) {
    // The other direction waits for bytes that will never come.
    x.fail(error);
    throw error;
  }
}
