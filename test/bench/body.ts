// The bodies that are sent: text with the needle once in every block of 64 KiB, at an odd offset that differs
// from block to block, so that needles fall on every kind of border of a read.
//
// The needle has no border of its own (no prefix that is also a suffix), so no other occurrence can come about
// where it is put into the text, and the number of occurrences is known without a search.

import { createHash } from "node:crypto";
import { closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

export const NEEDLE = "needle";
export const REPLACEMENT = "replacement";

/** The names that the origin serves the two bodies under. */
export const LARGE = "large.txt";
export const SMALL = "small.txt";

/** The length of a block of text, in bytes: each has the needle once. */
export const BLOCK: number = 64 * 1024;
const SMALL_SIZE = 1024;

const WORDS =
  "the a of and need needs kneed needy stream body chunk frame field of to in water gate river lock weir bank flow"
    .split(" ");

/** What the large body is, as sent and as it must be after the replacement. */
export interface Body {
  readonly size: number;
  readonly needles: number;
  readonly checksum: string;
  readonly modifiedSize: number;
  readonly modifiedChecksum: string;
}

/**
 * Writes the large and the small body into a folder.
 *
 * @param folder Where the files go.
 * @param size The length of the large body in bytes, rounded up to whole blocks of 64 KiB.
 * @returns What a client must receive.
 */
export function writeBodies(folder: string, size: number): Body {
  const text = makeText(BLOCK);
  const needle = Buffer.from(NEEDLE);
  const replacement = Buffer.from(REPLACEMENT);
  const needles = Math.ceil(size / BLOCK);
  const original = createHash("sha256");
  const modified = createHash("sha256");
  const file = openSync(join(folder, LARGE), "w");
  for (let i = 0; i < needles; i++) {
    const at = needleOffset(i);
    const block = Buffer.from(text);
    needle.copy(block, at);
    writeSync(file, block);
    original.update(block);
    modified.update(block.subarray(0, at)).update(replacement).update(block.subarray(at + needle.length));
  }
  closeSync(file);
  const small = Buffer.from(text.subarray(0, SMALL_SIZE));
  needle.copy(small, 501);
  writeFileSync(join(folder, SMALL), small);
  return {
    size: needles * BLOCK,
    needles,
    checksum: original.digest("hex"),
    modifiedSize: needles * (BLOCK + replacement.length - needle.length),
    modifiedChecksum: modified.digest("hex"),
  };
}

/**
 * Makes a block of text with the needle at an odd offset, across the borders of pieces of 64 bytes to 4 KiB.
 *
 * @returns The block.
 */
export function makeBlock(): Buffer {
  const block = makeText(BLOCK);
  Buffer.from(NEEDLE).copy(block, 7 * 4096 - 3);
  return block;
}

/** An odd offset below 65,000, spread over the block by a stride that shares no factor with their number. */
function needleOffset(block: number): number {
  return 2 * ((block * 7919) % 32_500) + 1;
}

function makeText(size: number): Buffer {
  let state = 1;
  let text = "";
  while (text.length < size) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    text += WORDS[state % WORDS.length] + ((state >>> 8) % 12 === 0 ? "\n" : " ");
  }
  return Buffer.from(text.slice(0, size), "latin1");
}
