/**
 * Memory that output is put together in: blocks of two sizes, shared by all connections and used again once what is in
 * them has been sent. A connection holds one only while it has something to send; to allocate them anew (zeroed) costs as
 * much as a third of a body's way through the proxy.
 */

/** A head and a small body. */
const SMALL = 8 * 1024;
/** What a body that streams is sent in. */
const LARGE = 64 * 1024;
/** How many free blocks of each size are kept: what some dozens of connections that stream at once need. */
const KEPT = 64;

const free: Readonly<Record<number, Uint8Array[]>> = { [SMALL]: [], [LARGE]: [] };

/**
 * A block with room for so many bytes, filled with whatever was last in it.
 *
 * @param length How many bytes must fit.
 * @param much Whether more is to be expected behind them.
 */
export function takeBlock(length: number, much: boolean): Uint8Array {
  const size = much || length > SMALL ? LARGE : SMALL;
  if (length > size) return new Uint8Array(length);
  return free[size]!.pop() ?? new Uint8Array(size);
}

/** Gives a block back; nobody may hold a view of it any more. */
export function giveBlock(block: Uint8Array): void {
  const blocks = free[block.length];
  if (blocks !== undefined && blocks.length < KEPT) blocks.push(block);
}
