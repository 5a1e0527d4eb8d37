/**
 * The cases that are known to fail, where, and why. A case that fails without a row here fails the tests, and so does a
 * row whose case passes.
 */
import type { ProxyMode } from "./cases.ts";
import type { Change } from "./changes.ts";

/** A case that fails; where a word is missing, it fails for all its values. */
export interface Miss {
  readonly id: string;
  readonly runtime?: "node" | "deno";
  readonly mode?: ProxyMode;
  readonly change?: Change;
  readonly why: string;
}

/** The table. */
export const knownMisses: readonly Miss[] = [];
