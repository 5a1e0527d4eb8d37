/**
 * A script that is edited while nginx is asked by curl through it.
 */
import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { makeFolder } from "./files.ts";
import { curl, startNginx } from "./programs.ts";

const shouting = (word: string) =>
  `export function responseheaders(flow, { replace }) {
    flow.response.stream = replace("${word}", "${word.toUpperCase()}");
  }`;

describe("a script that is edited", () => {
  for (const how of ["in place", "by putting another in its place"] as const) {
    it(`${how} counts from the next request on, unless it is broken`, async () => {
      await using folder = await makeFolder();
      const path = join(folder.path, "script.js");
      const edit = async (text: string) => {
        if (how === "in place") return await writeFile(path, text);
        await writeFile(`${path}.new`, text);
        await rename(`${path}.new`, path);
      };
      await writeFile(join(folder.path, "page.txt"), "the quick brown fox\n");
      await edit(shouting("quick"));
      await using nginx = await startNginx(folder.path);
      await using command = new Command(["-p", "0", "-m", `reverse:${nginx.url}`, "-s", path]);
      const { url } = await command.ready();
      const page = async () => String((await curl(`${url}/page.txt`)).body);
      assert.equal(await page(), "the QUICK brown fox\n");

      await edit(shouting("brown"));
      await command.shows("stderr", /Loaded \S+script\.js again\n/);
      assert.equal(await page(), "the quick BROWN fox\n");

      await edit("export function responseheaders(flow, { replace }");
      await command.shows("stderr", /warning: Cannot load the script \S+script\.js: .*stays in place\n/);
      assert.equal(await page(), "the quick BROWN fox\n");

      await edit(shouting("fox"));
      await command.shows("stderr", /again\n[^]*stays in place\n[^]*again\n/);
      assert.equal(await page(), "the quick brown FOX\n");
    });
  }
});
