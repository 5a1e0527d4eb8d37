/**
 * The pages keep what they say: modules in them run, commands in them are understood, links in them lead somewhere.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { readSettings } from "../../lib/args.ts";
import { root } from "../harness/project.ts";
import { blocks, pages, scriptName, textOf } from "./pages.ts";

let folder: string;

before(async () => {
  // Below the project's folder, so that the package is found under its own name.
  const parent = fileURLToPath(new URL("tmp/", root));
  await mkdir(parent, { recursive: true });
  folder = await mkdtemp(join(parent, "docs-"));
});

after(() => rm(folder, { recursive: true }));

describe("the code in the pages", () => {
  const modules = blocks("js", "ts").filter((block) => scriptName(block) === null);

  for (const { page, line, code } of modules) {
    it(`of ${page}, line ${line}, runs`, async () => {
      const path = join(folder, `${page.replaceAll("/", "-")}-${line}.mjs`);
      await writeFile(path, code);
      await runModule(path);
    });
  }

  it("asserts something", () => {
    assert.ok(modules.length > 0);
    for (const { page, line, code } of modules) assert.match(code, /\bassert\b/, `${page}, line ${line}`);
  });
});

describe("the commands in the pages", () => {
  const commands = blocks("sh").flatMap(({ page, code }) =>
    code.split("\n").flatMap((line) => {
      const words = /^(?:npx sluice|deno run -A \S*cli\.ts)(?= |$)(.*?)(?: +#.*)?$/.exec(line)?.[1];
      return words === undefined ? [] : [{ page, words: words.trim() }];
    })
  );

  for (const { page, words } of commands) {
    it(`are understood: sluice ${words} in ${page}`, () => {
      readSettings(wordsOf(words), parseArgs);
    });
  }

  it("are there", () => assert.ok(commands.length > 0));

  const scripts = Object.keys(JSON.parse(textOf("package.json")).scripts);
  for (const page of pages) {
    it(`run scripts that exist: ${page}`, () => {
      const named = [...textOf(page).matchAll(/npm (?:run )?(start|test|(?<=run )\w+)/g)].map(([, name]) =>
        name!
      );
      assert.deepEqual(named.filter((name) => !scripts.includes(name)), []);
    });
  }
});

describe("the links in the pages", () => {
  for (const page of pages) {
    it(`of ${page} lead to files and headings that exist`, () => {
      const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
      for (const [link, path, anchor] of links) {
        const target = path === "" ? new URL(page, root) : new URL(path!, new URL(page, root));
        assert.ok(existsSync(target), `${link} in ${page}`);
        if (anchor === undefined) continue;
        const there = target.href.slice(root.href.length);
        assert.ok(anchors(textOf(there)).includes(anchor), `${link} in ${page}`);
      }
    });
  }
});

/** The words of a command, as a shell takes them apart. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/(?:'[^']*'|[^ '])+/g)].map(([word]) => word.replaceAll("'", ""));
}

/** Runs a module by itself: what another one has imported, or left open, is none of its business. */
async function runModule(path: string): Promise<void> {
  const words = "Deno" in globalThis ? ["run", "-A", "--no-check", path] : [path];
  await promisify(execFile)(process.execPath, words, { cwd: fileURLToPath(root), timeout: 20_000 });
}

/** The anchors that headings get. */
function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")
  );
}
