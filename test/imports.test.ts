/**
 * The rules of who may import and mention what, held against every source file. The compiler's settings enforce some of
 * them too; these say which rule was broken.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { describe, it } from "node:test";
import { root } from "./harness/project.ts";

interface Rule {
  /** What may be imported: paths from the project's folder, or bare specifiers. */
  readonly imports: RegExp;
  /** What the code may not name; what strings say to people does not count. */
  readonly names: RegExp;
  /** What the code may not hold, strings included. */
  readonly texts: RegExp;
}

const STREAMS = "(?:Readable|Writable|Transform)Stream(?:Default(?:Controller|Reader|Writer))?";
const TIME = "Promise|async|await|set(?:Timeout|Interval|Immediate)";
const NEUTRAL = { names: word("Deno"), texts: /["'`]node:|runtime-(?:node|deno)/ };

/** Rules by path, the most particular first: the first that fits a file holds for it. */
const RULES: readonly (readonly [path: RegExp, rule: Rule])[] = [
  [/^transforms\/transform(?:-stream)?\.ts$/, { ...NEUTRAL, imports: /^transforms\// }],
  [/^transforms\//, { ...NEUTRAL, imports: /^transforms\//, names: word(`Deno|${STREAMS}`) }],
  [/^lib\/h1\//, {
    ...NEUTRAL,
    imports: /^lib\/(?:h1\/|(?:headers|message|framing|errors|limits)\.ts$)/,
    names: word(`Deno|Socket|${STREAMS}|${TIME}`),
  }],
  [/^lib\/streams\.ts$/, { ...NEUTRAL, imports: /^(?:lib\/|transforms\/|web-streams-polyfill$)/ }],
  [/^lib\//, { ...NEUTRAL, imports: /^(?:lib\/|transforms\/|itty-router$|ts-pattern$)/ }],
  [/^runtime-node\//, {
    imports:
      /^(?:runtime-node\/|lib\/[^/]+$|transforms\/|node:|(?:@swc\/wasm-typescript|safe-regex2|pkijs|asn1js)$)/,
    names: word("Deno"),
    texts: /HTTP\/1|\\r\\n|runtime-deno/,
  }],
  [/^runtime-deno\//, {
    imports: /^(?:runtime-deno\/|lib\/[^/]+$|transforms\/|node:|(?:safe-regex2|pkijs|asn1js)$)/,
    names: word("NodeJS"),
    texts: /HTTP\/1|\\r\\n|runtime-node/,
  }],
];

function word(alternatives: string): RegExp {
  return new RegExp(`\\b(?:${alternatives})\\b`);
}

/** What a file does that it may not; comments don't count. */
function faults(path: string, text: string): string[] {
  const rule = RULES.find(([where]) => where.test(path))?.[1];
  if (rule === undefined) return [`${path} is under no rule`];
  const code = withoutComments(text);
  const imported = importsOf(path, code).filter((target) => !rule.imports.test(target));
  const withoutStrings = code.replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const mentioned = [rule.names.exec(withoutStrings)?.[0] ?? [], rule.texts.exec(code)?.[0] ?? []].flat();
  return [
    ...imported.map((target) => `${path} imports ${target}`),
    ...mentioned.map((word) => `${path} mentions ${word}`),
  ];
}

function importsOf(path: string, code: string): string[] {
  const imports = /(?<!["'\w])(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;
  const specifiers = [...code.matchAll(imports)].map((match) => match[1]!);
  return specifiers.map((specifier) =>
    specifier.startsWith(".") ? join(dirname(path), specifier) : specifier
  );
}

/** Comments have lines of their own here, or end a line after a space. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*\*?[^]*?\*\//gm, "").replace(/(?:^|\s)\/\/ .*$/gm, "");
}

function sources(folder: string): string[] {
  return readdirSync(new URL(`${folder}/`, root), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(folder, path.replaceAll("\\", "/")));
}

describe("imports", () => {
  for (const folder of ["transforms", "lib", "runtime-node", "runtime-deno"]) {
    it(`of ${folder}/ follow the rules`, () => {
      const found = sources(folder).flatMap((path) =>
        faults(path, readFileSync(new URL(path, root), "utf8"))
      );
      assert.deepEqual(found, []);
    });
  }

  const wrong: [path: string, text: string, fault: string][] = [
    ["transforms/a.ts", 'import { x } from "../lib/x.ts";', "imports lib/x.ts"],
    ["transforms/a.ts", 'import { match } from "ts-pattern";', "imports ts-pattern"],
    ["transforms/a.ts", "new TransformStream();", "mentions TransformStream"],
    ["transforms/transform.ts", "Deno.version;", "mentions Deno"],
    ["lib/h1/a.ts", 'import type { Socket } from "../socket.ts";', "imports lib/socket.ts"],
    ["lib/h1/a.ts", "export async function f() {}", "mentions async"],
    ["lib/a.ts", 'import process from "node:process";', "imports node:process"],
    ["lib/a.ts", 'const fs = await import("node:fs");', "imports node:fs"],
    ["lib/a.ts", 'import "web-streams-polyfill";', "imports web-streams-polyfill"],
    ["lib/a.ts", "globalThis.Deno?.env;", "mentions Deno"],
    ["lib/a.ts", 'export { x } from "../runtime-node/x.ts";', "imports runtime-node/x.ts"],
    ["runtime-node/a.ts", 'import { x } from "../lib/h1/x.ts";', "imports lib/h1/x.ts"],
    ["runtime-node/a.ts", 'import { x } from "../runtime-deno/x.ts";', "imports runtime-deno/x.ts"],
    ["runtime-node/a.ts", 'socket.write("GET / HTTP/1.1");', "mentions HTTP/1"],
    ["runtime-deno/a.ts", 'import {\n  x,\n} from "../runtime-node/x.ts";', "imports runtime-node/x.ts"],
    ["lib/a.ts", 'process.getBuiltinModule("node:fs");', 'mentions "node:'],
    ["docs/a.ts", "", "is under no rule"],
  ];
  for (const [path, text, fault] of wrong) {
    it(`are refused: ${path} with ${JSON.stringify(text)}`, () => {
      assert.equal(faults(path, text)[0], `${path} ${fault}`);
    });
  }

  it("may be named in comments, and names in what an error says", () => {
    const text =
      '/**\n * import assert from "node:assert/strict";\n */\nexport const x = 1; // Deno has none\n';
    assert.deepEqual(faults("lib/a.ts", text), []);
    assert.deepEqual(faults("lib/a.ts", 'const whole = "from" in x;\nf("y");'), []);
    assert.deepEqual(faults("transforms/a.ts", 'throw new TypeError("put it into a TransformStream");'), []);
  });
});
