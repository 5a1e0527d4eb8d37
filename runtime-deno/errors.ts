/** Deno's errors, told as the engine's. */
import type { SocketError } from "../lib/errors.ts";
import { socketError } from "../lib/system-errors.ts";

/** A name that does not resolve has no code and no class of its own in Deno. */
const LOOKUP = /lookup address|resolve/;

/**
 * Tells what Deno gave as a `SocketError`.
 *
 * @param error What Deno gave.
 * @param attempt What was attempted, such as "connect to example.com:80".
 * @returns A `SocketError` with `error` as its cause.
 */
export function denoSocketError(error: unknown, attempt: string): SocketError {
  if (error instanceof Deno.errors.NotCapable) return socketError(error, attempt, "denied");
  if (error instanceof Error && LOOKUP.test(error.message)) return socketError(error, attempt, "dns");
  return socketError(error, attempt);
}
