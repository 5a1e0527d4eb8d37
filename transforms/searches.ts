/**
 * Searches that were prepared before. A proxy's script makes its transforms anew for every body, mostly of the same few
 * texts; to prepare one again costs more than to search a small body.
 */
import { Search } from "./search.ts";

/** How many are kept: the texts of a large script, at some 2 KiB each. */
const KEPT_COUNT = 64;
/** The longest text that is kept, in characters: preparing is linear, and keeping takes as much memory. */
const KEPT_LENGTH = 256;

const kept = new Map<string, Search>();

/**
 * Prepares the search for a text, unless that has been done.
 *
 * @param text What is searched for.
 * @param bytes The same in UTF-8; the search keeps a copy, as others share it.
 * @returns The search.
 */
export function searchFor(text: string, bytes: Uint8Array): Search {
  if (text.length > KEPT_LENGTH) return new Search(bytes);
  const known = kept.get(text);
  if (known !== undefined) return known;
  const search = new Search(bytes.slice());
  // The oldest goes: a list that is used again is soon here again.
  if (kept.size === KEPT_COUNT) { for (const oldest of kept.keys()) if (kept.delete(oldest)) break; }
  kept.set(text, search);
  return search;
}
