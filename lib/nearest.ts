/**
 * The known name that a misspelt one was most likely meant to be, by edit distance (insert, delete, change, swap).
 */

/**
 * Finds the name that is nearest to a text.
 *
 * @param text What was written.
 * @param names The known names.
 * @returns The nearest name, or `null` if none is near: at most a third of the longer one may differ.
 */
export function nearest(text: string, names: Iterable<string>): string | null {
  let best: string | null = null;
  let least = Infinity;
  for (const name of names) {
    const edits = distance(text.toLowerCase(), name.toLowerCase());
    if (edits < least && edits <= Math.max(text.length, name.length) / 3) [best, least] = [name, edits];
  }
  return best;
}

/** Optimal string alignment: rows of the table, of which the last two are kept. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let cost = Math.min(change, last[j]! + 1, row[j - 1]! + 1);
      if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      row.push(cost);
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
