// Writes results into docs/performance.md, between its markers, and beside it as data and as plots. What
// people wrote around the markers stays.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runToEnd } from "./programs.ts";
import { deno, root } from "./project.ts";
import { writeBetween } from "./markers.ts";
import { plotsOf } from "./plots.ts";
import { mergeResults, type WorkResult } from "./results.ts";
import { notesOf, type Table, tablesOf, targetTable } from "./tables.ts";
import type { WorkDescription } from "./work.ts";

/** The page, and where its plots and data lie, from the project's folder. */
const PAGE = "docs/performance.md";
const PLOTS = "docs/plots";
const DATA: string = `${PLOTS}/proxy.json`;

/**
 * Writes results.
 *
 * @param works All works.
 * @param fresh What was measured; works that were not stay as they are.
 * @returns The files that were written.
 */
export async function writePage(
  works: readonly WorkDescription[],
  fresh: readonly WorkResult[],
): Promise<readonly string[]> {
  mkdirSync(join(root, PLOTS), { recursive: true });
  const results = mergeResults(readResults(), fresh, works.map(({ name }) => name));
  writeFileSync(join(root, DATA), formatResults(results));
  const written = [DATA, PAGE];
  for (const { name, svg } of await plotsOf(works, fresh)) {
    const path = `${PLOTS}/${name}.svg`;
    writeFileSync(join(root, path), svg);
    written.push(path);
  }
  const page = readFileSync(join(root, PAGE), "utf8");
  writeFileSync(join(root, PAGE), fillPage(page, works, results));
  if (deno !== null) await runToEnd(deno, ["fmt", "-q", join(root, PAGE)]);
  return written;
}

/**
 * Puts results into the page.
 *
 * @param page The page.
 * @param works All works.
 * @param results What was measured of them, now or before.
 * @returns The page with its tables.
 * @throws {RangeError} If the page lacks a marker.
 */
export function fillPage(
  page: string,
  works: readonly WorkDescription[],
  results: readonly WorkResult[],
): string {
  const sections = works.flatMap((work) => {
    const result = results.find(({ name }) => name === work.name);
    return result === undefined ? [] : [sectionOf(work, result)];
  });
  const filled = writeBetween(page, "proxy targets", markdown(targetTable(works, results)));
  return writeBetween(
    writeBetween(filled, "proxy runs", runsOf(works, results)),
    "proxy figures",
    sections.join("\n\n"),
  );
}

function readResults(): readonly WorkResult[] {
  const path = join(root, DATA);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) as readonly WorkResult[] : [];
}

/** As JSON with a line for each row, so that a difference shows which rows were measured anew. */
function formatResults(results: readonly WorkResult[]): string {
  const works = results.map(({ name, run, rows }) => {
    const lines = rows.map((row) => `    ${JSON.stringify(row)}`).join(",\n");
    return `{ "name": ${JSON.stringify(name)},\n  "run": ${
      JSON.stringify(run)
    },\n  "rows": [\n${lines}\n  ] }`;
  });
  return `[${works.join(",\n")}]\n`;
}

/** On what machine and how which works were measured. */
function runsOf(works: readonly WorkDescription[], results: readonly WorkResult[]): string {
  const runs = new Map<string, string[]>();
  for (const { name, run } of results) {
    const titles = runs.get(JSON.stringify(run)) ?? [];
    titles.push(works.find((work) => work.name === name)?.title ?? name);
    runs.set(JSON.stringify(run), titles);
  }
  return [...runs].map(([text, titles]) => {
    const { date, machine, versions, command, rounds, quick } = JSON.parse(text) as WorkResult["run"];
    const what = titles.length === works.length ? "All tables" : titles.join("; ");
    return [
      `- **${what}**: \`${command}\`, ${rounds} round${rounds === 1 ? "" : "s"}, ${date}${
        quick ? ", a quick run: not to be trusted" : ""
      }.`,
      `  ${machine}. ${versions.join(", ")}.`,
    ].join("\n");
  }).join("\n");
}

function sectionOf(work: WorkDescription, result: WorkResult): string {
  const plot = work.axis !== undefined || work.plotted === true
    ? [`![${work.title}](plots/${work.name}.svg)`]
    : [];
  const notes = notesOf(result).map((note) => `- ${note}`).join("\n");
  return [
    `### ${work.title}`,
    ...tablesOf(work, result).map(markdown),
    ...(notes === "" ? [] : [notes]),
    ...plot,
  ].join("\n\n");
}

function markdown({ header, rows }: Table): string {
  const lines = rows.map((row) => `| ${row.join(" | ")} |`);
  const rule = `| --- |${" ---: |".repeat(header.length - 1)}`;
  return [`| ${header.join(" | ")} |`, rule, ...lines].join("\n");
}
