/** workerd as a child process, with one Worker. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { programs } from "./tools.ts";

/** A workerd that runs; disposing ends it. */
export interface Workerd extends AsyncDisposable {
  /** Its URL, without a path. */
  readonly url: string;
}

/**
 * Starts workerd on a free port.
 *
 * @param bundle The Worker, as one module.
 * @param origin The origin's URL.
 * @throws {Error} If it ends at once.
 */
export async function startWorkerd(
  bundle: string,
  origin: string,
): Promise<Workerd> {
  const folder = dirname(bundle);
  const config = join(folder, "workerd.capnp");
  await writeFile(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "${basename(bundle)}")],
  compatibilityDate = "2026-11-01",
  bindings = [(name = "ORIGIN", text = "${origin}")],
);
`,
  );
  const child = spawn(programs.workerd, ["serve", config, "--control-fd=3"], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr!.on("data", (text: Uint8Array) => complaints += text);
  const ended = once(child, "exit");
  const port = await Promise.race([
    portOf(child.stdio[3] as Readable),
    ended.then(() => {
      throw new Error(`Cannot start workerd: ${complaints}`);
    }),
  ]);
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The port in the line that says that it listens. */
async function portOf(control: Readable): Promise<number> {
  let text = "";
  for await (const piece of control) {
    text += piece;
    const end = text.indexOf("\n");
    if (end >= 0) {
      return (JSON.parse(text.slice(0, end)) as { port: number }).port;
    }
  }
  throw new Error(
    `Cannot read the port as workerd must tell it: got ${JSON.stringify(text)}`,
  );
}
