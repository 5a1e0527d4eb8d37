/**
 * The soak, and the very large body, on Node or on Deno.
 *
 *     node scripts/soak.mjs [--deno] [--minutes 30] [--seed N]
 *     node scripts/soak.mjs [--deno] --big [--gib 10]
 */
import { run } from "./run.mjs";

const args = process.argv.slice(2);
const onDeno = args.includes("--deno");
const rest = args.filter((arg) => arg !== "--deno" && arg !== "--node");
const command = onDeno
  ? ["deno", "run", "-A", "--no-check", "test/load/soak-main.ts"]
  : ["node", "dist/test/load/soak-main.js"];
if (!run(["node", "scripts/build.mjs"])) process.exit(1);
process.exitCode = run([...command, ...rest]) ? 0 : 1;
