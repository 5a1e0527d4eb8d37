/**
 * Makes a case that fails smaller, as long as it fails: octets are taken out in ever smaller spans (delta debugging), and
 * so are the members of lists in the settings.
 */
import type { Case } from "./target.ts";

// A case is played some thousand times at most.
const PATIENCE = 3000;

/**
 * Makes a case smaller.
 *
 * @param input What fails.
 * @param fails Whether a case fails.
 * @returns A case that fails too, and is no larger.
 */
export async function minimise(input: Case, fails: (input: Case) => Promise<boolean>): Promise<Case> {
  let smallest = input;
  let left = PATIENCE;
  const better = async (candidate: Case): Promise<boolean> => {
    if (left-- <= 0 || !await fails(candidate)) return false;
    smallest = candidate;
    return true;
  };
  for (let size = -1; size !== sizeOf(smallest) && left > 0;) {
    size = sizeOf(smallest);
    await reduce([...smallest.octets], (octets) => better({ ...smallest, octets: octets.join("") }));
    for (const [name, value] of Object.entries(smallest.settings as Record<string, unknown>)) {
      if (!Array.isArray(value)) continue;
      await reduce(value, (list) => {
        return better({ ...smallest, settings: { ...smallest.settings as object, [name]: list } });
      });
    }
  }
  return smallest;
}

/** Leaves out spans of a list, large ones first, where what is left is accepted. */
async function reduce<T>(
  list: readonly T[],
  accept: (shorter: readonly T[]) => Promise<boolean>,
): Promise<void> {
  let rest = list;
  for (let span = Math.ceil(rest.length / 2); span >= 1; span = Math.floor(span / 2)) {
    for (let at = 0; at < rest.length;) {
      const shorter = [...rest.slice(0, at), ...rest.slice(at + span)];
      if (await accept(shorter)) rest = shorter;
      else at += span;
    }
  }
}

function sizeOf(input: Case): number {
  return JSON.stringify(input).length;
}
