/**
 * Writes the tables in the pages that repeat what the sources say, between their markers; `--check` only tells whether
 * they are up to date. Deno runs it, as it reads the sources themselves.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { longName, options } from "../lib/options.ts";
import { type LimitRow, limitTable, timeoutTable } from "../lib/limits.ts";

const pages = [
  "README.md",
  ...readdirSync("docs").filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`),
];

type Row = readonly string[];

/** How amounts are written. */
const units: Readonly<Record<LimitRow["unit"], readonly (readonly [size: number, name: string])[]>> = {
  bytes: [[1024 ** 2, "MiB"], [1024, "KiB"], [1, "bytes"]],
  count: [[1, ""]],
  times: [[1, "times"]],
  ms: [[3_600_000, "h"], [1000, "s"], [1, "ms"]],
};

/** The tables by the name in their markers: `<!-- table: NAME -->`. */
const tables: Readonly<Record<string, () => Row[]>> = {
  transforms: () => [["transform", "what it does", "bytes held", "delay added"], ...transformRows()],
  options: () => [["option", "default", "meaning"], ...optionRows()],
  limits: () => [["limit", "default", "what it bounds", "beyond it"], ...limitRows(limitTable)],
  timeouts: () => [["timeout", "default", "what it bounds", "after it"], ...limitRows(timeoutTable)],
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
  ]);
}

/** A default with the largest unit that fits. */
function amount({ value, unit }: LimitRow): string {
  const [size, name] = units[unit].find(([size]) => value % size === 0)!;
  return `${value / size} ${name}`.trim();
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

const stale = pages.filter((page) => {
  const text = readFileSync(page, "utf8");
  const wanted = withTables(text);
  if (essence(text) === essence(wanted)) return false;
  if (!Deno.args.includes("--check")) writeFileSync(page, wanted);
  return true;
});
if (stale.length === 0) {
  console.log("The tables in the pages are up to date");
} else if (Deno.args.includes("--check")) {
  console.error(`The tables of ${stale.join(", ")} differ from the sources: npm run tables writes them`);
  Deno.exit(1);
} else {
  console.log(`Wrote the tables of ${stale.join(", ")}`);
}
