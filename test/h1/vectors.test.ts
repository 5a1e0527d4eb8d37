/**
 * The vectors in test/vectors: Markdown in which an `http` block is played, and the `events` block behind it is what must
 * happen, however the bytes are cut. README.md there has the notation.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { root } from "../harness/project.ts";
import { octets, playEveryWay, type Scene } from "./play.ts";

const FILES = ["requests", "targets-and-hosts", "framing", "chunked", "trailers", "responses", "connections"];

interface Vector {
  readonly title: string;
  readonly scene: Scene;
  readonly bytes: Uint8Array;
  readonly events: readonly string[];
}

const VECTOR =
  /^## (.+)\n(?:(?!^## |^```)[^\n]*\n)*```http ([^\n]*)\n((?:(?!```)[^\n]*\n)*)```\n+```events\n((?:(?!```)[^\n]*\n)*)```/gm;

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

for (const file of FILES) {
  describe(`vectors/${file}.md`, () => {
    for (const vector of parse(readFileSync(new URL(`test/vectors/${file}.md`, root), "utf8"))) {
      it(vector.title, () => playEveryWay(vector.scene, vector.bytes, vector.events));
    }
  });
}
