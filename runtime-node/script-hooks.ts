/**
 * How scripts become modules on Node, as module hooks: plain functions that serve `registerHooks` (in the same thread)
 * and `register` (in a thread of its own) alike.
 *
 * A script is imported under its file URL with a mark, `?sluice=VERSION`, which its relative imports inherit: a new
 * version reads all of them again. What is marked is an ES module whatever `package.json` lies around it, may be
 * TypeScript (its types are stripped), and finds this package under its own name.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripTypes } from "./strip-types.ts";

interface Resolved {
  readonly url: string;
  readonly format?: string | null | undefined;
  readonly shortCircuit?: boolean;
}

interface Loaded {
  readonly format: string;
  readonly source: string;
  readonly shortCircuit: true;
}

type Resolve<Result> = (specifier: string, context: { parentURL?: string | undefined }) => Result;

const MARK = /[?&]sluice=\d+$/;

/**
 * The marked URL of a script.
 *
 * @param url The script's file URL.
 * @param version The version; a new one is read again.
 * @returns The URL to import.
 */
export function markedUrl(url: URL, version: number): string {
  return `${url.href}?sluice=${version}`;
}

/** The `resolve` hook. What the next hook gives may be a promise, and then this gives one. */
export function resolve<Result extends Resolved | Promise<Resolved>>(
  specifier: string,
  context: { parentURL?: string | undefined },
  next: Resolve<Result>,
): Result | Resolved | Promise<Resolved> {
  if (MARK.test(specifier)) return { url: specifier, format: "module", shortCircuit: true };
  const mark = MARK.exec(context.parentURL ?? "")?.[0];
  if (mark === undefined) return next(specifier, context);
  if (/^sluice(?:\/|$)/.test(specifier)) return next(specifier, { ...context, parentURL: import.meta.url });
  const resolved: Resolved | Promise<Resolved> = next(specifier, context);
  return resolved instanceof Promise ? resolved.then((it) => inherit(it, mark)) : inherit(resolved, mark);
}

/** The `load` hook. */
export function load<Result>(
  url: string,
  context: unknown,
  next: (url: string, context: unknown) => Result,
): Result | Loaded {
  if (!MARK.test(url)) return next(url, context);
  const path = fileURLToPath(url);
  const text = readFileSync(path, "utf8");
  return {
    format: "module",
    source: path.endsWith(".ts") ? stripTypes(text, path) : text,
    shortCircuit: true,
  };
}

function inherit(resolved: Resolved, mark: string): Resolved {
  const ours = /^file:(?!.*\/node_modules\/).*\.(?:js|mjs|ts)$/.test(resolved.url);
  return ours ? { ...resolved, url: resolved.url + mark, format: "module" } : resolved;
}
