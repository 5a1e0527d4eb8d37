/**
 * What the corpus is played against: a proxy in either mode, whose scripts leave bodies alone, look at them, or may
 * change them. No configuration changes an octet of a body, so that each case expects the same of all.
 */
import type { Hooks } from "../../lib/hooks.ts";
import { replace, tap, type Transform } from "../../transforms/mod.ts";
import type { ProxyMode } from "./cases.ts";

/** What the scripts do with bodies. */
export type Change = "none" | "same" | "length";

/** One configuration. */
export interface Configuration {
  readonly mode: ProxyMode;
  readonly change: Change;
}

/** The scripts of each change. */
export const scripts: Readonly<Record<Change, readonly Hooks[]>> = {
  none: [],
  same: [onBothBodies(() => tap(() => {}))],
  // No body has it; but whoever looks for it must take every body apart, and can't know its length beforehand.
  length: [onBothBodies(() => replace("a needle that is in no case", "nothing"))],
};

/** What each change is called. */
export const changeNames: Readonly<Record<Change, string>> = {
  none: "no script",
  same: "a transform that passes everything on, both ways",
  length: "a transform that may change the length, both ways",
};

/** All configurations. */
export const configurations: readonly Configuration[] = (["reverse", "forward"] as const).flatMap((mode) =>
  (["none", "same", "length"] as const).map((change) => ({ mode, change }))
);

function onBothBodies(make: () => Transform): Hooks {
  return {
    requestheaders: ({ request }) => {
      request.stream = make();
    },
    responseheaders: ({ response }) => {
      response!.stream = make();
    },
  };
}
