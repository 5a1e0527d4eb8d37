/** The real command, with a script that changes bodies by the request's path. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "../harness/command.ts";

const SCRIPT = `
const changes = {
  pass: () => true,
  transform: ({ replace, compose }) => compose(replace("foobar", "FOOBAR"), replace("line", "LINE")),
  function: () => async function* (body) { yield* body; },
};
const changeOf = (flow) => changes[flow.request.url.pathname.split("/")[1]] ?? changes.pass;
export function requestheaders(flow, toolkit) { flow.request.stream = changeOf(flow)(toolkit); }
export function responseheaders(flow, toolkit) { flow.response.stream = changeOf(flow)(toolkit); }
`;

/** What the script does to a body, by the first part of the path. */
export type Change = "pass" | "transform" | "function";

/** A proxy in a process of its own. */
export interface ProxyProcess extends AsyncDisposable {
  /** Its port. */
  readonly port: number;
  /** The number of its process. */
  readonly pid: number;
  /** Ends it with a signal; gives its exit code and what it wrote to its standard error output. */
  end(): Promise<{ readonly code: number | null; readonly stderr: string }>;
}

/** Starts a proxy in front of an origin. */
export async function startProxy(originPort: number, ...more: string[]): Promise<ProxyProcess> {
  const folder = await mkdtemp(join(tmpdir(), "sluice-load-"));
  const script = join(folder, "changes.js");
  await writeFile(script, SCRIPT);
  const command = new Command([
    ...["-q", "-p", "0", "-m", `reverse:http://127.0.0.1:${originPort}`, "-s", script],
    ...more,
  ]);
  const { port } = await command.ready();
  return {
    port,
    pid: command.pid,
    end: async () => {
      command.kill("SIGTERM");
      return await command.ended;
    },
    [Symbol.asyncDispose]: async () => {
      await command[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}
