/**
 * The end of a flow that went wrong.
 *
 * A failure before the answer's head went out is answered with a status; after it, the client's connection is ended so that
 * the body can't be taken for complete.
 */
import { KilledError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { toError } from "./reasons.ts";
import { sendError } from "./send-error.ts";
import { type Side, statusOf } from "./status.ts";

/** Ends the flow: `error` hook, log line, and an answer or the end of the connection. */
export async function recover(x: Exchange, caught: unknown): Promise<void> {
  x.fail(caught);
  const { client, failure } = x;
  const error = toError(failure);
  await x.errorHook();
  x.log.failed(error);
  if (client.gone || failure instanceof KilledError) return client.fail(failure);
  if (x.begun) return cut(x);
  const { theirState } = client.h1;
  const status = statusOf(failure, sideOf(x));
  // Who is told that there is no room makes some by leaving.
  x.last ||= theirState === "body" || theirState === "error" || status === 503;
  await sendError(client, x.head.method, status, error, x.last);
}

/** The client has a head and perhaps a part of the body: end its connection so that it can't look complete. */
function cut({ client, failure }: Exchange): void {
  // Where only the connection's end delimits the body, a clean end would be a lie.
  if (!client.h1.delimited) return client.fail(failure);
  // Else the framing tells that something is missing, and what has come so far may arrive.
  const pressure = client.flush();
  const close = () => client.close();
  if (pressure === null) close();
  else pressure.then(close, close);
}

function sideOf({ client, origin, failure }: Exchange): Side {
  if (client.broken === failure) return "client";
  return origin !== null && origin.broken === failure ? "origin" : "inside";
}
