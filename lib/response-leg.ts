/**
 * The response's way to the client: interim responses first, then the head, and the body by its plan.
 */
import { deliverAnswer } from "./answer.ts";
import { endUnused, pathFor } from "./body-path.ts";
import { collect } from "./collect.ts";
import { ProtocolError, RefusedError, SocketError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { FlowResponse } from "./flow-messages.ts";
import { isBodyless, mustBeEmpty } from "./framing.ts";
import type { InterimEvent, ResponseEvent } from "./h1/events.ts";
import { NEED_DATA, PAUSED } from "./h1/events.ts";
import { addVia, putHead } from "./head.ts";
import type { HeaderList } from "./headers.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import { warnOfLost } from "./lost-trailers.ts";
import type { Framing } from "./message.ts";
import { answerInKind } from "./not-modified.ts";
import type { Peer } from "./peer.ts";
import { hasNoBody, type Plan, planBody } from "./plan.ts";
import { reframe, reframeBodyless } from "./reframe.ts";
import { transfer, type TransferOptions } from "./transfer.ts";
import { checkSwitch } from "./upgrade.ts";

/** What an origin answers with: a final response, or the consent to another protocol. */
export type Final = ResponseEvent | InterimEvent;

/**
 * Waits for the final response; passes interim ones on.
 *
 * @param x The flow.
 * @param origin The origin.
 * @param upgrade What the request asked to switch to, or `null`.
 * @returns The response, or a 101 that answers the request to switch.
 * @throws {SocketError} If the origin closes without an answer.
 */
export async function awaitResponse(x: Exchange, origin: Peer, upgrade: string | null): Promise<Final> {
  for (;;) {
    const event = origin.next();
    if (event === NEED_DATA) {
      await origin.more();
      continue;
    }
    if (event === PAUSED || event.type === "closed") {
      throw origin.broken = new SocketError("closed", "The origin closed the connection without an answer");
    }
    if (event.type === "response") return event;
    if (event.type !== "interim") throw new ProtocolError(`Cannot take a ${event.type} before a response`);
    if (event.status !== 101) {
      await passInterim(x, event);
    } else {
      try {
        checkSwitch(upgrade, event.headers);
      } catch (error) {
        throw origin.broken = error;
      }
      return event;
    }
  }
}

/** Interim responses are for 1.1 clients; a 100 only for one that waits for it (RFC 9110 15.2). */
async function passInterim(x: Exchange, event: InterimEvent): Promise<void> {
  if (x.head.version === "1.0") return;
  if (event.status === 100) {
    if (!x.expecting) return;
    x.expecting = false;
  }
  const headers = withoutHopByHop(event.headers);
  headers.delete("transfer-encoding");
  headers.delete("content-length");
  x.client.h1.sendInterim({ status: event.status, reason: event.reason, version: "1.1", headers });
  const pressure = x.client.flush();
  if (pressure !== null) await pressure;
}

/** Passes a 101 on; what follows on both sides is no longer HTTP. */
export function passSwitch(x: Exchange): void {
  const { response } = x;
  const headers = withoutHopByHop(response.headers);
  headers.append("Upgrade", response.headers.get("upgrade") ?? "");
  headers.append("Connection", "Upgrade");
  x.client.h1.sendInterim({ status: 101, reason: response.reason, version: "1.1", headers });
}

/** Delivers a final response. */
export async function deliver(x: Exchange, origin: Peer, event: ResponseEvent): Promise<void> {
  const response = new FlowResponse(event, x.messages);
  x.flow.arrive(response);
  // A client that is told the outcome instead of 100 may send its body or not: nobody could tell it from a request.
  // An upload that the origin will not take to its end can't be told from one either.
  if (x.expecting || (x.uploading && !origin.h1.theirKeepAlive)) x.last = true;
  const hook = x.hook("responseheaders");
  if (hook !== null) await hook;
  if (x.context.routes !== null) await x.applyRoutes();
  if (x.flow.answer !== null) return await replaced(x, origin);
  const plan = planBody(response, event.framing, x.flow, {
    streamOver: x.context.streamOver,
    wanted: x.wants("response"),
    codings: x.context.codings,
    limits: x.context.limits,
    warn: x.messages.warn,
  });
  const { framing } = event;
  const empty = hasNoBody(framing);
  if (empty || mustBeEmpty(response.status) || isBodyless(response.status, x.head.method)) {
    endUnused(plan);
    // A body that nobody will get stays with the origin, whose connection ends with it.
    while (empty && origin.h1.theirState === "body") await origin.event();
    return await deliverWhole(x, origin, event, new Uint8Array(0), null, plan.kind === "change");
  }
  if (framing.kind === "content-length" && framing.length > x.context.bodySizeLimit) {
    throw new RefusedError(
      502,
      `Cannot pass the body on as it must be at most ${x.context.bodySizeLimit} bytes`,
    );
  }
  if (plan.kind !== "buffer") return await deliverStreamed(x, origin, event, plan, null);
  const { bytes, whole, trailers } = await collect(origin, plan.streamOver, bounds(x, null));
  if (whole) return await deliverWhole(x, origin, event, bytes, trailers, false);
  await deliverStreamed(x, origin, event, { kind: "pass" }, bytes);
}

function bounds(x: Exchange, first: Uint8Array | null): TransferOptions {
  const { bodySizeLimit: limit, timeouts } = x.context;
  return { limit, overLimit: 502, stallMs: timeouts.bodyMs, already: first?.length ?? 0 };
}

/** A hook has answered instead of the origin, whose own body nobody wants. */
export async function replaced(x: Exchange, origin: Peer): Promise<void> {
  if (origin.h1.theirState !== "done") origin.close();
  await deliverAnswer(x);
}

async function deliverWhole(
  x: Exchange,
  origin: Peer,
  event: ResponseEvent,
  bytes: Uint8Array,
  trailers: HeaderList | null,
  transformed: boolean,
): Promise<void> {
  const { response } = x;
  response.fill(bytes);
  response.trailers = trailers;
  const hook = x.hook("response");
  if (hook !== null) await hook;
  if (x.flow.answer !== null) return await replaced(x, origin);
  const body = mustBeEmpty(response.status) ? new Uint8Array(0) : response.rawBody ?? bytes;
  const changed = transformed || response.changed;
  const headers = outgoing(x, changed);
  if (isBodyless(response.status, x.head.method)) {
    const changes = x.wants("responseheaders") || x.context.routes !== null;
    if (response.status === 304 && changes) answerInKind(headers, x.head.headers.get("if-none-match"));
    putHead(x, headers, reframeBodyless(headers, response.status, changed));
    x.responded(false);
    warnOfLost(x, trailers);
    const pressure = finish(x, null);
    if (pressure !== null) await pressure;
    return;
  }
  // A trailer section needs a chunked body to follow, however the origin's came.
  const kept = response.trailers !== null && x.head.version === "1.1";
  const treatment = kept
    ? { kind: changed ? "changed" : "kept" } as const
    : { kind: "whole", length: body.length, changed } as const;
  const incoming: Framing = kept ? { kind: "chunked" } : event.framing;
  putHead(x, headers, reframe(headers, incoming, treatment, x.head.version));
  if (body.length > 0) x.client.h1.sendData(body);
  x.responded(false);
  if (!kept) warnOfLost(x, trailers);
  const pressure = finish(x, kept ? response.trailers : null);
  if (pressure !== null) await pressure;
}

async function deliverStreamed(
  x: Exchange,
  origin: Peer,
  event: ResponseEvent,
  plan: Plan,
  first: Uint8Array | null,
): Promise<void> {
  const { response, client } = x;
  response.pass();
  const path = pathFor(x, plan, event.framing, origin, client);
  const changed = plan.kind === "change";
  const headers = outgoing(x, changed);
  const framing = reframe(headers, event.framing, { kind: changed ? "changed" : "kept" }, x.head.version);
  putHead(x, headers, framing);
  x.responded(true);
  if (first !== null) client.h1.sendData(first);
  const trailers = await transfer(origin, path, client, bounds(x, first));
  x.paths.delete(path);
  response.trailers = trailers;
  const hook = x.hook("response");
  if (hook !== null) await hook;
  const kept = framing.kind === "chunked";
  if (!kept) warnOfLost(x, trailers);
  const pressure = finish(x, kept ? response.trailers : null);
  if (pressure !== null) await pressure;
}

/** The fields as the client gets them, before framing and the connection's own. */
function outgoing(x: Exchange, changed: boolean): HeaderList {
  const headers = withoutHopByHop(x.response.headers);
  // A range would be one of the body that the origin has.
  if (changed) headers.set("Accept-Ranges", "none");
  addVia(headers, x.response.version, x.context.signature);
  return headers;
}

/** Ends the message; what it returns settles when the client's kernel has it: `null` if it does at once. */
function finish(x: Exchange, trailers: HeaderList | null): Promise<void> | null {
  x.check();
  x.client.h1.sendEnd(trailers);
  return x.client.flush();
}
