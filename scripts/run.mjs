/** Running programs one after the other, with their output in ours. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** How long a program may take, ms: several times what the tests of one runtime do, so that one that hangs is a failure. */
const LONGEST = 20 * 60_000;

/**
 * Runs a program of this project's `node_modules/.bin`, or of the system.
 *
 * @param {readonly string[]} command The program and its arguments.
 * @param {Readonly<Record<string, string>>} env Variables to add to the environment.
 * @returns {boolean} Whether it ended well.
 */
export function run(command, env = {}) {
  const [program, ...args] = command;
  const path = `${join(process.cwd(), "node_modules", ".bin")}:${process.env["PATH"]}`;
  const { status, error } = spawnSync(program, args, {
    stdio: "inherit",
    timeout: LONGEST,
    killSignal: "SIGKILL",
    env: { ...process.env, PATH: path, ...env },
  });
  if (error !== undefined) console.error(`Cannot run ${program}: ${error.message}`);
  return status === 0;
}

/**
 * The files below a folder whose path ends in a certain way, in order; those of packages are left out.
 *
 * @param {string} folder The folder.
 * @param {string} ending How the path ends.
 * @returns {string[]} The paths, with the folder.
 */
export function filesBelow(folder, ending) {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(ending) && !path.includes("node_modules"))
    .map((path) => join(folder, path))
    .sort();
}
