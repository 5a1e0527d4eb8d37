/**
 * Work on the network that must be done in time.
 */
import { deadlineIn, enter, leave } from "./clock.ts";
import { SocketError } from "./errors.ts";

/**
 * Does work that stops when its signal aborts, and aborts it when it is late.
 *
 * @param ms How long it may take, in milliseconds.
 * @param attempt What it is, as in "Cannot connect to example.com:80 in time".
 * @param signal Aborts it earlier; `undefined` for nothing.
 * @param work The work.
 * @returns What the work gives.
 * @throws {SocketError} With `timeout`, if it is late.
 */
export async function withDeadline<T>(
  ms: number,
  attempt: string,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController();
  const waiter = {
    deadline: deadlineIn(ms),
    expire: () => late.abort(new SocketError("timeout", `Cannot ${attempt} in time`)),
  };
  enter(waiter);
  try {
    return await work(signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]));
  } finally {
    leave(waiter);
  }
}
