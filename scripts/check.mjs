/** Everything that a change must pass, quick things first; ends with the first that fails. */
import { existsSync } from "node:fs";
import { filesBelow, run } from "./run.mjs";

const entries = ["lib/mod.ts", "transforms/mod.ts", "runtime-node/mod.ts", "runtime-deno/mod.ts"];
const pages = ["README.md", ...(existsSync("docs") ? filesBelow("docs", ".md") : [])].filter((page) =>
  existsSync(page)
);

const steps = {
  "the format": ["deno", "fmt", "--check"],
  "the style": ["deno", "lint"],
  "the tests": ["node", "scripts/test.mjs"],
  "the examples in comments and pages": ["deno", "test", "-A", "--doc", "lib", "transforms", ...pages],
  "the tables in the pages": ["deno", "run", "--check", "-A", "scripts/tables.ts", "--check"],
  "the documentation of what is exported": ["deno", "doc", "--lint", ...entries],
  "the npm package": ["publint"],
  "the types of the npm package": [
    "test/elsewhere/node_modules/.bin/attw",
    "--pack",
    ".",
    "--profile",
    "esm-only",
  ],
  "the JSR package": ["deno", "publish", "--dry-run", "--allow-dirty"],
};

for (const [what, command] of Object.entries(steps)) {
  console.log(`\n# Checking ${what}: ${command.join(" ")}`);
  if (run(command)) continue;
  console.error(`\nFAILED: ${what}`);
  process.exit(1);
}
