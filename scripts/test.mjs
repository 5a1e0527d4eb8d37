/**
 * The tests: the same files on Node (compiled) and on Deno, each with native streams and with the ponyfill; and those that
 * aren't about the proxy on every other runtime, with its own streams.
 *
 *     node scripts/test.mjs [--node | --deno | --elsewhere] [--native | --ponyfill] [PART OF A PATH]...
 */
import { parseArgs } from "node:util";
import { isElsewhere, testElsewhere } from "./elsewhere.mjs";
import { filesBelow, run } from "./run.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: "boolean" },
    deno: { type: "boolean" },
    elsewhere: { type: "boolean" },
    native: { type: "boolean" },
    ponyfill: { type: "boolean" },
  },
});

const all = filesBelow("test", ".test.ts").filter((path) =>
  positionals.length === 0 || positionals.some((part) => path.includes(part))
);
const tests = all.filter((path) => !isElsewhere(path));
const runners = {
  node: ["node", "--test", "--test-reporter=spec", ...tests.map(compiled)],
  deno: ["deno", "test", "-A", "--no-check", ...tests],
  elsewhere: null,
};
const streams = { native: "", ponyfill: "ponyfill" };

if (all.length === 0) {
  console.error(`Cannot test as no test file has ${positionals.join(" or ")} in its path`);
  process.exit(1);
}
const wanted = chosen(runners);
if (wanted.some((runner) => runner !== "deno") && !run(["node", "scripts/build.mjs"])) process.exit(1);
const results = tests.length === 0
  ? []
  : chosen(streams).flatMap((kind) =>
    wanted.filter((runner) => runners[runner] !== null).map((runner) => {
      console.log(`\n# ${tests.length} test files on ${runner} with ${kind} streams`);
      return {
        name: `${runner} with ${kind} streams`,
        outcome: run(runners[runner], { SLUICE_STREAMS: streams[kind] }) ? "passed" : "FAILED",
      };
    })
  );
if (wanted.includes("elsewhere") && chosen(streams).includes("native")) {
  results.push(...testElsewhere(all, compiled));
}
console.log(`\n${results.map(({ name, outcome }) => `${outcome}: ${name}`).join("\n")}`);
process.exitCode = results.some(({ outcome }) => outcome === "FAILED") ? 1 : 0;

/** The names that were asked for, or all where none was. */
function chosen(table) {
  const names = Object.keys(table);
  return names.some((name) => values[name]) ? names.filter((name) => values[name]) : names;
}

/** Where a test file is when it is compiled. */
function compiled(path) {
  return `dist/${path.replace(/\.ts$/, ".js")}`;
}
