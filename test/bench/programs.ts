// Child processes that live as long as they are needed and no longer: every one started here is known, and
// stopAll() ends what is left, also after a failure or Ctrl-C.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A running server. */
export interface Program {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

/** How a server is started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** The port it was told to use. Without one, it is read from "listening on http://HOST:PORT" on its output. */
  readonly port?: number;
}

/** How long a server may take to accept connections, in milliseconds; mitmdump makes a key first. */
const READY_TIMEOUT = 30_000;
/** How long a server may take to end when asked to, in milliseconds, before it is killed. */
const STOP_TIMEOUT = 5_000;
const READY_LINE = /listening on http:\/\/\S*:(\d+)/;

const running = new Map<ChildProcess, () => Promise<void>>();

/**
 * Starts a server and waits until it accepts connections.
 *
 * @param launch The command, and the port if it was chosen beforehand.
 * @returns The running server.
 * @throws {Error} If it ends, or is not ready within 30 s; the message holds the end of its output.
 */
export async function startProgram(launch: Launch): Promise<Program> {
  const child = spawn(launch.command, launch.args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  const remember = (data: string): void => {
    output = (output + data).slice(-4096);
  };
  child.stdout.setEncoding("utf8").on("data", remember);
  child.stderr.setEncoding("utf8").on("data", remember);
  child.on("error", (error) => remember(error.message));
  const stop = (): Promise<void> => stopChild(child);
  running.set(child, stop);
  child.once("exit", () => running.delete(child));

  const deadline = performance.now() + READY_TIMEOUT;
  while (performance.now() < deadline && isAlive(child)) {
    const port = launch.port ?? Number(READY_LINE.exec(output)?.[1] ?? 0);
    if (child.pid !== undefined && port > 0 && await accepts(port)) return { pid: child.pid, port, stop };
    await sleep(20);
  }
  await stop();
  throw new Error(`Cannot start ${launch.command} ${launch.args.join(" ")}: ${output.trim() || "no output"}`);
}

/** Ends every server that still runs. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running.values()].map((stop) => stop()));
}

/** Asks every server that still runs to end, without waiting: for the last moment of this process. */
export function abandonAll(): void {
  for (const child of running.keys()) child.kill("SIGTERM");
}

/**
 * Runs a command to its end.
 *
 * @param command The program.
 * @param args Its arguments.
 * @param onOutput Gets the standard output piece by piece; without it, the output is returned.
 * @returns The standard output.
 * @throws {Error} If the exit code is not 0; the message holds the standard error.
 */
export async function runToEnd(
  command: string,
  args: readonly string[],
  onOutput?: (data: Buffer) => void,
): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): Promise<void> => stopChild(child);
  running.set(child, stop);
  child.once("exit", () => running.delete(child));
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", onOutput ?? ((data: Buffer) => (stdout += data.toString())));
  child.stderr.on("data", (data: Buffer) => (stderr += data.toString()));
  const [code] = await once(child, "close") as [number | null];
  if (code !== 0) {
    throw new Error(`Cannot run ${command} ${args.join(" ")}: exit code ${code}, ${stderr.trim()}`);
  }
  return stdout;
}

/**
 * Runs a command that says something about itself, be it on standard output or standard error.
 *
 * @param command The program.
 * @param args Its arguments.
 * @returns What it said, whatever its exit code.
 */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (data: Buffer) => (output += data.toString()));
  }
  await once(child, "close");
  return output;
}

/**
 * Looks a program up.
 *
 * @param name A name to be searched for in PATH and in the system's folders, or a path.
 * @returns The path, or `null` if it is not installed.
 */
export function findProgram(name: string): string | null {
  const folders = name.includes("/") ? [""] : [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"];
  return folders.map((folder) => folder === "" ? name : join(folder, name)).find(isExecutable) ?? null;
}

/**
 * Looks up a program that a work can't do without.
 *
 * @param name The program.
 * @returns Its path.
 * @throws {Error} If it is not installed.
 */
export function requireProgram(name: string): string {
  const path = findProgram(name);
  if (path === null) throw new Error(`Cannot measure this as ${name} must be installed: it is not`);
  return path;
}

/**
 * Finds a port of the loopback interface that nobody uses, for programs that can't choose one themselves.
 *
 * @returns The port.
 */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (!isAlive(child)) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const killer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT);
  await ended;
  clearTimeout(killer);
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
