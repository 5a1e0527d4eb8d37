/**
 * Files to serve: large, the same at every run, and with something to find in them.
 */
import { createHash } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseSize } from "../../lib/size.ts";
import { pattern } from "../runtime/support.ts";

/** One mebibyte. */
export const MiB: number = 1024 * 1024;

/** How large the large files are: 64 MiB, or what `SIZE` says (`SIZE=1g`). */
export const largeSize: number = parseSize(process.env["SIZE"] ?? "64m");

/** What `writeNeedles` hides. */
export const needle = "foobar";

/** A folder of a test's own; disposing removes it. */
export async function makeFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sluice-e2e-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/**
 * Writes a file of octets that can't be compressed.
 *
 * @returns Its SHA-256.
 */
export async function writeNoise(path: string, size: number): Promise<string> {
  return await writeBlocks(path, size, (block) => block);
}

/**
 * Writes a text of the needle's own letters, so that its beginnings are everywhere, and with the needle across many a
 * border of the pieces in which files are read, sent and changed.
 *
 * @returns Its SHA-256.
 */
export async function writeNeedles(path: string, size: number): Promise<string> {
  const letters = new TextEncoder().encode(`${needle}\n `);
  const whole = new TextEncoder().encode(needle);
  return await writeBlocks(path, size, (block) => {
    const text = block.map((octet) => letters[octet & 7]!);
    for (let border = 4096, early = 0; border < text.length; border += 4096, early++) {
      text.set(whole, border - early % (needle.length + 1));
    }
    text.set(whole, 0);
    text.set(whole, text.length - whole.length);
    return text;
  });
}

async function writeBlocks(
  path: string,
  size: number,
  make: (block: Uint8Array) => Uint8Array,
): Promise<string> {
  const hash = createHash("sha256");
  await using file = await open(path, "w");
  for (let at = 0, seed = 1; at < size; at += MiB, seed++) {
    const block = make(pattern(Math.min(MiB, size - at), seed));
    hash.update(block);
    await file.write(block);
  }
  return hash.digest("hex");
}
