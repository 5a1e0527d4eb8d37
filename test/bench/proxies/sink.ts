// An origin that takes uploads and tells how many bytes came; under /checksum, their SHA-256 as well.
// Usage: node sink.js

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { announce } from "./announce.ts";

const server = createServer({ noDelay: true }, (request, response) => {
  const hash = request.url === "/checksum" ? createHash("sha256") : null;
  let bytes = 0;
  request.on("data", (data: Buffer) => {
    bytes += data.length;
    hash?.update(data);
  });
  request.on("end", () => response.end(`${bytes} ${hash?.digest("hex") ?? "-"}`));
});
server.keepAliveTimeout = 60_000;
server.requestTimeout = 0;

announce(server);
