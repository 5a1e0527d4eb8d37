/**
 * What the tests in this folder drive: programs of this folder's own package, and bundles of what they are to run. All of
 * it is for Node, and works on what is compiled.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../harness/project.ts";

const packages = new URL("test/elsewhere/node_modules/", root);
const compiled = new URL("dist/test/", root);

/** The programs, by their paths. */
export const programs: Readonly<
  Record<"bun" | "certutil" | "chromium" | "workerd", string>
> = {
  bun: fileURLToPath(new URL("@oven/bun-linux-x64/bin/bun", packages)),
  certutil: "/usr/bin/certutil",
  chromium: "/usr/bin/chromium",
  workerd: fileURLToPath(
    new URL("@cloudflare/workerd-linux-64/bin/workerd", packages),
  ),
};

/** The versions of Node, by their paths. */
export const nodes: Readonly<Record<string, string>> = Object.fromEntries(
  [22, 24, 26].map((major) => [`Node ${major}`, fileURLToPath(new URL(`node-${major}/bin/node`, packages))]),
);

/** Loads a package of this folder's. */
export const requireHere: NodeJS.Require = createRequire(
  new URL("test/elsewhere/package.json", root),
);

/** A folder that is gone when it is disposed of. */
export interface Folder extends AsyncDisposable {
  /** Its path. */
  readonly path: string;
}

/** Makes an empty folder. */
export async function emptyFolder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "sluice-"));
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The tests of transforms, less those that a runtime can't pass for a reason of its own. */
export async function transformTests(
  without: readonly string[],
): Promise<string[]> {
  const names = (await readdir(new URL("transforms/", compiled))).filter((
    name,
  ) => name.endsWith(".test.js") && !without.includes(basename(name, ".test.js")));
  return names.map((name) => `transforms/${name}`);
}

/** What is to be bundled. */
export interface Bundled {
  /** The module, below dist/. */
  readonly module: string;
  /** What of it is exported, as the default. */
  readonly exported?: string;
  /** Test files that come along, below dist/test/. */
  readonly tests?: readonly string[];
  /** What is left to the runtime. */
  readonly external?: readonly string[];
}

/**
 * Bundles a module.
 *
 * @param folder Where the bundle goes.
 * @param what What is to be bundled.
 * @returns The bundle's path.
 */
export async function bundle(
  folder: string,
  { module, exported, tests = [], external = [] }: Bundled,
): Promise<string> {
  const name = basename(module);
  const entry = join(folder, `entry-${name}`);
  const path = (below: string, base: URL) => JSON.stringify(fileURLToPath(new URL(below, base)));
  const imports = tests.map((test) => `import ${path(test, compiled)};\n`).join(
    "",
  );
  const main = path(module, new URL("dist/", root));
  const use = exported === undefined ? `import ${main};` : `export { ${exported} as default } from ${main};`;
  await writeFile(entry, `${imports}${use}\n`);
  const bundler = fileURLToPath(new URL("elsewhere/bundle.js", compiled));
  await promisify(execFile)(programs.bun, [
    bundler,
    entry,
    folder + "/bundles",
    ...external,
  ]);
  return join(folder, "bundles", `entry-${name}`);
}
