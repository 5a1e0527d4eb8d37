/** Fuzzes the codec and the transforms; what it takes on the command line is said in test/fuzz/run.ts. */
import { run } from "./run.mjs";

const ok = run(["node", "scripts/build.mjs"]) &&
  run(["node", "dist/test/fuzz/run.js", ...process.argv.slice(2)]);
process.exitCode = ok ? 0 : 1;
