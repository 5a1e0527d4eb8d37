/**
 * How long a script is waited for. Its promise may never settle, and can't be stopped; so whoever waits for it stops
 * waiting, when it has taken too long or when the flow has failed in the meantime.
 */
import { deadlineIn, enter, leave } from "./clock.ts";

/** Bounds the waits for a script within one flow. */
export class Patience {
  #ms: number;
  #waits = new Set<(reason: unknown) => void>();

  /** Each wait may take `ms` milliseconds. */
  constructor(ms: number) {
    this.#ms = ms;
  }

  /** Waits for a script's work; rejects when it fails or takes too long, or with what `end` is told. */
  wait(work: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      const ms = this.#ms;
      const waiter = {
        deadline: deadlineIn(ms),
        expire: () =>
          settle(() => reject(new Error(`Cannot wait for it any longer as it must end within ${ms} ms`))),
      };
      const settle = (how: () => void) => {
        leave(waiter);
        this.#waits.delete(stop);
        how();
      };
      const stop = (reason: unknown) => settle(() => reject(reason));
      enter(waiter);
      this.#waits.add(stop);
      work.then(() => settle(resolve), stop);
    });
  }

  /** Ends all waits with a reason. */
  end(reason: unknown): void {
    for (const stop of this.#waits) stop(reason);
  }
}
