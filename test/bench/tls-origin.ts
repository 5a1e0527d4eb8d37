// The origin of interceptions: the bodies by TLS, with a P-256 key of an authority of the run.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "../harness/certificates.ts";
import { startOrigin } from "./origin.ts";
import { freePort, requireProgram } from "./programs.ts";

/** The origin, and what tells that it is the right one. */
export interface TlsOrigin {
  readonly port: number;
  /** The path of its authority's certificate. */
  readonly ca: string;
}

/**
 * Starts the origin.
 *
 * @param folder The folder with the bodies.
 * @returns The origin.
 */
export async function startTlsOrigin(folder: string): Promise<TlsOrigin> {
  requireProgram("nginx");
  const authority = await makeAuthority();
  const { cert, key } = await authority.identity("localhost");
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const port = await freePort();
  const directives = [
    `listen 127.0.0.1:${port} ssl;`,
    `ssl_certificate ${write("origin.pem", cert)};`,
    `ssl_certificate_key ${write("origin.key", key)};`,
  ];
  await startOrigin(folder, directives.join(" "));
  return { port, ca: write("origin-ca.pem", authority.cert) };
}
