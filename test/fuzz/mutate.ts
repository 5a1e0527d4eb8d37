/**
 * Changes octets where readers of HTTP disagree: at the ends of lines, at separators, in numbers, and with the octets that
 * some readers take for white space.
 */
import type { Random } from "./random.ts";

const HOSTILE = [...'\r\n \t\0:;,="\\/#%0159afxAF+-_.\x0b\x0c\x7f\x80\x85\xa0\xad\xff'];

const WORDS: readonly string[] = [
  "\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
  "1\r\nx\r\n",
  "5\r\nhello\r\n",
  "\r\n ",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: identity\r\n",
  "Content-Length: 0\r\n",
  "Content-Length: 5\r\n",
  "Connection: close\r\n",
  "Connection: keep-alive\r\n",
  "Connection: Content-Length, X-A, Upgrade\r\n",
  "Host: b\r\n",
  "Upgrade: foo\r\n",
  "Trailer: X-A\r\n",
  "X-A: 1\r\n",
  "chunked",
  "gzip, chunked",
  "HTTP/1.0",
  "HTTP/1.1",
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 304 \r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n",
  "HEAD ",
  "http://b.example/x",
  ';a="b"',
  "ffffffffffffffff",
  "9007199254740991",
  "1fffffffffffff",
];

type Mutation = (octets: string, random: Random) => string;

const mutations: readonly Mutation[] = [
  // Delete, duplicate and swap octets.
  (octets, random) => at(octets, random, 1 + random.below(3), () => ""),
  (octets, random) => at(octets, random, 1 + random.below(8), (span) => span + span),
  (octets, random) => at(octets, random, 2, (span) => span.slice(1) + span.slice(0, 1)),
  // Put in what is hostile, instead of something or beside it.
  (octets, random) => at(octets, random, 1, () => random.pick(HOSTILE)),
  (octets, random) => at(octets, random, 0, () => random.pick(HOSTILE)),
  (octets, random) => at(octets, random, 0, () => random.pick(WORDS)),
  (octets, random) => at(octets, random, 1, () => String.fromCharCode(random.below(256))),
  // The same, where a line begins or ends.
  (octets, random) => atLine(octets, random, (line) => line + random.pick(HOSTILE)),
  (octets, random) => atLine(octets, random, (line) => random.pick(HOSTILE) + line),
  (octets, random) => atLine(octets, random, (line) => random.pick(WORDS).trimEnd() + "\r\n" + line),
  (octets, random) => atLine(octets, random, () => ""),
  (octets, random) => atLine(octets, random, (line) => `${line}\r\n${line}`),
  (octets, random) => atLine(octets, random, (line) => line.repeat(1 + random.below(40))),
  // As long as a limit allows, or one more: those of `codec-reader.ts`.
  (octets, random) => stretch(octets, random),
  // Another number, another case.
  (octets, random) => atMatch(octets, random, /[0-9a-f]+/gi, (digits) => otherNumber(digits, random)),
  (octets, random) => atMatch(octets, random, /[a-z]+/gi, (word) => word.toUpperCase()),
  (octets, random) =>
    atMatch(octets, random, /: */g, (colon) => colon + random.pick(["", " ", "\t", " \t "])),
  // Lose an end.
  (octets, random) => octets.slice(0, random.below(octets.length + 1)),
  (octets, random) => octets.slice(random.below(Math.min(octets.length, 64) + 1)),
];

/** How long an input may get, in octets. */
const LONGEST = 4096;

/**
 * Changes octets in one to six places.
 *
 * @param octets What to change.
 * @param other Something to splice it with.
 * @param random What decides.
 * @returns The changed octets.
 */
export function mutate(octets: string, other: string, random: Random): string {
  let mutant = random.chance(0.1) ? splice(octets, other, random) : octets;
  const count = 1 + random.below(random.chance(0.7) ? 2 : 6);
  for (let i = 0; i < count; i++) mutant = random.pick(mutations)(mutant, random);
  return mutant.slice(0, LONGEST);
}

/** The beginning of one and the end of another. */
function splice(octets: string, other: string, random: Random): string {
  if (random.chance(0.3)) return octets + other;
  return octets.slice(0, random.below(octets.length + 1)) + other.slice(random.below(other.length + 1));
}

function at(octets: string, random: Random, length: number, change: (span: string) => string): string {
  const place = random.below(octets.length + 1);
  return octets.slice(0, place) + change(octets.slice(place, place + length)) + octets.slice(place + length);
}

function atLine(octets: string, random: Random, change: (line: string) => string): string {
  const lines = octets.split("\r\n");
  const place = random.below(lines.length);
  const changed = change(lines[place]!);
  return [...lines.slice(0, place), ...(changed === "" ? [] : [changed]), ...lines.slice(place + 1)].join(
    "\r\n",
  );
}

function atMatch(octets: string, random: Random, pattern: RegExp, change: (match: string) => string): string {
  const found = [...octets.matchAll(pattern)];
  if (found.length === 0) return octets;
  const { 0: match, index } = random.pick(found);
  return octets.slice(0, index) + change(match) + octets.slice(index + match.length);
}

/** Makes a line so long that it, or all up to its end, has a length that a limit may have. */
function stretch(octets: string, random: Random): string {
  const ends = [...octets.matchAll(/(?<=[^\r\n])\r\n/g)];
  if (ends.length === 0) return octets;
  const end = random.pick(ends).index;
  const from = random.chance(0.5)
    ? octets.lastIndexOf("\n", end) + 1
    : octets.lastIndexOf("\r\n\r\n", end) + 4;
  const length = random.pick([14, 24, 64, 94, 96, 128, 188, 192, 252, 256]) + random.below(5) - 2;
  const missing = length - (end - from);
  return missing <= 0 ? octets : octets.slice(0, end) + "x".repeat(missing) + octets.slice(end);
}

function otherNumber(digits: string, random: Random): string {
  const base = /^[0-9]+$/.test(digits) && random.chance(0.7) ? 10 : 16;
  const value = parseInt(digits, base);
  return random.pick([
    (value + 1).toString(base),
    Math.max(0, value - 1).toString(base),
    `0${digits}`,
    `${digits}0`,
    `${digits}, ${digits}`,
    `+${digits}`,
    "0",
    "",
  ]);
}
