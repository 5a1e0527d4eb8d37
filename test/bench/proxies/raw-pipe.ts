// The least a proxy can do on Node: two sockets joined by pipe(). It knows nothing of HTTP, so it is the
// floor for what streams of Node's own cost. Usage: node raw-pipe.js ORIGIN_PORT

import { connect, createServer, type Socket } from "node:net";
import { announce } from "./announce.ts";

const originPort = Number(process.argv[2]);

const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const origin = connect({ port: originPort, host: "127.0.0.1", allowHalfOpen: true, noDelay: true });
  join(client, origin);
  join(origin, client);
});

function join(from: Socket, to: Socket): void {
  from.pipe(to);
  // A client that goes away resets its socket: the pair ends, the proxy stays.
  from.on("error", () => to.destroy());
}

announce(server);
