/**
 * Lays rows out in columns for a terminal: the first column to the left, numbers to the right.
 *
 * @param header The names of the columns.
 * @param rows The cells as text; a row may be shorter than the header, its last cell then runs on.
 * @returns The lines, each ended by a newline.
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const full = rows.filter((row) => row.length === header.length);
  const first = Math.max(...[header, ...rows].map((row) => row[0]?.length ?? 0));
  const widths = header.map((name, i) =>
    i === 0 ? first : Math.max(name.length, ...full.map((row) => row[i]?.length ?? 0))
  );
  const lines = [header, widths.map((width) => "-".repeat(width)), ...rows];
  return lines.map((row) => `${row.map((cell, i) => align(cell, i, row, widths)).join("  ").trimEnd()}\n`)
    .join("");
}

function align(cell: string, column: number, row: readonly string[], widths: readonly number[]): string {
  const runsOn = row.length < widths.length && column === row.length - 1;
  const width = widths[column] ?? 0;
  if (runsOn) return cell;
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}
