/** Where the project lies, whether this file runs from its source or compiled in dist/. */
import { existsSync } from "node:fs";

/** The project's folder. */
export const root: URL = findRoot(new URL(".", import.meta.url));

function findRoot(folder: URL): URL {
  return existsSync(new URL("package.json", folder)) ? folder : findRoot(new URL("..", folder));
}
