/**
 * Writes the tables of the README that repeat what the sources say, between their markers; `--check` only tells whether
 * they are up to date. Deno runs it, as it reads the sources themselves.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { longName, options } from "../lib/options.ts";
import { type LimitRow, limitTable, timeoutTable } from "../lib/limits.ts";

const PAGE = "README.md";

type Row = readonly string[];

/** The tables by the name in their markers: `<!-- table: NAME -->`. */
const tables: Readonly<Record<string, () => Row[]>> = {
  transforms: () => [["transform", "what it does", "bytes held", "delay added"], ...transformRows()],
  options: () => [["option", "default", "meaning"], ...optionRows()],
  limits: () => [["limit", "default", "what it bounds", "beyond it", "precedent"], ...limitRows(limitTable)],
  timeouts:
    () => [["timeout", "default", "what it bounds", "after it", "precedent"], ...limitRows(timeoutTable)],
};

/** A row for each function whose comment states what it holds. */
function transformRows(): Row[] {
  return readdirSync("transforms").sort().flatMap((name) => {
    const source = readFileSync(`transforms/${name}`, "utf8");
    const functions = source.matchAll(/^\/\*\*\n((?: \*.*\n)+?) \*\/\nexport function (\w+)/gm);
    return [...functions].flatMap(([, comment, name]) => {
      const text = comment!.replace(/^ \* ?/gm, "");
      const held = item(text, "Bytes held");
      return held === null
        ? []
        : [[`\`${name}\``, firstSentence(text), held, item(text, "Delay added") ?? ""]];
    });
  });
}

function item(text: string, title: string): string | null {
  const found = new RegExp(`^- \\*\\*${title}\\*\\*: ([^]*?)(?=\\n- |\\n\\n)`, "m").exec(text)?.[1];
  return found === undefined ? null : joined(found).replace(/\.$/, "");
}

function firstSentence(text: string): string {
  return joined(/^[^]*?\.(?=\s)/.exec(text)?.[0] ?? "").replace(/\.$/, "");
}

function optionRows(): Row[] {
  return Object.entries(options).map(([name, row]) => {
    const short = row.short === undefined ? "" : `-${row.short}, `;
    const value = row.kind === "flag" ? "" : ` ${row.value}`;
    const fallback = row.kind === "value" && row.fallback !== undefined ? `\`${row.fallback}\`` : "";
    return [`\`${short}${longName(name)}${value}\``, fallback, row.help];
  });
}

function limitRows(table: Readonly<Record<string, LimitRow>>): Row[] {
  return Object.entries(table).map(([name, row]) => [
    `\`${name}\``,
    amount(row),
    row.what,
    row.then,
    row.precedent,
  ]);
}

/** A default with its unit. */
function amount({ value, unit }: LimitRow): string {
  if (unit === "ms") return value % 1000 === 0 ? `${value / 1000} s` : `${value} ms`;
  if (unit !== "bytes") return String(value);
  const mebi = 1024 * 1024;
  return value % mebi === 0 ? `${value / mebi} MiB` : `${value / 1024} KiB`;
}

function joined(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, " ");
}

function markdown(rows: Row[]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
  lines.splice(1, 0, `|${" --- |".repeat(rows[0]!.length)}`);
  return lines.join("\n");
}

function withTables(text: string): string {
  return text.replace(
    /(<!-- table: (\w+) -->\n)[^]*?(<!-- \/table -->)/g,
    (_, start: string, name: string, end: string) => `${start}\n${markdown(tables[name]!())}\n\n${end}`,
  );
}

/** What does not depend on how a formatter lays a table out. */
function essence(text: string): string {
  return text.replace(/-{3,}/g, "---").replace(/[ \n]+/g, " ");
}

const text = readFileSync(PAGE, "utf8");
const wanted = withTables(text);
if (essence(text) === essence(wanted)) {
  console.log(`The tables of ${PAGE} are up to date`);
} else if (Deno.args.includes("--check")) {
  console.error(`The tables of ${PAGE} differ from the sources: npm run tables writes them`);
  Deno.exit(1);
} else {
  writeFileSync(PAGE, wanted);
  console.log(`Wrote the tables of ${PAGE}`);
}
