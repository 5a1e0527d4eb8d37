// The clients: curl for the large body, wrk for many small ones. Both are cheap beside what is measured.

import { createHash } from "node:crypto";
import { type Body, LARGE, NEEDLE, REPLACEMENT, SMALL } from "./body.ts";
import { runToEnd } from "./programs.ts";

/** Connections that wrk keeps open. */
const CONNECTIONS = 64;
/** How long a transfer of the large body may take, in seconds. */
const TRANSFER_TIMEOUT = 300;

/** One transfer of the large body. */
export interface Transfer {
  readonly bytes: number;
  readonly seconds: number;
}

/** One run of many small requests. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

/**
 * Gets the large body once and throws it away.
 *
 * @param curl The path of curl.
 * @param port Where the subject listens.
 * @returns How many body bytes came, and how long it took.
 */
export async function download(curl: string, port: number): Promise<Transfer> {
  const format = ["-o", "/dev/null", "-w", "%{size_download} %{time_total}"];
  const [bytes = NaN, seconds = NaN] = (await runToEnd(curl, [...curlArguments(port), ...format]))
    .split(" ").map(Number);
  return { bytes, seconds };
}

/**
 * Gets the large body once and compares every byte, by checksum, with what it has to be.
 *
 * @param curl The path of curl.
 * @param port Where the subject listens.
 * @param body What the origin serves.
 * @param modified Whether the needles have to be replaced.
 * @returns How many body bytes came, and whether they are right.
 */
export async function verify(
  curl: string,
  port: number,
  body: Body,
  modified: boolean,
): Promise<{ bytes: number; correct: boolean }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await runToEnd(curl, curlArguments(port), (data) => {
    bytes += data.length;
    hash.update(data);
  });
  return { bytes, correct: hash.digest("hex") === (modified ? body.modifiedChecksum : body.checksum) };
}

/**
 * Tells how many needles a modified body of some length still holds.
 *
 * @param body What the origin serves.
 * @param bytes The length that came.
 * @returns The number of needles that were not replaced.
 */
export function needlesLeft(body: Body, bytes: number): number {
  return (body.modifiedSize - bytes) / (REPLACEMENT.length - NEEDLE.length);
}

/**
 * Asks for the small body over and over on connections that are kept alive.
 *
 * @param wrk The path of wrk.
 * @param port Where the subject listens.
 * @param seconds How long, in whole seconds.
 * @returns The number of requests, and the rate.
 * @throws {Error} If an answer was no success, or a connection failed.
 */
export async function load(wrk: string, port: number, seconds: number): Promise<Load> {
  const url = `http://127.0.0.1:${port}/${SMALL}`;
  const report = await runToEnd(wrk, ["-t", "1", "-c", String(CONNECTIONS), "-d", `${seconds}s`, url]);
  const trouble = /Non-2xx.*|Socket errors.*/.exec(report)?.[0];
  if (trouble !== undefined) throw new Error(`Cannot take the rate of ${url}: ${trouble}`);
  return {
    requests: Number(/(\d+) requests in/.exec(report)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)?.[1]),
  };
}

function curlArguments(port: number): readonly string[] {
  return [
    "-sS",
    "--fail",
    "--noproxy",
    "*",
    "-m",
    String(TRANSFER_TIMEOUT),
    `http://127.0.0.1:${port}/${LARGE}`,
  ];
}
