/**
 * Importing scripts: module hooks are registered with the first one, in the newer way where Node has it.
 */
import { readFileSync, realpathSync } from "node:fs";
import * as module from "node:module";
import { pathToFileURL } from "node:url";
import { load, markedUrl, resolve } from "./script-hooks.ts";
import { stripTypes } from "./strip-types.ts";

interface ModuleWithHooks {
  readonly registerHooks?: (hooks: { resolve: typeof resolve; load: typeof load }) => unknown;
}

let registered = false;

/**
 * Imports a script.
 *
 * @param path The absolute path of the file.
 * @param version A number; with a new one the script and what it imports by relative paths are read again.
 * @returns The module's exports.
 * @throws {SyntaxError} If the script can't be parsed; with the place where that is known.
 */
export async function importModule(path: string, version: number): Promise<unknown> {
  registerOnce();
  const file = realpathSync(path);
  try {
    return await import(markedUrl(pathToFileURL(file), version));
  } catch (error) {
    // Node's own syntax errors don't say where; the stripper's do.
    if (error instanceof SyntaxError) stripTypes(readFileSync(file, "utf8"), file);
    throw error;
  }
}

function registerOnce(): void {
  if (registered) return;
  registered = true;
  const { registerHooks } = module as ModuleWithHooks;
  if (registerHooks !== undefined) registerHooks({ resolve, load });
  else module.register("./script-hooks.js", import.meta.url);
}
