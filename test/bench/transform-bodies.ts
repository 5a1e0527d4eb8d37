/**
 * The bodies that transforms are measured on: text without a match, and with some put into it.
 *
 * The text is made of some 2,000 made words, of the commonest English ones and of tags, so that it looks to a
 * search as real text does: no byte of it is rare by accident, and many words begin alike. One MiB of it lies
 * in the processor's cache, as the piece that a proxy has just read does.
 */

import { randomNumbers } from "../harness/splits.ts";

/** The length of a body in bytes. */
export const BODY_BYTES: number = 1024 * 1024;

/** The length of the chunks that it comes in. */
const CHUNK_BYTES = 64 * 1024;

/** How many bytes there are from one match to the next. */
const DISTANCES = { none: Infinity, sparse: 4096, dense: 32 } as const;

/** How many matches a body has. */
export type Density = "none" | "sparse" | "dense";

/** The densities, the fewest matches first. */
export const densities: readonly Density[] = ["none", "sparse", "dense"];

const common = '<li class="item"> the of and to in is you that it he was for on are as with his they at </li>'
  .split(" ");

const syllables =
  ("al an ar be bil ca ci con cor de dis dy ed el em en ers ex fa fi for ful ga gen gra hap i ing in ket ky " +
    "la li lo lu man men mi mo mus ne ni nor o out par per pla ple por pre qua re ry se sta sug sup sy ta ter " +
    "ti tion tra ty un ver vi vor wa wi wor").split(" ");

const foreign = "über größe für žluťoučký κείμενο слово данные 数据 文字 データ 한국어 naïve café – “ ”"
  .split(" ");

/** Made words of so many letters, all different, from syllables, so that many begin alike. */
function makeWords(count: number, seed: number, least: number, most: number): string[] {
  const random = randomNumbers(seed);
  const made = new Set<string>();
  while (made.size < count) {
    let word = "";
    for (const length = least + random() * (most - least); word.length < length;) {
      word += syllables[Math.trunc(random() * syllables.length)];
    }
    made.add(word.slice(0, most));
  }
  return [...made];
}

const vocabulary = makeWords(3000, 2, 4, 10);

/**
 * Makes text.
 *
 * @param length Its length in characters.
 * @param share How many of three words are not ASCII.
 * @returns The text.
 */
export function makeText(length: number, share: 0 | 1 = 0): string {
  const random = randomNumbers(3);
  const pick = (words: readonly string[], count: number): string => words[Math.trunc(random() * count)] ?? "";
  const words: string[] = [];
  for (let made = 0; made < length;) {
    const own = pick(vocabulary, 2000);
    const other = share > random() * 2 ? pick(foreign, foreign.length) : pick(common, common.length);
    words.push(own, other);
    made += own.length + other.length + 2;
  }
  return words.join(" ").slice(0, length);
}

/** Words of 4 to 10 letters, each between spaces, none of which is in the text. */
export const longWords: readonly string[] = vocabulary.slice(2000).map((word) => ` ${word} `);

/** Words of 4 letters, none of which is in the text, not even within another word. */
export const shortWords: readonly string[] = (() => {
  const text = makeText(BODY_BYTES);
  const random = randomNumbers(5);
  const letters = "eeeetttaaaooniisshhrrddlluucmfwypvbgk";
  const made = new Set<string>();
  while (made.size < 1000) {
    const word = Array.from({ length: 4 }, () => letters[Math.trunc(random() * letters.length)]).join("");
    if (!text.includes(word)) made.add(word);
  }
  return [...made];
})();

/**
 * Makes a body.
 *
 * @param text Its text, without matches.
 * @param matches What is put into it, in turns.
 * @param density How many of them.
 * @returns The body in chunks.
 */
export function makeBody(text: string, matches: readonly string[], density: Density): readonly Uint8Array[] {
  const distance = DISTANCES[density];
  const parts: string[] = [];
  for (let at = 0, turn = 0; at < text.length; at += distance) {
    if (at > 0) parts.push(matches[turn++ % matches.length] as string);
    parts.push(text.slice(at, at + distance));
  }
  return cut(new TextEncoder().encode(parts.join("")));
}

/**
 * Cuts bytes into chunks.
 *
 * @param body The bytes; what is beyond `BODY_BYTES` is left out.
 * @param size The length of a chunk, in bytes; default 64 KiB.
 * @returns The chunks, each in memory of its own.
 */
export function cut(body: Uint8Array, size: number = CHUNK_BYTES): readonly Uint8Array[] {
  const whole = body.subarray(0, BODY_BYTES);
  return Array.from(
    { length: Math.ceil(whole.length / size) },
    (_, i) => whole.slice(i * size, (i + 1) * size),
  );
}
