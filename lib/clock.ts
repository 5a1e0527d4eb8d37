/**
 * One coarse clock for all deadlines: no timer per connection, chunk or message.
 *
 * Whoever waits is entered with a deadline; a single interval looks over all of them and calls those that are late. It
 * runs only while somebody is entered. The price is precision: a deadline may be noticed one tick late.
 */

/** How often deadlines are looked at, in milliseconds. */
const TICK_MS = 100;

/** Something with a deadline. */
export interface Waiter {
  /** When it is late, in `performance.now()` milliseconds; `Infinity` for never. */
  deadline: number;
  /** Called once the deadline has passed; the deadline is `Infinity` by then. */
  expire(): void;
}

const waiters = new Set<Waiter>();
let timer: ReturnType<typeof setInterval> | undefined;
let coarse = 0;

/** The time at the last tick, in `performance.now()` milliseconds: good enough for deadlines, free to read. */
export function coarseNow(): number {
  return timer === undefined ? performance.now() : coarse;
}

/** Enters a waiter; its `deadline` may be changed at any time afterwards. */
export function enter(waiter: Waiter): void {
  waiters.add(waiter);
  if (timer !== undefined) return;
  coarse = performance.now();
  timer = setInterval(tick, TICK_MS);
}

/** Takes a waiter out; the clock stops with the last one. */
export function leave(waiter: Waiter): void {
  waiters.delete(waiter);
  if (waiters.size > 0 || timer === undefined) return;
  clearInterval(timer);
  timer = undefined;
}

function tick(): void {
  coarse = performance.now();
  for (const waiter of waiters) {
    if (waiter.deadline > coarse) continue;
    waiter.deadline = Infinity;
    waiter.expire();
  }
}
