// The proxy that most people write on Node: node:http on both sides, a keep-alive agent, and pipe() between.
// Usage: node node-http.js ORIGIN_PORT

import { Agent, createServer, request } from "node:http";
import { pipeline } from "node:stream";
import { announce } from "./announce.ts";

const originPort = Number(process.argv[2]);
const agent = new Agent({ keepAlive: true, noDelay: true });

const server = createServer({ noDelay: true }, (incoming, outgoing) => {
  const { method, url, headers } = incoming;
  const options = { agent, host: "127.0.0.1", port: originPort, method, path: url, headers };
  const forwarded = request(options, (response) => {
    outgoing.writeHead(response.statusCode ?? 502, response.statusMessage, response.rawHeaders);
    pipeline(response, outgoing, destroyOnError);
  });
  pipeline(incoming, forwarded, destroyOnError);
  function destroyOnError(error: Error | null | undefined): void {
    if (error) outgoing.destroy(error);
  }
});
server.keepAliveTimeout = 60_000;

announce(server);
