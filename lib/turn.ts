/**
 * A bound on how long those who always have more go on in one turn of the event loop.
 *
 * A socket whose other end is fast has its next bytes as soon as it asks, and libuv and Deno hand them out in the same turn:
 * work on one large body would keep all other connections waiting, for seconds where a transform takes its time. So whoever
 * asks for more looks here first, and asks in the next turn if this one has lasted.
 */

/** The event loop's turn. */
export class Turn {
  readonly #next: (step: () => void) => void;
  readonly #most: number;
  readonly #now: () => number;
  readonly #end = () => {
    this.#since = null;
  };
  #since: number | null = null;

  /**
   * @param next Calls what it is given in the next turn, in order.
   * @param most How long a turn may last before whoever wants more has to wait, in milliseconds.
   * @param now A clock, in milliseconds.
   */
  constructor(next: (step: () => void) => void, most: number, now: () => number = () => performance.now()) {
    this.#next = next;
    this.#most = most;
    this.#now = now;
  }

  /** Says that work begins; before that, the turn doesn't count. */
  begin(): void {
    if (this.#since !== null) return;
    this.#since = this.#now();
    this.#next(this.#end);
  }

  /** Whether this turn has lasted. */
  overdue(): boolean {
    return this.#since !== null && this.#now() - this.#since > this.#most;
  }

  /** Calls `step` now, or in the next turn if this one has lasted. */
  take(step: () => void): void {
    if (this.overdue()) this.#next(step);
    else step();
  }

  /** Calls `step` in the next turn. */
  next(step: () => void): void {
    this.#next(step);
  }
}
