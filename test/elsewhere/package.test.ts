/** The package, packed and installed into an empty folder, as its users get it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { root } from "../harness/project.ts";
import { emptyFolder, type Folder, nodes, programs } from "./tools.ts";

const use = `
const body = new Blob(["a foobar"]).stream();
new Response(pipeline(body, [replace("foobar", "BAZ")])).text().then((text) => {
  console.log(text, typeof network.connect, [...codings.keys()].includes("gzip"));
});
`;

/** Modules that use the package, by their names. */
const modules: Readonly<Record<string, string>> = {
  "imports.mjs": `
import { pipeline } from "sluice";
import { codings, network } from "sluice/node";
import { replace } from "sluice/transforms";
${use}`,
  "requires.cjs": `
const { pipeline } = require("sluice");
const { codings, network } = require("sluice/node");
const { replace } = require("sluice/transforms");
${use}`,
};

/** Uses types; the second line must be an error, or there are none. */
const typed = `
import { createProxy, transformResponse, type Hooks, type TransformResponseOptions } from "sluice";
import { replace, type Transform } from "sluice/transforms";
import { codings, network } from "sluice/node";
// @ts-expect-error
replace(1);
const hooks: Hooks = { responseheaders(flow, { rechunk }) { flow.response!.stream = rechunk(); } };
export const options: TransformResponseOptions = { codings };
export const changed: Response = transformResponse(new Response("a"), [replace("a", "b")], options);
export const transform: Transform = replace("a", "b");
export const proxy = createProxy({ network, codings, hooks: [hooks] });
`;

const resolutions: Readonly<Record<string, readonly string[]>> = {
  node16: ["--module", "node16"],
  nodenext: ["--module", "nodenext"],
  bundler: ["--module", "esnext", "--moduleResolution", "bundler"],
};

const { version } = createRequire(root)("./package.json") as { version: string };

let folder: Folder;

/** Runs a program in the folder, and tells what it writes. */
async function run(program: string, ...args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, args, { cwd: folder.path })).stdout;
}

before(async () => {
  folder = await emptyFolder();
  const { path } = folder;
  await run("npm", "pack", fileURLToPath(root), "--ignore-scripts", "--pack-destination", path);
  await writeFile(join(path, "package.json"), JSON.stringify({ private: true }));
  await run("npm", "install", "--prefer-offline", "--ignore-scripts", `./sluice-${version}.tgz`);
  for (const [name, text] of Object.entries(modules)) await writeFile(join(path, name), text);
  for (const name of ["typed.mts", "typed.cts"]) await writeFile(join(path, name), typed);
});

after(() => folder[Symbol.asyncDispose]());

describe("the package", () => {
  for (
    const [runtime, program] of Object.entries({ "this Node": process.execPath, ...nodes, Bun: programs.bun })
  ) {
    for (const name of Object.keys(modules)) {
      it(`works in ${name} on ${runtime}`, async () => {
        assert.equal(await run(program, name), "a BAZ function true\n");
      });
    }
  }

  for (const [name, flags] of Object.entries(resolutions)) {
    it(`has its types where modules are resolved as ${name}`, async () => {
      const compiler = fileURLToPath(new URL("node_modules/.bin/tsc", root));
      const types = ["--typeRoots", fileURLToPath(new URL("node_modules/@types", root)), "--types", "node"];
      const files = name === "nodenext" ? ["typed.mts", "typed.cts"] : ["typed.mts"];
      const strict = [
        "--strict",
        "--noEmit",
        "--target",
        "es2023",
        "--lib",
        "es2023,esnext.disposable,dom,dom.iterable,dom.asynciterable",
      ];
      assert.equal(await run(compiler, ...flags, ...strict, ...types, ...files), "");
    });
  }

  it("brings the command", async () => {
    assert.equal(
      await run(join(folder.path, "node_modules", ".bin", "sluice"), "--version"),
      `sluice ${version}\n`,
    );
  });
});
