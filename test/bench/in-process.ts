// The transforms by themselves, without sockets: a fresh process on each runtime, so that neither what this
// process did before nor its garbage counts.

import { fileURLToPath } from "node:url";
import { deno } from "./project.ts";
import { runToEnd } from "./programs.ts";
import { formatTable } from "./table.ts";

interface Value {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/**
 * Measures the transforms on Node and, where it is installed, on Deno.
 *
 * @returns A table with a column for each runtime.
 */
export async function inProcess(): Promise<string> {
  const script = fileURLToPath(new URL("./in-process-values.js", import.meta.url));
  const onNode = await valuesOf(process.execPath, [script]);
  const onDeno = deno === null ? [] : await valuesOf(deno, ["run", "-A", script]);
  const rows = onNode.map(({ name, value, unit }) => {
    const other = onDeno.find((candidate) => candidate.name === name);
    return [name, format(value), other === undefined ? "not installed" : format(other.value), unit];
  });
  return `Transforms in process\n${formatTable(["", "Node", "Deno", "unit"], rows)}`;
}

async function valuesOf(command: string, args: readonly string[]): Promise<readonly Value[]> {
  return JSON.parse(await runToEnd(command, args)) as readonly Value[];
}

function format(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}
