/**
 * The text of `--help`, from the table of options.
 */
import { longName, options } from "./options.ts";

const WIDTH = 80;

/**
 * The help of the command line.
 *
 * @returns The text, with its last line feed; no line is wider than 80 characters.
 */
export function helpText(): string {
  const rows = Object.entries(options).map(([name, row]) => {
    const short = row.short === undefined ? "   " : `-${row.short},`;
    const value = row.kind === "flag" ? "" : ` ${row.value}`;
    const fallback = row.kind === "value" && row.fallback !== undefined ? ` (default ${row.fallback})` : "";
    return { left: `  ${short} ${longName(name)}${value}`, right: row.help + fallback };
  });
  const column = Math.max(...rows.map((row) => row.left.length)) + 2;
  const lines = rows.flatMap(({ left, right }) =>
    wrap(right, WIDTH - column).map((line, i) => (i === 0 ? left : "").padEnd(column) + line)
  );
  return [
    "Usage: sluice [options]",
    "",
    "A proxy that changes HTTP bodies while they stream.",
    "",
    ...lines,
    "",
  ].join("\n");
}

function wrap(text: string, width: number): string[] {
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "") lines[lines.length - 1] = word;
    else if (line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
