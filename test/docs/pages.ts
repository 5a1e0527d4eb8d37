/** The pages of the documentation, and the code in them. */
import { readdirSync, readFileSync } from "node:fs";
import { root } from "../harness/project.ts";

/** A fenced block of code. */
export interface Block {
  /** The page, from the project's folder. */
  readonly page: string;
  /** The line of its first line of code. */
  readonly line: number;
  /** The language that its fence names; empty for none. */
  readonly language: string;
  /** The code, with its last line feed. */
  readonly code: string;
}

/** The pages, from the project's folder. */
export const pages: readonly string[] = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(new URL("docs/", root)).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

/**
 * The text of a page.
 *
 * @param page The page, from the project's folder.
 * @returns The text.
 */
export function textOf(page: string): string {
  return readFileSync(new URL(page, root), "utf8");
}

/**
 * The blocks of code in all pages.
 *
 * @param languages The languages that are wanted.
 * @returns The blocks, page by page.
 */
export function blocks(...languages: readonly string[]): Block[] {
  return pages.flatMap((page) => {
    const text = textOf(page);
    return [...text.matchAll(/^```(\w*).*\n([^]*?\n)```$/gm)].map((match) => ({
      page,
      line: text.slice(0, match.index).split("\n").length + 1,
      language: match[1]!,
      code: match[2]!,
    }));
  }).filter(({ language }) => languages.includes(language));
}

/**
 * The name that a block of code gives itself in its first line, as in `// name.js`.
 *
 * @param block The block.
 * @returns The name, or `null`: then it is no script, but a module that runs by itself.
 */
export function scriptName({ code }: Block): string | null {
  return /^\/\/ ([\w-]+\.(?:js|ts))\n/.exec(code)?.[1] ?? null;
}
