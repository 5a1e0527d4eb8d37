/**
 * Compiles everything that has changed, then removes from dist/ what no longer has a source: a test that was deleted must
 * not run on, nor a module be published.
 */
import { existsSync, rmSync } from "node:fs";
import { filesBelow, run } from "./run.mjs";

if (!run(["tsc", "-b"])) process.exit(1);
for (const file of [...filesBelow("dist", ".js"), ...filesBelow("dist", ".d.ts")]) {
  const source = file.replace(/^dist./, "").replace(/(?:\.d\.ts|\.js)$/, ".ts");
  if (!existsSync(source)) rmSync(file);
}
