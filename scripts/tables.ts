/**
 * Writes the tables in the pages that repeat what the sources say, between their markers; `--check` only tells whether
 * they are up to date. Deno runs it, as it reads the sources themselves.
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { longName, options } from "../lib/options.ts";
import { type LimitRow, limitTable } from "../lib/limits.ts";
import { timeoutTable } from "../lib/timeouts.ts";

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

/** What a table says of a function that bodies go through, in a few words; its comment says it all. */
interface Summary {
  /** The options that are worth a word. */
  readonly options?: readonly string[];
  /** What it does to a body. */
  readonly what: string;
  /** What it holds back or keeps, at most. */
  readonly holds: string;
}

/** These functions by their folder, in the order of the tables. */
const summaries = {
  transforms: {
    replace: {
      options: ["ignoreCase", "limit", "charset", "encode"],
      what: "replaces a text or bytes",
      holds: "a live partial match: less than the needle",
    },
    replaceMany: {
      options: ["ignoreCase", "limit", "charset", "encode"],
      what: "replaces many texts in one pass",
      holds: "a live partial match: less than the longest",
    },
    replaceRegExp: {
      options: ["maxMatch", "context", "perLine", "onOverflow", "charset"],
      what: "replaces what an expression matches",
      holds: "a live partial match: `maxMatch` (4096)",
    },
    mapLines: {
      options: ["maxRecord"],
      what: "maps, drops or adds lines",
      holds: "a line: `maxRecord`",
    },
    mapRecords: {
      options: ["maxRecord"],
      what: "the same with a delimiter of one's own",
      holds: "a record: `maxRecord`",
    },
    mapJson: {
      options: ["maxRecord", "onInvalid"],
      what: "the same with a JSON value a line (NDJSON)",
      holds: "a line: `maxRecord`",
    },
    mapEvents: {
      options: ["maxEvent"],
      what: "maps server-sent events",
      holds: "an event: `maxEvent`",
    },
    sseText: {
      options: ["maxEvent", "maxTexts"],
      what: "puts the text of an LLM's event stream through transforms",
      holds: "an event, and what these transforms hold",
    },
    tapUsage: {
      options: ["maxEvent"],
      what: "tells the tokens that an LLM's stream cost",
      holds: "nothing; keeps a copy of an event",
    },
    tap: { what: "shows each chunk, and the end", holds: "nothing" },
    progress: { what: "tells how many bytes have passed", holds: "nothing" },
    meter: { what: "counts bytes, chunks, times and rate", holds: "nothing" },
    hash: { what: "feeds a hash; may refuse a wrong digest", holds: "nothing" },
    record: {
      options: ["maxWaitingBytes", "onFull"],
      what: "copies to a sink, never waits for it",
      holds: "the sink's queue: `maxWaitingBytes`",
    },
    prepend: { what: "puts bytes before the body", holds: "nothing" },
    append: { what: "puts bytes behind a whole body", holds: "nothing" },
    limit: { options: ["onExcess"], what: "fails or ends a body that is too long", holds: "nothing" },
    rechunk: {
      options: ["exact"],
      what: "cuts into pieces of a size",
      holds: "nothing; with `exact`, a piece",
    },
    compose: { what: "fuses transforms into one hop", holds: "what they hold" },
  },
  lib: {
    throttle: {
      options: ["bytesPerSecond", "latencyMs"],
      what: "plays a slow line",
      holds: "64 KiB and a chunk, or the line's content",
    },
    tee: { what: "copies to a sink, at the sink's pace", holds: "a chunk" },
    htmlRewrite: {
      what: "changes HTML by selectors, with a rewriter that you hand in",
      holds: "a tag, comment or character",
    },
    transformResponse: {
      options: ["coded", "codings", "warn"],
      what: "takes a `Response` through stages, fields and coding too",
      holds: "what the stages hold",
    },
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Summary>>>>;

/** The tables by the name in their markers: `<!-- table: NAME -->`. */
const tables: Readonly<Record<string, () => Row[]>> = {
  transforms:
    () => [["from `sluice/transforms`", "what it does", "what it holds"], ...summaryRows("transforms")],
  stages: () => [["from `sluice`", "what it does", "what it holds"], ...summaryRows("lib")],
  options: () => [["option", "default", "meaning"], ...optionRows()],
  limits: () => [
    ["limit", "default", "what it bounds", "beyond it", "who has one like it"],
    ...limitRows(limitTable),
  ],
  timeouts: () => [
    ["timeout", "default", "what it bounds", "after it", "who has one like it"],
    ...limitRows(timeoutTable),
  ],
};

/**
 * A row for each function of a folder that bodies go through, in the order of the summaries. Throws if a function has
 * no summary, or a summary no function.
 */
function summaryRows(folder: keyof typeof summaries): Row[] {
  const rows: Readonly<Record<string, Summary>> = summaries[folder];
  const found = bodyFunctions(folder);
  const missing = found.filter((name) => !Object.hasOwn(rows, name));
  const surplus = Object.keys(rows).filter((name) => !found.includes(name));
  if (missing.length > 0 || surplus.length > 0) {
    throw new Error(
      `Cannot write the table of ${folder}/ as its summaries must have what is there: ` +
        `it lacks ${missing.join(", ") || "nothing"}, and has ${surplus.join(", ") || "nothing"} besides`,
    );
  }
  return Object.entries(rows).map(([name, { options, what, holds }]) => {
    const names = [name, ...(options ?? [])].map((text) => `\`${text}\``);
    return [names.length === 1 ? names[0]! : `${names[0]}: ${names.slice(1).join(", ")}`, what, holds];
  });
}

/** The functions whose comments state what they hold, and what gives a whole response. */
function bodyFunctions(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".ts")).flatMap((name) => {
    const source = readFileSync(`${folder}/${name}`, "utf8");
    const functions = source.matchAll(/^\/\*\*\n((?: \*.*\n)+?) \*\/\nexport function (\w+)/gm);
    return [...functions]
      .filter(([, comment, name]) => comment!.includes("- **Bytes held**: ") || name === "transformResponse")
      .map(([, , name]) => name!);
  });
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

/** A default with the largest unit that fits. */
function amount({ value, unit }: LimitRow): string {
  const [size, name] = units[unit].find(([size]) => value % size === 0)!;
  return `${value / size} ${name}`.trim();
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
