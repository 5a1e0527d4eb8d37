import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "./programs.ts";

/** The project's folder: the one above this file that holds package.json, since this file runs from dist. */
export const root: string = projectRoot();

/** The project's own Deno, or `null` if it is not installed. */
export const deno: string | null = findProgram(join(root, "node_modules/.bin/deno"));

function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}
