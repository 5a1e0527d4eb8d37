/** Which bodies are never changed. */
import { type HeaderList, listMembers } from "./headers.ts";

/** What decides it: a message, or a `Response`. */
export interface Touched {
  /** Its fields. */
  readonly headers: Pick<HeaderList, "get">;
  /** Its status code, if it is a response. */
  readonly status?: number;
}

/**
 * Says why a body may not be changed: part of one can't be changed as the whole would be, and some ask not to be (RFC 9110
 * 14.4, RFC 9111 5.2.2.6).
 *
 * @param message The message.
 * @returns The reason, or `null` if there is none.
 */
export function untouchable({ headers, status }: Touched): string | null {
  if (status === 206) return "it is only a part (206)";
  const directives = listMembers(headers.get("cache-control"));
  return directives.includes("no-transform") ? "Cache-Control says no-transform" : null;
}
