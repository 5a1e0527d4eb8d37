/**
 * The programs that tests and benchmarks run sluice against. Under `CI=true`, or with `--install`, what is missing is
 * installed by apt-get; else it is only named.
 */
import { spawnSync } from "node:child_process";
import { run } from "./run.mjs";

/** The program, and the Debian package that brings it. */
const TOOLS = {
  certutil: "libnss3-tools",
  chromium: "chromium",
  curl: "curl",
  nginx: "nginx-light",
};

const missing = Object.keys(TOOLS).filter((tool) =>
  spawnSync("sh", ["-c", `command -v ${tool}`]).status !== 0
);
if (missing.length > 0) {
  if (process.env["CI"] === "true" || process.argv.includes("--install")) install();
  else {console.log(
      `Not installed: ${missing.join(", ")}; node scripts/ensure-tools.mjs --install brings them`,
    );}
}

function install() {
  const sudo = process.getuid?.() === 0 ? [] : ["sudo"];
  const packages = missing.map((tool) => TOOLS[tool]);
  const apt = [...sudo, "apt-get", "-q", "-y"];
  const quiet = { DEBIAN_FRONTEND: "noninteractive" };
  const ok = run([...apt, "update"], quiet) &&
    run([...apt, "install", "--no-install-recommends", ...packages], quiet);
  if (ok) return;
  console.error(`Cannot install ${packages.join(", ")} with apt-get; install them by hand`);
  process.exitCode = 1;
}
