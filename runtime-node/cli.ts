#!/usr/bin/env node
/**
 * The command `sluice` under Node.
 *
 * Node opens all the files of a module graph at once, and where few may be open (`ulimit -n 64`) it would not even start.
 * So they are loaded one by one, those that stand on fewer others (the smaller ones, as it is) first.
 */
import { readdirSync, statSync } from "node:fs";
import process from "node:process";

for (const folder of ["../transforms/", "../lib/h1/", "../lib/"]) {
  const modules = readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name.endsWith(".js"))
    .map((name) => new URL(folder + name, import.meta.url))
    .sort((a, b) => statSync(a).size - statSync(b).size);
  for (const { href } of modules) await import(href);
}

const { main } = await import("../lib/cli.ts");
const { host } = await import("./host.ts");
process.exit(await main(process.argv.slice(2), host));
