/**
 * The scripts of a command line: loaded in order, read again when their file changes. A version that fails to load is
 * told and left aside: the last good one stays in place.
 */
import { type HookName, hookNames, type Hooks } from "./hooks.ts";
import type { ScriptLoader } from "./host.ts";
import type { Log } from "./log.ts";
import { nearest } from "./nearest.ts";
import { type DefineRoutes, withRoutes } from "./script-routes.ts";

/** Editors write a file in several steps; this long after the last one it is taken for whole. In milliseconds. */
const SETTLE_MS = 50;

/** The export that defines routes. */
const ROUTES = "routes";

/** A script can't be loaded. */
export class ScriptLoadError extends Error {
  override readonly name = "ScriptLoadError";
}

interface Script {
  /** The path as it was given, for messages. */
  readonly name: string;
  readonly path: string;
  hooks: Hooks;
}

/** Scripts, and the hooks that they have now. */
export class ScriptSet {
  #scripts: readonly Script[];
  #loader: ScriptLoader;
  #log: Pick<Log, "warn" | "info">;
  #current: readonly Hooks[] = [];
  #version = 0;
  #stops: (() => void)[] = [];
  #timers: Map<Script, ReturnType<typeof setTimeout>> = new Map();
  // Reloads run one after the other, so that an older version never replaces a newer one.
  #queue: Promise<void> = Promise.resolve();

  /**
   * @param paths The files, in order.
   * @param loader How the runtime imports and watches them.
   * @param log Where reloads, failures and doubtful exports are told.
   */
  constructor(paths: readonly string[], loader: ScriptLoader, log: Pick<Log, "warn" | "info">) {
    this.#loader = loader;
    this.#log = log;
    this.#scripts = paths.map((name) => ({ name, path: loader.resolvePath(name), hooks: {} }));
  }

  /**
   * Loads every script.
   *
   * @throws {ScriptLoadError} If one can't be loaded, or exports a hook that is no function.
   */
  async load(): Promise<void> {
    this.#version++;
    for (const script of this.#scripts) script.hooks = await this.#read(script);
    this.#settle();
  }

  /** Watches the files from now on, until `close`. */
  watch(): void {
    for (const script of this.#scripts) {
      const onError = (error: unknown) =>
        this.#log.warn(`Cannot watch ${script.name}, so its changes go unseen: ${describe(error)}`);
      this.#stops.push(this.#loader.watch(script.path, () => this.#changed(script), onError));
    }
  }

  /** The hooks of all scripts, in order; a new array after each reload. */
  current(): readonly Hooks[] {
    return this.#current;
  }

  /** Stops watching. */
  close(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #changed(script: Script): void {
    clearTimeout(this.#timers.get(script));
    const reload = () => {
      this.#timers.delete(script);
      this.#queue = this.#queue.then(() => this.#reload(script));
    };
    this.#timers.set(script, setTimeout(reload, SETTLE_MS));
  }

  async #reload(script: Script): Promise<void> {
    this.#version++;
    try {
      script.hooks = await this.#read(script);
    } catch (error) {
      this.#log.warn(`${describe(error)}; the version before it stays in place`);
      return;
    }
    this.#settle();
    this.#log.info(`Loaded ${script.name} again`);
  }

  async #read(script: Script): Promise<Hooks> {
    let exported: unknown;
    try {
      exported = await this.#loader.importModule(script.path, this.#version);
    } catch (cause) {
      throw new ScriptLoadError(`Cannot load the script ${script.name}: ${describe(cause)}`, { cause });
    }
    return this.#hooksOf(script, Object.entries(exported as Record<string, unknown>));
  }

  #hooksOf(script: Script, entries: [string, unknown][]): Hooks {
    for (const [name, value] of entries) {
      if (isHookName(name) || name === ROUTES) {
        if (typeof value === "function") continue;
        throw new ScriptLoadError(
          `Cannot load the script ${script.name} as its ${name} must be a function: got ${typeof value}`,
        );
      }
      const meant = typeof value === "function" ? nearest(name, [...hookNames, ROUTES]) : null;
      if (meant !== null) {
        this.#log.warn(`${script.name} exports ${name}, which is no hook; did you mean ${meant}?`);
      }
    }
    const hooks: Hooks = Object.fromEntries(entries.filter(([name]) => isHookName(name)));
    const define = entries.find(([name]) => name === ROUTES)?.[1] as DefineRoutes | undefined;
    if (define !== undefined) return this.#route(script, hooks, define);
    if (Object.keys(hooks).length === 0) {
      this.#log.warn(`${script.name} exports no hook, so it does nothing; hooks are ${hookNames.join(", ")}`);
    }
    return hooks;
  }

  #route(script: Script, hooks: Hooks, define: DefineRoutes): Hooks {
    try {
      return withRoutes(hooks, define);
    } catch (cause) {
      throw new ScriptLoadError(`Cannot load the script ${script.name}: routes: ${describe(cause)}`, {
        cause,
      });
    }
  }

  #settle(): void {
    this.#current = this.#scripts.map((script) => script.hooks);
  }
}

function isHookName(name: string): name is HookName {
  return (hookNames as readonly string[]).includes(name);
}

function describe(error: unknown): string {
  if (error instanceof ScriptLoadError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
