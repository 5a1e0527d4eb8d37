/**
 * sluice showing itself: an origin, the proxy in front of it with a script that changes every `foobar`, and three lines
 * to try. It is the command line itself that runs, with its log, its reload of the script, and its clean end on Ctrl-C.
 */
import process from "node:process";
import { main } from "../lib/cli.ts";
import type { Host } from "../lib/host.ts";
import { host } from "../runtime-node/host.ts";
import { startOrigin } from "./demo/origin.ts";

const SCRIPT = "examples/foobar.js";

const origin = await startOrigin();
const showing: Host = { ...host, stdout: { ...host.stdout, write: show } };
process.exit(await main(["--listen-port", "0", "--mode", `reverse:${origin}`, "--script", SCRIPT], showing));

/** Adds to the line that tells the proxy's address what can be done there. */
function show(line: string): void {
  const proxy = /http:\S+/.exec(line)?.[0];
  host.stdout.write(
    `${line}
  origin  ${origin}   pages: /  /file  /drip  /events  /large
  proxy   ${proxy}   the same pages, with foobar changed to BAZ by ${SCRIPT}

Try, in another terminal:

  curl -N ${proxy}/drip       words come one by one; a foobar cut in two is changed as well
  curl -N ${proxy}/events     each event as it happens
  curl -o /dev/null ${proxy}/large     1 GiB, changed on the way, in constant memory

Change ${SCRIPT} while it runs: the next request sees it. Ctrl-C ends it.

`,
  );
}
