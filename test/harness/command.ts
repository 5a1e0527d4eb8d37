/**
 * The command line as a child process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { root } from "./project.ts";

/** How a command ended. */
export interface Ending {
  /** The exit code; `null` if a signal ended it. */
  readonly code: number | null;
  /** All that it wrote to its standard output. */
  readonly stdout: string;
  /** All that it wrote to its standard error output. */
  readonly stderr: string;
}

const ownRuntime = "Deno" in globalThis ? "deno" : "node";

const programs: Readonly<Record<"node" | "deno", readonly [program: string, ...args: string[]]>> = {
  node: [ownRuntime === "node" ? process.execPath : "node", inProject("dist/runtime-node/cli.js")],
  deno: [process.execPath, "run", "-A", "--no-check", inProject("runtime-deno/cli.ts")],
};

function inProject(path: string): string {
  return fileURLToPath(new URL(path, root));
}

interface Search {
  readonly promise: Promise<RegExpExecArray>;
  readonly settle: (outcome: RegExpExecArray | Error) => void;
}

/** A command that runs. */
export class Command {
  /** Settles when it has ended. */
  readonly ended: Promise<Ending>;
  #child: ChildProcess;
  #running = true;
  #texts = { stdout: "", stderr: "" };
  #checks: Set<() => void> = new Set();

  /**
   * @param args The words after `sluice`.
   * @param runtime The runtime; default the one that runs the test.
   * @param openFiles How many files it may have open; default as many as this process.
   */
  constructor(args: readonly string[], runtime: "node" | "deno" = ownRuntime, openFiles?: number) {
    const limited = openFiles === undefined ? [] : ["sh", "-c", `ulimit -n ${openFiles}; exec "$@"`, "sh"];
    const [program, ...words] = [...limited, ...programs[runtime], ...args] as [string, ...string[]];
    const child = spawn(program, words, {
      cwd: fileURLToPath(root),
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => {
        this.#texts[name] += text;
        for (const check of this.#checks) check();
      });
    }
    this.#child = child;
    this.ended = new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("exit", () => this.#running = false);
      child.on("close", (code) => resolve({ code, ...this.#texts }));
    });
  }

  /** The number of its process. */
  get pid(): number {
    return this.#child.pid!;
  }

  /**
   * Waits for text in what the command writes.
   *
   * @param name Where it is written.
   * @param pattern What to wait for.
   * @returns The match.
   * @throws {Error} If the command ends without it, or doesn't write it within 20 s.
   */
  async shows(name: "stdout" | "stderr", pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, settle } = this.#search(name, pattern);
    const fail = (why: string) =>
      settle(new Error(`Cannot find ${pattern} in ${name} as ${why}: ${JSON.stringify(this.#texts)}`));
    const timer = setTimeout(() => fail("20 s have passed"), 20_000);
    this.ended.then(() => fail("the command has ended"), () => fail("the command can't start"));
    return await promise.finally(() => clearTimeout(timer));
  }

  #search(name: "stdout" | "stderr", pattern: RegExp): Search {
    let settle: Search["settle"] = () => undefined;
    const promise = new Promise<RegExpExecArray>((resolve, reject) => {
      const check = () => {
        const match = pattern.exec(this.#texts[name]);
        if (match !== null) settle(match);
      };
      settle = (outcome) => {
        this.#checks.delete(check);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.#checks.add(check);
      check();
    });
    return { promise, settle };
  }

  /** Waits for the line that says that it listens. */
  async ready(): Promise<{ url: string; port: number }> {
    const [, url, port] = await this.shows(
      "stdout",
      /^sluice listening on ((?:https?|socks5):\/\/.*:(\d+))\n/,
    );
    return { url: url!, port: Number(port) };
  }

  /** Sends a signal, unless it has ended. */
  kill(signal: NodeJS.Signals = "SIGTERM"): void {
    if (!this.#running) return;
    try {
      // Deno's ChildProcess sends one signal only, and takes it for the ending.
      process.kill(this.#child.pid!, signal);
    } catch (error) {
      // It has ended just now, and the event is still to come.
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }

  /** Stops to read what it writes, as `head` does. */
  closeOutputs(): void {
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }

  /** Stops what still runs, so that a failed test leaves nothing behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.kill("SIGKILL");
    await this.ended;
  }
}
