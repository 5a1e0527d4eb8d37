// What works share that get bodies from the origin that makes them up.

import { createHash } from "node:crypto";
import { BLOCK, makeBlock, NEEDLE, REPLACEMENT } from "../body.ts";
import type { Proxy } from "../bench.ts";
import { download, fingerprint, type Transfer } from "../client.ts";
import { SLUICE_REPLACE } from "../launches.ts";
import { sluice, type Subject } from "../subjects.ts";

/** The variants of sluice: bodies as they are, and with the needles replaced. */
export const PASSED = "passed";
export const REPLACED = "replaced";

/** Blocks of the body that is compared byte by byte. */
const CHECKED_BLOCKS = 64;

/** How a body is framed. */
export interface Framing {
  /** The length of a wire chunk in bytes; without it, the body has a Content-Length. */
  readonly frame?: number;
}

/**
 * sluice on each runtime, both as it passes bodies on and as it replaces.
 *
 * @returns The subjects.
 */
export function bothWays(): readonly Subject[] {
  return [...sluice(PASSED), ...sluice(REPLACED, SLUICE_REPLACE)];
}

/**
 * Where a body is found.
 *
 * @param size Its length in bytes, in whole blocks of 64 KiB.
 * @param framing How it is framed.
 * @returns The path.
 */
export function pathOf(size: number, { frame }: Framing): string {
  return frame === undefined ? `length/${size}` : `chunked/${size}/${frame}`;
}

/**
 * Makes sure that a proxy does what it should.
 *
 * @param proxy The proxy.
 * @param modified Whether it replaces the needles.
 * @param framing How the body is framed.
 * @throws {Error} If it gives other bytes.
 */
export async function check({ running }: Proxy, modified: boolean, framing: Framing): Promise<void> {
  const { bytes, checksum } = await fingerprint(running.port, pathOf(CHECKED_BLOCKS * BLOCK, framing));
  const text = Buffer.concat(Array<Buffer>(CHECKED_BLOCKS).fill(makeBlock())).toString("latin1");
  const wanted = modified ? text.replaceAll(NEEDLE, REPLACEMENT) : text;
  if (checksum === createHash("sha256").update(wanted, "latin1").digest("hex")) return;
  throw new Error(`wrong output: ${bytes} bytes of another content`);
}

/**
 * Gets a body through a proxy and compares its length.
 *
 * @param proxy The proxy.
 * @param modified Whether it replaces the needles.
 * @param size The length of the body in bytes, before that.
 * @param framing How it is framed.
 * @param times How often; default 1.
 * @returns The transfer.
 * @throws {Error} If another number of bytes came.
 */
export async function get(
  { running }: Proxy,
  modified: boolean,
  size: number,
  framing: Framing,
  times = 1,
): Promise<Transfer> {
  const transfer = await download(running.port, pathOf(size, framing), times);
  const growth = modified ? size / BLOCK * (REPLACEMENT.length - NEEDLE.length) : 0;
  const wanted = times * (size + growth);
  if (transfer.bytes !== wanted) throw new Error(`wrong output: ${transfer.bytes} bytes, not ${wanted}`);
  return transfer;
}
