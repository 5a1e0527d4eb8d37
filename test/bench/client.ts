// The clients: curl for bodies, wrk for many small requests. Both are cheap beside what is measured.

import { createHash } from "node:crypto";
import { join } from "node:path";
import { LARGE, SMALL } from "./body.ts";
import { requireProgram, runToEnd } from "./programs.ts";

/** How long a transfer may take, in seconds. */
const TRANSFER_TIMEOUT = 600;

/** One transfer of a body, or several of the same. */
export interface Transfer {
  readonly bytes: number;
  readonly seconds: number;
}

/** One run of many small requests. */
export interface Load {
  readonly requests: number;
  readonly perSecond: number;
}

/** How many requests are made. */
export interface LoadPlan {
  /** How long, in whole seconds. */
  readonly seconds: number;
  /** Connections at a time; default 64. */
  readonly connections?: number;
  /** Whether each connection makes one request only; default is that they are kept alive. */
  readonly close?: boolean;
}

/**
 * Gets a body and throws it away.
 *
 * @param port Where the proxy listens.
 * @param path What to get.
 * @param times How often, one after the other on one connection; default 1.
 * @returns How many body bytes came, and how long it took.
 */
export async function download(port: number, path: string, times = 1): Promise<Transfer> {
  const started = performance.now();
  const format = ["-o", "/dev/null", "-w", "%{size_download}\n"];
  const output = await curl([...format, `http://127.0.0.1:${port}/${path}?[1-${times}]`]);
  const seconds = (performance.now() - started) / 1000;
  return { bytes: output.trim().split("\n").reduce((sum, line) => sum + Number(line), 0), seconds };
}

/**
 * Gets a body once, for every byte of it to be compared.
 *
 * @param port Where the proxy listens.
 * @param path What to get.
 * @param options More options for curl, such as `--compressed` for a body that it is to decode.
 * @returns Its length and its SHA-256.
 */
export async function fingerprint(
  port: number,
  path: string,
  options: readonly string[] = [],
): Promise<{ readonly bytes: number; readonly checksum: string }> {
  const hash = createHash("sha256");
  let bytes = 0;
  await curl([...options, `http://127.0.0.1:${port}/${path}`], (data) => {
    bytes += data.length;
    hash.update(data);
  });
  return { bytes, checksum: hash.digest("hex") };
}

/**
 * Sends the large body once.
 *
 * @param port Where the proxy listens.
 * @param path Where to.
 * @param folder The folder with the body.
 * @returns What the origin answered.
 */
export async function upload(port: number, path: string, folder: string): Promise<string> {
  const data = ["-T", join(folder, LARGE), "-H", "Expect:"];
  return await curl([...data, `http://127.0.0.1:${port}/${path}`]);
}

/**
 * Asks for the small body over and over.
 *
 * @param port Where the proxy listens.
 * @param plan How often.
 * @returns The number of requests, and the rate.
 * @throws {Error} If an answer was no success, or a connection failed.
 */
export async function load(
  port: number,
  { seconds, connections = 64, close = false }: LoadPlan,
): Promise<Load> {
  const url = `http://127.0.0.1:${port}/${SMALL}`;
  const more = close ? ["-H", "Connection: close"] : [];
  const args = ["-t", "1", "-c", String(connections), "-d", `${seconds}s`, ...more, url];
  const report = await runToEnd(requireProgram("wrk"), args);
  const trouble = /Non-2xx.*|Socket errors.*/.exec(report)?.[0];
  if (trouble !== undefined) throw new Error(`Cannot take the rate of ${url}: ${trouble}`);
  return {
    requests: Number(/(\d+) requests in/.exec(report)?.[1]),
    perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)?.[1]),
  };
}

async function curl(args: readonly string[], onOutput?: (data: Buffer) => void): Promise<string> {
  const common = ["-sS", "--fail", "--noproxy", "*", "-m", String(TRANSFER_TIMEOUT)];
  return await runToEnd(requireProgram("curl"), [...common, ...args], onOutput);
}
