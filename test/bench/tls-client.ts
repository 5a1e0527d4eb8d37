// The client of interceptions: a tunnel, a handshake, one small request, and the end, by as many at a time as
// two cores can do beside the proxy and the origin.

import { once } from "node:events";
import { connect } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import { LARGE, SMALL } from "./body.ts";
import type { Transfer } from "./client.ts";
import { requireProgram, runToEnd } from "./programs.ts";

const CLIENTS = 16;

// Made once: it costs as much as a handshake.
const secureContext = createSecureContext();

/** What many connections came to. */
export interface Handshakes {
  readonly count: number;
  readonly seconds: number;
}

/**
 * Makes connections through a proxy, one after the other.
 *
 * @param proxyPort Where the proxy listens.
 * @param originPort Where it is to connect to.
 * @param seconds How long.
 * @returns How many were made.
 * @throws {Error} If one fails.
 */
export async function shakeHands(
  proxyPort: number,
  originPort: number,
  seconds: number,
): Promise<Handshakes> {
  const started = performance.now();
  const end = started + seconds * 1000;
  let count = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (performance.now() < end) {
      await shakeHandsOnce(proxyPort, originPort);
      count++;
    }
  }));
  return { count, seconds: (performance.now() - started) / 1000 };
}

async function shakeHandsOnce(proxyPort: number, originPort: number): Promise<void> {
  const place = `localhost:${originPort}`;
  const socket = connect({ port: proxyPort, host: "127.0.0.1", noDelay: true });
  socket.write(`CONNECT ${place} HTTP/1.1\r\nHost: ${place}\r\n\r\n`);
  const [consent] = await once(socket, "data") as [Buffer];
  if (!consent.toString("latin1").startsWith("HTTP/1.1 200")) {
    throw new Error(`Cannot connect through the proxy: ${consent.toString("latin1")}`);
  }
  // What the certificate says is not what is measured here.
  const secure = connectTls({ socket, secureContext, servername: "localhost", rejectUnauthorized: false });
  await once(secure, "secureConnect");
  secure.write(`GET /${SMALL} HTTP/1.1\r\nHost: ${place}\r\nConnection: close\r\n\r\n`);
  let answer = "";
  secure.on("data", (data: Buffer) => answer += data.toString("latin1"));
  await once(secure, "end");
  secure.destroy();
  if (!answer.startsWith("HTTP/1.1 200")) throw new Error(`Cannot get ${SMALL}: ${answer.slice(0, 200)}`);
}

/**
 * Gets the large body through a proxy.
 *
 * @param proxyPort Where the proxy listens.
 * @param originPort Where it is to connect to.
 * @param onOutput Gets the body piece by piece; without it, it is thrown away.
 * @returns How many bytes came, and how long it took.
 */
export async function downloadThrough(
  proxyPort: number,
  originPort: number,
  onOutput?: (data: Buffer) => void,
): Promise<Transfer> {
  const started = performance.now();
  const proxy = ["-x", `http://127.0.0.1:${proxyPort}`, "--noproxy", ""];
  const output = onOutput === undefined ? ["-o", "/dev/null", "-w", "%{size_download}"] : [];
  const args = ["-q", "-sSk", "--fail", ...proxy, ...output, `https://localhost:${originPort}/${LARGE}`];
  const told = await runToEnd(requireProgram("curl"), args, onOutput);
  return { bytes: Number(told), seconds: (performance.now() - started) / 1000 };
}
