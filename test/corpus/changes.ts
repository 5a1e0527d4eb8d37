/**
 * The scripts that the corpus is played with: they leave bodies alone, look at them, or may change them. None does change
 * an octet, so that each case expects the same of all.
 */
import type { Hooks } from "../../lib/hooks.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { replace, tap } from "../../transforms/mod.ts";

/** What the scripts do with bodies. */
export type Change = "none" | "same" | "length" | "stream";

/** All of them. */
export const changes: readonly Change[] = ["none", "same", "length", "stream"];

/** The scripts of each change. */
export const scripts: Readonly<Record<Change, readonly Hooks[]>> = {
  none: [],
  same: [onBothBodies(() => tap(() => {}))],
  // No body has it; but whoever looks for it must take every body apart, and can't know its length beforehand.
  length: [onBothBodies(() => replace("a needle that is in no case", "nothing"))],
  stream: [onBothBodies(() => passOn)],
};

/** What each change is called. */
export const changeNames: Readonly<Record<Change, string>> = {
  none: "no script",
  same: "a transform that passes everything on, in both directions",
  length: "a transform that may change the length, in both directions",
  stream: "a function over the stream, in both directions",
};

async function* passOn(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of body) yield chunk;
}

function onBothBodies(make: () => StreamValue): Hooks {
  return {
    requestheaders: ({ request }) => {
      request.stream = make();
    },
    responseheaders: ({ response }) => {
      response!.stream = make();
    },
  };
}
