/** Makes a digest of a body while it passes. */

import { kind } from "./bytes.ts";
import { checkFunction } from "./content.ts";
import { Tap } from "./tap.ts";
import { makeTransform, type Transform } from "./transform.ts";

/** A digest that is made piece by piece: what `createHash` of `node:crypto` returns, or `crc32()`. */
export interface IncrementalHash {
  /** Takes the next bytes; must not keep the array. */
  update(bytes: Uint8Array): unknown;
}

/**
 * Feeds what passes to a hash, and hands the hash over when the body has ended well. A body that is cut short
 * has no digest: the function is not called then.
 *
 * What the function throws fails the body before its end is passed on, so that a body with a wrong digest
 * never looks complete.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none but the hash's own time.
 * - **Memory**: that of the hash.
 *
 * @param hash Takes the bytes; for one body only. The hashes of WebCrypto take whole bodies only.
 * @param onComplete Gets the hash when the whole body has passed, to ask it for the digest.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `hash` has no `update`, or `onComplete` is no function.
 *
 * @example A digest of what was sent
 * ```ts
 * import { hash } from "./mod.ts";
 * import assert from "node:assert/strict";
 * import { createHash } from "node:crypto";
 *
 * let digest = "";
 * const body = new Response("hello").body!
 *   .pipeThrough(hash(createHash("sha256"), (sha) => digest = sha.digest("base64")));
 * assert.equal(await new Response(body).text(), "hello");
 * assert.equal(digest, "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
 * ```
 */
export function hash<Hash extends IncrementalHash>(hash: Hash, onComplete: (hash: Hash) => void): Transform {
  if (typeof hash?.update !== "function") {
    throw new TypeError(
      `Cannot hash the body as the hash must be an object with an update method: got ${kind(hash)}`,
    );
  }
  checkFunction(onComplete, "Cannot hash the body as what gets the hash");
  const watching = new Tap({
    chunk: (chunk) => void hash.update(chunk),
    end: (how) => {
      if (how === "complete") onComplete(hash);
    },
  });
  return makeTransform(watching, { retains: false, fragments: true });
}
