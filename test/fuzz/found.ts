/** What was found once, in test/vectors/found: small cases, and what had to hold. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { root } from "../harness/project.ts";
import type { Failure } from "./fuzzer.ts";
import { minimise } from "./minimise.ts";
import type { Case, Target } from "./target.ts";

/** A case in a file. */
export interface Found extends Case {
  /** The target that plays it. */
  readonly target: string;
  /** The seed of the run that has found it, and which input it was. */
  readonly seed: number;
  readonly index: number;
  /** What had to hold and didn't. */
  readonly expected: string;
}

const folder = new URL("test/vectors/found/", root);

/** All cases, by the names of their files. */
export function readFound(): ReadonlyMap<string, Found> {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json")).sort();
  return new Map(
    names.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), "utf8")) as Found]),
  );
}

/**
 * Makes what failed small, and writes it down.
 *
 * @param target What it failed in.
 * @param failure The failure.
 * @returns The path of the file, from the project's folder.
 */
export async function writeFound(target: Target, failure: Failure): Promise<string> {
  const kind = kindOf(failure.error);
  const small = await minimise(failure.input, async (input) => {
    try {
      await target.check(input);
      return false;
    } catch (error) {
      return kindOf(error) === kind;
    }
  });
  const { seed, index } = failure;
  const found: Found = { target: target.name, seed, index, expected: expectation(failure.error), ...small };
  const path = `test/vectors/found/${target.name}-${seed}-${index}.json`;
  // All but ASCII is escaped, so that the file shows what it has.
  const json = JSON.stringify(found, null, 2).replace(/[\x7f-\uffff]/g, (char) => {
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(new URL(path, root), `${json}\n`);
  return path;
}

/** The first line of a message, which says what must hold. */
function expectation(error: unknown): string {
  return error instanceof Error ? error.message.split("\n")[0]! : String(error);
}

/** Whether two errors are the same failure, as far as their messages tell. */
function kindOf(error: unknown): string {
  assert(error instanceof Error);
  return `${error.name} ${expectation(error).replace(/\d+|".*"/g, "")}`;
}
