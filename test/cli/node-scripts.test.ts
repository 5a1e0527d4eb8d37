/**
 * What scripts may do on Node only, so this always runs the command line under Node.
 */
import assert from "node:assert/strict";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { body, type Origin, startOrigin } from "../harness/web.ts";

let folder: string;
let origin: Origin;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "sluice-node-scripts-"));
  origin = await startOrigin((_, response) => response.end("banana"));
});

after(async () => {
  await origin.close();
  await rm(folder, { recursive: true });
});

async function put(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return path;
}

function start(script: string): Command {
  return new Command(["-p", "0", "-m", `reverse:${origin.url}`, "-s", script], "node");
}

describe("a script on Node", () => {
  it("imports sluice by its name, wherever it lies", async () => {
    const path = await put(
      "named.js",
      `import { compose, replace } from "sluice/transforms";
      export function responseheaders(flow) {
        flow.response.stream = compose(replace("b", "B"), replace("n", "N"));
      }`,
    );
    await using command = start(path);
    assert.equal(await body((await command.ready()).url), "BaNaNa");
  });

  it("is read again with the helpers beside it, which are ES modules in any package", async () => {
    await put("package.json", '{ "type": "commonjs" }');
    await put("helper.js", `export const letter = "1";`);
    const text = `import { letter } from "./helper.js";
      export function responseheaders(flow, { replace }) { flow.response.stream = replace("a", letter); }`;
    const path = await put("helped.js", text);
    await using command = start(path);
    const { url } = await command.ready();
    assert.equal(await body(url), "b1n1n1");
    await put("helper.js", `export const letter = "2";`);
    await put("helped.js", `${text}\n`);
    await command.shows("stderr", /helped\.js again\n/);
    assert.equal(await body(url), "b2n2n2");
  });

  it("that has no sense is told with its place", async () => {
    for (const name of ["wrong.js", "wrong.ts"]) {
      const path = await put(name, "export const a = 1;\nexport function response( {\n");
      const { code, stderr } = await start(path).ended;
      assert.equal(code, 1);
      assert.match(stderr, /^sluice: Cannot load the script .*: SyntaxError: .*wrong\.[jt]s:[23]:\d+\)\n$/);
    }
  });

  it("may have types, but no syntax that is more than types", async () => {
    const path = await put("enum.ts", "enum Colour { Red }\nexport const response = () => Colour.Red;\n");
    const { code, stderr } = await start(path).ended;
    assert.equal(code, 1);
    assert.match(stderr, /enum is not supported.*enum\.ts:1:1\)\n$/);
  });
});
