/**
 * The programs that sluice is met with here: nginx as an origin, curl as a client, sed as an oracle.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import type { Readable } from "node:stream";
import { writeNginxConfig } from "../bench/nginx.ts";
import { findProgram, freePort, startProgram } from "../bench/programs.ts";

/** An nginx that serves a folder; disposing ends it. */
export interface Nginx extends AsyncDisposable {
  /** Its URL, without a path. */
  readonly url: string;
}

/**
 * Starts nginx with the files of a folder, as this user, all that it writes in that folder.
 *
 * @param folder The folder.
 * @param directives More directives for its server.
 * @throws {Error} If it is not installed, or can't start.
 */
export async function startNginx(folder: string, directives: string = ""): Promise<Nginx> {
  const command = need("nginx");
  const own = await mkdtemp(join(folder, "nginx-"));
  const port = await freePort();
  const server = `server { listen 127.0.0.1:${port}; root ${folder}; ${directives} }`;
  const config = writeNginxConfig(own, "origin", server);
  const { stop } = await startProgram({ command, args: ["-p", own, "-c", config], port });
  return { url: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

/** How curl ended. */
export interface Fetched {
  /** The exit code: 0 if all went well, 18 for a body cut short, 22 for a status of 400 or more. */
  readonly code: number | null;
  /** What it wrote: the body. */
  readonly body: Buffer;
  /** What it complained of. */
  readonly stderr: string;
}

/** Starts curl; what it writes is to be read from its standard output. */
export function startCurl(...args: readonly string[]): { child: ChildProcess; stdout: Readable } {
  // A proxy that the environment names would be asked instead of the one that the test is about.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)));
  const words = ["-q", "--silent", "--show-error", "--fail", "--max-time", "120", ...args];
  const child = spawn(need("curl"), words, { env, stdio: ["ignore", "pipe", "pipe"] });
  return { child, stdout: child.stdout };
}

/** Runs curl to its end. */
export async function curl(...args: readonly string[]): Promise<Fetched> {
  const { child, stdout } = startCurl(...args);
  const chunks: Buffer[] = [];
  let stderr = "";
  stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  child.stderr!.on("data", (chunk: Buffer) => stderr += chunk);
  return { code: await codeOf(child), body: Buffer.concat(chunks), stderr };
}

/** Runs curl to its end, with a body too large to keep; gives the body's SHA-256. */
export async function curlDigest(...args: readonly string[]): Promise<string> {
  const { child, stdout } = startCurl(...args);
  return await digestOf(child, stdout);
}

/** The SHA-256 of a file with every `from` turned into `to`, by sed. */
export async function sedDigest(path: string, from: string, to: string): Promise<string> {
  const env = { ...process.env, LC_ALL: "C" };
  const child = spawn("sed", [`s/${from}/${to}/g`, path], { env, stdio: ["ignore", "pipe", "pipe"] });
  return await digestOf(child, child.stdout);
}

/** Reads all that a program writes; gives its SHA-256 once the program has ended well. */
export async function digestOf(child: ChildProcess, stdout: Readable): Promise<string> {
  const hash = createHash("sha256");
  let stderr = "";
  stdout.on("data", (chunk: Buffer) => hash.update(chunk));
  child.stderr!.on("data", (chunk: Buffer) => stderr += chunk);
  const code = await codeOf(child);
  if (code === 0) return hash.digest("hex");
  throw new Error(`Cannot take the digest as ${child.spawnfile} ended with ${code}: ${stderr.trim()}`);
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => child.on("error", reject).on("close", resolve));
}

function need(name: string): string {
  const path = findProgram(name);
  if (path !== null) return path;
  throw new Error(
    `Cannot run this test as ${name} is missing; node scripts/ensure-tools.mjs --install brings it`,
  );
}
