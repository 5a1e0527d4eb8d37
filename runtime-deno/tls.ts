/**
 * TLS under Deno, by its `node:tls`: Deno's own can't be a server on a connection that has been read from.
 */
import * as keys from "node:crypto";
import * as module from "node:tls";
import { nodeTls } from "../lib/node-tls.ts";
import type { Tls } from "../lib/tls.ts";
import type { KeyModule, TlsModule } from "../lib/tls-module.ts";
import { SocketDuplex } from "./duplex.ts";

/** TLS over any socket. */
export const tls: Tls = nodeTls(
  module as unknown as TlsModule,
  keys as unknown as KeyModule,
  (socket, first) => {
    const stream = new SocketDuplex(socket, first);
    return { stream, ended: () => stream.told };
  },
);
