#!/usr/bin/env node
/** The command `sluice` under Node. */
import process from "node:process";
import { main } from "../lib/cli.ts";
import { host } from "./host.ts";

process.exit(await main(process.argv.slice(2), host));
