/**
 * TLS under Deno, by its `node:tls`: Deno's own can't be a server on a connection that has been read from.
 */
import * as keys from "node:crypto";
import * as module from "node:tls";
import { nodeTls } from "../lib/node-tls.ts";
import type { Tls } from "../lib/tls.ts";
import type { KeyModule, TlsModule } from "../lib/tls-module.ts";
import { SocketDuplex } from "./duplex.ts";

/** Its verifier has one name for whatever it has no other for. */
const vague = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    "its certificate can't be verified: the issuer is not trusted here, or it has " +
    "expired, is not yet valid or is not for servers",
};

/** TLS over any socket. */
export const tls: Tls = nodeTls(
  module as unknown as TlsModule,
  keys as unknown as KeyModule,
  (socket, first) => {
    const stream = new SocketDuplex(socket, first);
    return { stream, ended: () => stream.told };
  },
  vague,
);
