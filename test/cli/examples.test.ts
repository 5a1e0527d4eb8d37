/**
 * The scripts in examples/, run as they are.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { body, type Origin, startOrigin } from "../harness/web.ts";

let origin: Origin;

before(async () => {
  origin = await startOrigin(({ url }, response) => {
    const json = url === "/value.json";
    response.setHeader("Content-Type", json ? "application/json" : "text/plain; charset=utf-8");
    response.end(json ? '{"a":1}' : `foobar at ${url}`);
  });
});

after(() => origin.close());

describe("the example", () => {
  const rows: [script: string, path: string, body: string][] = [
    ["foobar.js", "/page", "BAZ at /page"],
    ["upper.js", "/page", "FOOBAR AT /PAGE"],
    ["answer.js", "/health", "fine\n"],
    ["answer.js", "/old/page?q", "foobar at /page?q"],
    ["json.js", "/value.json", '{"a":1,"seen":1}'],
    ["json.js", "/page", "foobar at /page"],
    ["routes.js", "/", "sluice at /"],
    ["routes.js", "/other", "foobar at /other"],
  ];
  for (const [script, path, wanted] of rows) {
    it(`${script} does what it says to ${path}`, async () => {
      await using command = new Command([
        "-p",
        "0",
        "-m",
        `reverse:${origin.url}`,
        "-s",
        `examples/${script}`,
      ]);
      const { url } = await command.ready();
      assert.equal(await body(url + path), wanted);
    });
  }
});
