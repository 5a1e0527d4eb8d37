/**
 * What the command line needs of the runtime that it runs on. Each runtime has one small file that makes this.
 */
import type { AuthorityHost } from "./authority-store.ts";
import type { ParseArgs } from "./args.ts";
import type { ContentCodings } from "./codings.ts";
import type { Network } from "./socket.ts";
import type { Tls } from "./tls.ts";

/** The signals that end the command: Ctrl-C, and what whoever runs services sends. */
export const signals = ["SIGINT", "SIGTERM"] as const;

/** The name of one of these signals. */
export type Signal = (typeof signals)[number];

/** A standard output. */
export interface Output {
  /** Whether a terminal shows it. */
  readonly isTerminal: boolean;
  /** Writes text; once nobody reads any more it is dropped. */
  write(text: string): void;
}

/** How scripts come from files. */
export interface ScriptLoader {
  /** The absolute path of a file. */
  resolvePath(path: string): string;
  /**
   * Imports a module.
   *
   * @param path The absolute path of a `.js`, `.mjs` or `.ts` file; it is an ES module, whatever lies around it.
   * @param version A number; with a new one the file is read again.
   * @returns The module's exports.
   */
  importModule(path: string, version: number): Promise<unknown>;
  /**
   * Watches a file, also while it is missing or replaced.
   *
   * @param path The absolute path.
   * @param onChange Called after each change, maybe several times.
   * @param onError Called if the file can't be watched, or no longer.
   * @returns What ends the watching.
   */
  watch(path: string, onChange: () => void, onError: (error: unknown) => void): () => void;
}

/** A runtime, as the command line sees it. */
export interface Host extends ScriptLoader {
  /** Sockets. */
  readonly network: Network;
  /** TLS. */
  readonly tls: Tls;
  /** What keeping a certificate authority takes. */
  readonly authorityHost: AuthorityHost;
  /** Content codings. */
  readonly codings: ContentCodings;
  /** The standard output. */
  readonly stdout: Output;
  /** The standard error output. */
  readonly stderr: Output;
  /** `parseArgs` of `node:util`. */
  readonly parseArgs: ParseArgs;
  /** How many files the process may have open; `null` if the system doesn't say. */
  openFiles(): number | null;
  /**
   * Reads a file.
   *
   * @param path Its path.
   * @returns All its bytes; rejects if it can't be read.
   */
  readFile(path: string): Promise<Uint8Array>;
  /** Whether a regular expression, by its source, looks as if some texts could keep it busy for ever. */
  isRisky(source: string): boolean;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Calls back at each SIGINT and SIGTERM, which no longer end the process by themselves. */
  onSignal(listener: (signal: Signal) => void): void;
  /** Calls back with each error that nobody caught, which no longer ends the process by itself. */
  onStray(listener: (error: unknown) => void): void;
  /** Ends the process at once. */
  exit(code: number): never;
}
