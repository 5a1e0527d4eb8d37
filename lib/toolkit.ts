/** What every hook gets besides the flow, so that a script needs no import. */
import * as transforms from "../transforms/mod.ts";
import { htmlRewrite } from "./html-rewrite.ts";
import { tee } from "./tee.ts";
import { throttle } from "./throttle.ts";

/** The stages that are no transforms, as they wait: pairs of streams. */
export interface PairTools {
  /** Makes a stage of an HTML rewriter that is handed in. */
  readonly htmlRewrite: typeof htmlRewrite;
  /** Copies the body to a sink, and lets the body wait for it. */
  readonly tee: typeof tee;
  /** Slows the body down. */
  readonly throttle: typeof throttle;
}

/** All that `sluice/transforms` exports, and the stages that wait. */
export type Toolkit = typeof transforms & PairTools;

/** The toolkit. */
export const toolkit: Toolkit = { ...transforms, htmlRewrite, tee, throttle };
