/**
 * What flows fail for: anything may be thrown, and an `Error` is made of what is none.
 */

/** What the platform gives up with; whoever watches a body tells it by its name. */
export function abortError(cause: unknown): Error {
  const error = new Error(toError(cause).message, { cause });
  error.name = "AbortError";
  return error;
}

/** The reason, or an error that tells it. */
export function toError(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new Error(`Something was thrown that is no Error: ${String(reason)}`);
}
