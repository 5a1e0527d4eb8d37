// The packages that only the benchmark needs. They lie in a folder of their own, with a lock of their own, so
// that nobody else fetches them; the first run that wants them installs them.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runToEnd } from "./programs.ts";
import { root } from "./project.ts";

/** The folder with the packages. */
export const packagesFolder: string = join(root, "test/bench/packages");

/**
 * Installs the packages of a folder, as its lock says, where that hasn't been done.
 *
 * @param folder The folder, with a package.json and a package-lock.json.
 * @throws {Error} If npm can't.
 */
export async function ensurePackages(folder: string): Promise<void> {
  if (existsSync(join(folder, "node_modules"))) return;
  console.error(`bench: install the packages of ${folder}`);
  await runToEnd("npm", ["ci", "--prefix", folder, "--no-audit", "--no-fund"]);
}

/**
 * Loads a package of the benchmark's own.
 *
 * @param name The package.
 * @returns Its exports, for the caller to say what it takes of them.
 * @throws {Error} If it is not installed.
 */
export async function loadPackage(name: string): Promise<unknown> {
  const { resolve } = createRequire(join(packagesFolder, "package.json"));
  return await import(pathToFileURL(resolve(name)).href);
}
