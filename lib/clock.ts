/**
 * One coarse clock for all deadlines: no timer per connection, chunk or message.
 *
 * Whoever waits is entered with a deadline; a single interval looks over all of them and calls those that are late. It
 * runs only while somebody is entered. The price is precision: a deadline is noticed up to two ticks late, never early.
 */

/** How often deadlines are looked at, in milliseconds. */
const TICK_MS = 100;

/** Something with a deadline. */
export interface Waiter {
  /** When it is late, as `deadlineIn` says it; `Infinity` for never. */
  deadline: number;
  /** Called once the deadline has passed; the deadline is `Infinity` by then. */
  expire(): void;
}

const waiters = new Set<Waiter>();
let timer: ReturnType<typeof setInterval> | undefined;
let coarse = 0;
let skipped = 0;

/** The deadline of a wait that begins now and may take `ms` milliseconds: free to ask for, as it reads no clock. */
export function deadlineIn(ms: number): number {
  return (timer === undefined ? now() : coarse + TICK_MS) + ms;
}

/** Enters a waiter; its `deadline` may be changed at any time afterwards. */
export function enter(waiter: Waiter): void {
  waiters.add(waiter);
  if (timer !== undefined) return;
  coarse = now();
  timer = setInterval(tick, TICK_MS);
}

/** Takes a waiter out; the clock stops with the last one. */
export function leave(waiter: Waiter): void {
  waiters.delete(waiter);
  if (waiters.size > 0 || timer === undefined) return;
  clearInterval(timer);
  timer = undefined;
}

/** Moves the time on, for tests: who is late by then has been called when this returns. */
export function advance(ms: number): void {
  skipped += ms;
  tick();
}

/** Waits for work that never rejects, but no longer than so many milliseconds. */
export async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const waiter = { deadline: deadlineIn(ms), expire: () => {} };
  const late = new Promise<void>((resolve) => {
    waiter.expire = resolve;
  });
  enter(waiter);
  await Promise.race([work, late]);
  leave(waiter);
}

function now(): number {
  return performance.now() + skipped;
}

function tick(): void {
  coarse = now();
  for (const waiter of waiters) {
    if (waiter.deadline > coarse) continue;
    waiter.deadline = Infinity;
    waiter.expire();
  }
}
