/**
 * The runtimes besides this Node and Deno. They are large, so they have a package of their own, in test/elsewhere/,
 * which is installed when they are first wanted.
 */
import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { run } from "./run.mjs";

const folder = "test/elsewhere";
const modules = `${folder}/node_modules`;

/** Tests in memory, which need nothing of a system. */
const inMemory = /^test.(?:transforms|codings|engine|examples)\b/;

/** Those of them that aren't about the proxy, which is for Node and Deno. */
const outsideProxy =
  /^test.(?:transforms|codings|examples|engine.(?:html-rewrite|pipeline|tee|throttle|transform-response))\b/;

/** Those that take longest; one runtime elsewhere is enough for them. */
const long = /^test.transforms.(?:replace-many|replace-regexp|sse-text)\b/;

/** The runtimes that have a test runner: the program, the tests, and how it is told of them. */
const runtimes = {
  "Node 22": { program: `${modules}/node-22/bin/node`, scope: inMemory, args: node },
  "Node 24": { program: `${modules}/node-24/bin/node`, scope: inMemory, all: true, args: node },
  "Node 26": { program: `${modules}/node-26/bin/node`, scope: inMemory, args: node },
  "Bun": { program: `${modules}/@oven/bun-linux-x64/bin/bun`, scope: outsideProxy, args: bun },
};

/** What the tests in test/elsewhere/ drive; they run on this Node. */
const driven = {
  "workerd": `${modules}/@cloudflare/workerd-linux-64/bin/workerd`,
  "Bun, which bundles": runtimes["Bun"].program,
  "Chromium": "/usr/bin/chromium",
  "certutil, which tells Chromium whom to trust": "/usr/bin/certutil",
};

function node(files) {
  return ["--test", "--test-reporter=dot", "--test-concurrency=2", ...files];
}

// Bun fails a test that takes 5 s, unless it is told otherwise.
function bun(files) {
  return ["test", "--dots", "--timeout=60000", ...files.map((file) => `./${file}`)];
}

/**
 * Whether a test file is one of those that only run elsewhere.
 *
 * @param {string} path Its path.
 */
export function isElsewhere(path) {
  return path.startsWith(folder);
}

/**
 * Runs tests elsewhere, as compiled.
 *
 * @param {readonly string[]} tests The paths of their sources.
 * @param {(path: string) => string} compiled Where one is when it is compiled.
 * @returns {{ name: string, outcome: string }[]} How that went, for each runtime.
 */
export function testElsewhere(tests, compiled) {
  const shared = Object.entries(runtimes).map(([name, { program, scope, all = false, args }]) => {
    const files = tests.filter((path) => scope.test(path) && (all || !long.test(path))).map(compiled);
    return { name, programs: [program], files, command: [program, ...args(files)] };
  });
  const own = tests.filter(isElsewhere).map(compiled);
  const runs = [...shared, {
    name: "workerd, Chromium and the package",
    programs: Object.values(driven),
    files: own,
    command: ["node", "--test", "--test-reporter=spec", ...own],
  }].filter(({ files }) => files.length > 0);
  if (runs.length === 0) return [];
  if (!install()) return [{ name: "all that runs elsewhere, as it can't be installed", outcome: "FAILED" }];
  return runs.map(tested);
}

/**
 * A runtime that isn't there is a failure where all must be, and else is told of. That it starts is enough: certutil
 * knows no `--version`, and fails.
 */
function tested({ name, programs, files, command }) {
  const missing = programs.filter((program) => spawnSync(program, ["--version"]).error !== undefined);
  if (missing.length > 0) {
    const outcome = process.env["CI"] === "true" ? "FAILED" : "NOT RUN";
    return { name: `${name}, as ${missing.join(" and ")} can't be started`, outcome };
  }
  console.log(`\n# ${files.length} test files on ${name}`);
  return { name, outcome: run(command) ? "passed" : "FAILED" };
}

/** Installs the package, unless it is as its lock says. */
function install() {
  const [wanted, installed] = [`${folder}/package-lock.json`, `${modules}/.package-lock.json`];
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(wanted).mtimeMs) return true;
  return run(["npm", "ci", "--prefix", folder]);
}
