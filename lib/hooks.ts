/**
 * Hooks: what a script may export, and how they are run.
 *
 * Each flow takes the list of scripts at its beginning and keeps it, so that a script reloaded in between never sees half
 * a flow. A hook that nobody exports costs nothing, not even a promise.
 */
import type { Flow } from "./flow.ts";
import type { Toolkit } from "./toolkit.ts";

export type { Toolkit } from "./toolkit.ts";

/** One hook. What it returns is awaited and ignored. */
export type Hook = (flow: Flow, toolkit: Toolkit) => unknown;

/** The names of the hooks, in the order in which a flow meets them. */
export const hookNames = ["requestheaders", "request", "responseheaders", "response", "error"] as const;

/** The name of a hook. */
export type HookName = (typeof hookNames)[number];

/** The hooks of one script. */
export type Hooks = { readonly [name in HookName]?: Hook };

/**
 * Runs one hook of every script that has it, one after the other.
 *
 * @returns `null` if no script has it or none had to wait, else a promise for when all have run; it rejects with what the
 * first one threw.
 * @throws What the first one threw, if nothing had to be waited for before.
 */
export function runHooks(
  scripts: readonly Hooks[],
  name: HookName,
  flow: Flow,
  toolkit: Toolkit,
): Promise<void> | null {
  for (let i = 0; i < scripts.length; i++) {
    const result = scripts[i]![name]?.(flow, toolkit);
    if (isThenable(result)) return runRest(result, scripts.slice(i + 1), name, flow, toolkit);
  }
  return null;
}

async function runRest(
  first: PromiseLike<unknown>,
  scripts: readonly Hooks[],
  name: HookName,
  flow: Flow,
  toolkit: Toolkit,
): Promise<void> {
  await first;
  for (const script of scripts) await script[name]?.(flow, toolkit);
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  const kind = typeof value;
  if ((kind !== "object" && kind !== "function") || value === null) return false;
  return typeof (value as { readonly then?: unknown }).then === "function";
}
