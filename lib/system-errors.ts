/** The errors of the operating system, by the names that every runtime gives them, told as the engine's. */
import { SocketError, type SocketErrorCode } from "./errors.ts";

const CODES: Readonly<Record<string, SocketErrorCode>> = {
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  ENOTCONN: "reset",
  EPIPE: "reset",
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EHOSTDOWN: "unreachable",
  ENETDOWN: "unreachable",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EAI_FAIL: "dns",
  EAI_NODATA: "dns",
  EAI_NONAME: "dns",
  ETIMEDOUT: "timeout",
  EADDRINUSE: "in-use",
  EACCES: "denied",
  EPERM: "denied",
  EMFILE: "exhausted",
  ENFILE: "exhausted",
  ENOBUFS: "exhausted",
  ENOMEM: "exhausted",
};

/** Whether the operating system gave the error. */
export function isSystemError(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return error instanceof SocketError || (typeof code === "string" && Object.hasOwn(CODES, code));
}

/**
 * Tells a system error as a `SocketError`.
 *
 * @param error What the runtime gave; its `code` is a name such as `ECONNRESET`.
 * @param attempt What was attempted, such as "connect to example.com:80".
 * @param otherwise The code where the name says nothing; default `"other"`.
 * @returns A `SocketError` with `error` as its cause, or `error` itself if it is one.
 */
export function socketError(
  error: unknown,
  attempt: string,
  otherwise: SocketErrorCode = "other",
): SocketError {
  if (error instanceof SocketError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const known = typeof code === "string" && Object.hasOwn(CODES, code) ? CODES[code] : undefined;
  const what = error instanceof Error && error.message !== "" ? error.message : String(code ?? error);
  return new SocketError(known ?? otherwise, `Cannot ${attempt}: ${what}`, { cause: error });
}
