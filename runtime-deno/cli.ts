#!/usr/bin/env -S deno run -A
/** The command `sluice` under Deno. */
import { main } from "../lib/cli.ts";
import { host } from "./host.ts";

Deno.exit(await main(Deno.args, host));
