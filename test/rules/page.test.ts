/**
 * The rules in the page do what the table there says.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseBodyRule } from "../../lib/body-rules.ts";
import { loadRules } from "../../lib/load-rules.ts";
import { rulesBehind } from "../../lib/rules.ts";
import { textOf } from "../docs/pages.ts";
import { play } from "../harness/playbook.ts";

const rows = [...textOf("docs/rules.md").matchAll(/^\| `([^`]+)` +\| `([^`]*)` +\| `([^`]*)` +\|$/gm)];
const host = { readFile: () => Promise.reject(new Error("no files here")), isRisky: () => false };
const log = { warn: (text: string) => assert.fail(text) };
const spoken = (text: string) => text.replaceAll("\\n", "\n");

describe("the table of rules in the page", () => {
  it("is there", () => assert.ok(rows.length >= 10));

  for (const [, rule, before, after] of rows) {
    it(`holds for ${rule}`, async () => {
      const rules = await loadRules({ modifyBody: [parseBodyRule(rule!)], modifyHeaders: [] }, host, log);
      const behind = rulesBehind(rules, { streamOver: undefined, warn: log.warn });
      await play({ hooks: () => behind([]) }, async ({ client, origin }) => {
        client.send("GET / HTTP/1.0\r\nHost: o\r\n\r\n");
        const upstream = await origin();
        await upstream.getsHead();
        const body = spoken(before!);
        upstream.send(
          `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: ${body.length}\r\n\r\n`,
        );
        upstream.send(body);
        await client.getsHead();
        assert.equal(await client.ends("end"), spoken(after!));
      });
    });
  }
});
