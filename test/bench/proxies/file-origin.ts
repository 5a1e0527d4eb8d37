// The origin where nginx is missing: serves the files of one folder with Content-Length.
// Usage: node file-origin.js FOLDER

import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, join } from "node:path";
import { pipeline } from "node:stream";
import { announce } from "./announce.ts";

const folder = process.argv[2] ?? ".";

const server = createServer({ noDelay: true }, (request, response) => {
  const path = join(folder, basename(request.url ?? ""));
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": "text/plain", "content-length": size });
  pipeline(createReadStream(path, { highWaterMark: 256 * 1024 }), response, (error) => {
    if (error) response.destroy(error);
  });
});
server.keepAliveTimeout = 60_000;

announce(server);
