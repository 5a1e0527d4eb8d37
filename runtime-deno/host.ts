/**
 * Deno, as the command line sees it.
 */
import { basename, dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { safeRegex } from "safe-regex2";
import { type Host, type Output, signals } from "../lib/host.ts";
import { codings } from "./codings.ts";
import { authorityHost, network, tls } from "./mod.ts";

/** This process. */
export const host: Host = {
  network,
  tls,
  authorityHost,
  codings,
  stdout: outputOf(Deno.stdout),
  stderr: outputOf(Deno.stderr),
  parseArgs,
  openFiles,
  readFile: (path) => Deno.readFile(path),
  isRisky: (source) => !safeRegex(source, { limit: Infinity }),
  env: (name) => Deno.env.get(name),
  onSignal: (listener) => {
    for (const signal of signals) Deno.addSignalListener(signal, () => listener(signal));
  },
  onStray: (listener) => {
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      listener(event.error);
    });
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      listener(event.reason);
    });
  },
  exit: (code) => Deno.exit(code),
  resolvePath: (path) => resolve(path),
  importModule: (path, version) => import(`${pathToFileURL(Deno.realPathSync(path)).href}?v=${version}`),
  watch: watchFile,
};

function openFiles(): number | null {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(Deno.readTextFileSync("/proc/self/limits")) ?? [];
    return most === undefined ? null : Number(most);
  } catch {
    // Only Linux has this file.
    return null;
  }
}

function outputOf(stream: typeof Deno.stdout): Output {
  const encoder = new TextEncoder();
  let open = true;
  return {
    isTerminal: stream.isTerminal(),
    write: (text) => {
      let rest = encoder.encode(text);
      try {
        while (open && rest.length > 0) rest = rest.subarray(stream.writeSync(rest));
      } catch (error) {
        // The reader left: nobody can be told, and that is no reason to end.
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        open = false;
      }
    },
  };
}

/** Watches the folder: a watcher of the file itself would lose it when an editor puts a new one in its place. */
function watchFile(path: string, onChange: () => void, onError: (error: unknown) => void): () => void {
  const folder = dirname(path);
  const watcher = openWatcher(folder, onError);
  if (watcher === null) return () => undefined;
  const run = async () => {
    for await (const { paths } of watcher) {
      if (paths.some((changed) => basename(changed) === basename(path))) onChange();
    }
  };
  run().catch(onError);
  return () => watcher.close();
}

function openWatcher(folder: string, onError: (error: unknown) => void): Deno.FsWatcher | null {
  try {
    return Deno.watchFs(folder, { recursive: false });
  } catch (error) {
    onError(error);
    return null;
  }
}
