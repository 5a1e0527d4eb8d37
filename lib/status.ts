/**
 * What a client is answered when its request can't be served: error → status, in one place.
 */
import { match, P } from "ts-pattern";
import { BodyLimitError, ProtocolError, RefusedError, SocketError, type SocketErrorCode } from "./errors.ts";

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  202: "Accepted",
  204: "No Content",
  205: "Reset Content",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  307: "Temporary Redirect",
  308: "Permanent Redirect",
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  407: "Proxy Authentication Required",
  408: "Request Timeout",
  413: "Content Too Large",
  414: "URI Too Long",
  417: "Expectation Failed",
  421: "Misdirected Request",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  508: "Loop Detected",
};

/** The usual reason phrase of a status code; empty for an unusual code. */
export function defaultReason(status: number): string {
  return reasons[status] ?? "";
}

/** What the origin's side answers with where that isn't 502; `exhausted` is a want of descriptors. */
const socketStatus: Partial<Record<SocketErrorCode, number>> = { timeout: 504, exhausted: 503 };

/** Which side of the proxy an error came from. */
export type Side = "client" | "origin" | "inside";

/**
 * The status that an error is answered with.
 *
 * @param error What went wrong.
 * @param side Where it went wrong.
 * @returns The status code.
 */
export function statusOf(error: unknown, side: Side): number {
  return match([error, side])
    .returnType<number>()
    .with(
      [P.union(P.instanceOf(RefusedError), P.instanceOf(BodyLimitError)), P._],
      ([refused]) => refused.status,
    )
    .with([P.instanceOf(ProtocolError), "client"], ([broken]) => broken.status)
    .with([P.instanceOf(SocketError), "client"], ([broken]) => broken.code === "timeout" ? 408 : 400)
    .with([P.instanceOf(SocketError), P._], ([broken]) => socketStatus[broken.code] ?? 502)
    .with([P._, "origin"], () => 502)
    .otherwise(() => 500);
}
