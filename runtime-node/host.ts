/**
 * Node, as the command line sees it.
 */
import { readFileSync, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { safeRegex } from "safe-regex2";
import { type Host, type Output, signals } from "../lib/host.ts";
import { codings } from "./codings.ts";
import { importModule } from "./modules.ts";
import { authorityHost, network, tls } from "./mod.ts";

/** This process. */
export const host: Host = {
  network,
  tls,
  authorityHost,
  codings,
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  parseArgs,
  openFiles,
  readFile: (path) => readFile(path),
  isRisky: (source) => !safeRegex(source, { limit: Infinity }),
  env: (name) => process.env[name],
  onSignal: (listener) => {
    for (const signal of signals) process.on(signal, () => listener(signal));
  },
  onStray: (listener) => {
    process.on("uncaughtException", listener);
    process.on("unhandledRejection", listener);
  },
  exit: (code) => process.exit(code),
  resolvePath: (path) => resolve(path),
  importModule,
  watch: watchFile,
};

function openFiles(): number | null {
  try {
    const [, most] = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return most === undefined ? null : Number(most);
  } catch {
    // Only Linux has this file.
    return null;
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // Without a listener, a reader that left (EPIPE) would end the process.
  let open = true;
  stream.on("error", () => {
    open = false;
  });
  return {
    isTerminal: stream.isTTY === true,
    write: (text) => {
      if (open) stream.write(text);
    },
  };
}

/** Watches the folder: a watcher of the file itself would lose it when an editor puts a new one in its place. */
function watchFile(path: string, onChange: () => void, onError: (error: unknown) => void): () => void {
  try {
    const name = basename(path);
    const watcher = watch(dirname(path), (_, changed) => {
      if (changed === name || changed === null) onChange();
    });
    watcher.on("error", onError);
    return () => watcher.close();
  } catch (error) {
    onError(error);
    return () => undefined;
  }
}
