/**
 * The tests: the same files on Node (compiled) and on Deno, each with native streams and with the ponyfill.
 *
 *     node scripts/test.mjs [--node | --deno] [--native | --ponyfill] [PART OF A PATH]...
 */
import { parseArgs } from "node:util";
import { filesBelow, run } from "./run.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    node: { type: "boolean" },
    deno: { type: "boolean" },
    native: { type: "boolean" },
    ponyfill: { type: "boolean" },
  },
});

const tests = filesBelow("test", ".test.ts").filter((path) =>
  positionals.length === 0 || positionals.some((part) => path.includes(part))
);
const compiled = tests.map((path) => `dist/${path.replace(/\.ts$/, ".js")}`);
const runners = {
  node: ["node", "--test", "--test-reporter=spec", ...compiled],
  deno: ["deno", "test", "-A", "--no-check", ...tests],
};
const streams = { native: "", ponyfill: "ponyfill" };

if (tests.length === 0) {
  console.error(`Cannot test as no test file has ${positionals.join(" or ")} in its path`);
  process.exit(1);
}
if (!values.deno && !run(["node", "scripts/build.mjs"])) process.exit(1);
const results = chosen(streams).flatMap((kind) =>
  chosen(runners).map((runner) => {
    console.log(`\n# ${tests.length} test files on ${runner} with ${kind} streams`);
    return {
      name: `${runner} with ${kind} streams`,
      ok: run(runners[runner], { SLUICE_STREAMS: streams[kind] }),
    };
  })
);
console.log(`\n${results.map(({ name, ok }) => `${ok ? "passed" : "FAILED"}: ${name}`).join("\n")}`);
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;

/** The names that were asked for, or all where none was. */
function chosen(table) {
  const names = Object.keys(table);
  return names.some((name) => values[name]) ? names.filter((name) => values[name]) : names;
}
