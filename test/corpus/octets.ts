/**
 * The octets of a case: pieces put together, and the words in braces filled in. One character is one octet.
 */
import type { Octets, Part, ProxyMode } from "./cases.ts";

/** Where everything is, for the words in braces. */
export interface Places {
  readonly mode: ProxyMode;
  /** `host:port` of the proxy. */
  readonly proxy: string;
  /** `host:port` of the origin. */
  readonly origin: string;
  /** A port that nobody listens on. */
  readonly deadPort: number;
  /** What marks the octets of one case, wherever they turn up. */
  readonly token: string;
}

const words: Readonly<Record<string, (places: Places, path: string) => string>> = {
  url: ({ mode, origin }, path) => mode === "forward" ? `http://${origin}${path}` : path,
  abs: ({ origin }, path) => `http://${origin}${path}`,
  path: (_, path) => path,
  host: ({ mode, origin, proxy }) => mode === "forward" ? origin : proxy,
  origin: ({ origin }) => origin,
  proxy: ({ proxy }) => proxy,
  deadport: ({ deadPort }) => String(deadPort),
  tok: ({ token }) => token,
};

const word = new RegExp(`\\{(${Object.keys(words).join("|")})(?::([\\w\\-./?=&%]*))?\\}`, "g");

/** Fills in the words in braces; `{url:x}` ends in `/x`. */
export function fillWords(text: string, places: Places): string {
  return text.replace(
    word,
    (_, name: string, last = "x") => words[name]!(places, `/${places.token}/${last}`),
  );
}

/** Puts the pieces together. */
export function octetsOf(octets: Octets, places: Places): string {
  const parts: readonly Part[] = Array.isArray(octets) ? octets : [octets];
  return parts.map((part) => onePart(part, places)).join("");
}

function onePart(part: Part, places: Places): string {
  if (typeof part === "string") return fillWords(part, places);
  if ("repeat" in part) return fillWords(part.repeat, places).repeat(part.times);
  if ("pattern" in part) return pattern(part.pattern);
  return inChunks(pattern(part.chunked), part.sizes);
}

/** So many octets that differ from place to place. */
export function pattern(length: number): string {
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * 31 + (i >>> 8) * 7 + 11) & 255;
  return bytes.toString("latin1");
}

function inChunks(body: string, sizes: readonly number[]): string {
  let wire = "";
  for (let at = 0, i = 0; at < body.length; i++) {
    const chunk = body.slice(at, at + sizes[i % sizes.length]!);
    wire += `${chunk.length.toString(16)}\r\n${chunk}\r\n`;
    at += chunk.length;
  }
  return `${wire}0\r\n\r\n`;
}
