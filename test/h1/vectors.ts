/** Reads the vectors in test/vectors; README.md there has the notation. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { root } from "../harness/project.ts";
import { octets, type Scene } from "./play.ts";

const FILES = [
  "requests",
  "targets-and-hosts",
  "framing",
  "chunked",
  "trailers",
  "responses",
  "connections",
] as const;

/** One case. */
export interface Vector {
  readonly title: string;
  readonly scene: Scene;
  readonly bytes: Uint8Array;
  readonly events: readonly string[];
}

const VECTOR =
  /^## (.+)\n(?:(?!^## |^```)[^\n]*\n)*```http ([^\n]*)\n((?:(?!```)[^\n]*\n)*)```\n+```events\n((?:(?!```)[^\n]*\n)*)```/gm;

/** All vectors, by the file that they are in. */
export function readVectors(): ReadonlyMap<string, readonly Vector[]> {
  return new Map(FILES.map((file) => {
    return [file, parse(readFileSync(new URL(`test/vectors/${file}.md`, root), "utf8"))];
  }));
}

function parse(markdown: string): Vector[] {
  const vectors = Array.from(markdown.matchAll(VECTOR), ([, title, info, http, events]) => ({
    title: title!,
    scene: sceneOf(info!.split(" ")),
    bytes: octets(unescape(http!)),
    events: events!.trimEnd().split("\n"),
  }));
  assert.equal(vectors.length, markdown.match(/^## /gm)?.length, "every section must be a vector");
  return vectors;
}

function sceneOf(words: readonly string[]): Scene {
  const methods = words.filter((word) => /^[A-Z]+$/.test(word));
  return {
    role: words[0] === "request" ? "server" : "client",
    ...(methods.length > 0 ? { methods } : {}),
    upgrade: words.includes("upgrade"),
    fin: words.includes("fin"),
  };
}

/** A line break stands for CRLF, unless a backslash comes before it; `\r`, `\n`, `\t`, `\s` and `\xNN` are octets. */
function unescape(text: string): string {
  return text.replaceAll("\\\n", "").replaceAll("\n", "\r\n")
    .replace(/\\([rnts])/g, (_, char: "r" | "n" | "t" | "s") => ({ r: "\r", n: "\n", t: "\t", s: " " })[char])
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
