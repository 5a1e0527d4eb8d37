/** All that is fuzzed. */
import { chainsTarget } from "./chains.ts";
import { codecTarget } from "./codec.ts";
import { engineTarget } from "./engine.ts";
import { regexpsTarget } from "./regexps.ts";
import { relayTarget } from "./relay.ts";
import { senderTarget } from "./sender.ts";
import type { Target } from "./target.ts";

/** The targets, in the order in which they are run. */
export const targets: readonly Target[] = [
  codecTarget,
  relayTarget,
  senderTarget,
  engineTarget,
  chainsTarget,
  regexpsTarget,
];
