/**
 * The request's way to the origin: what happens to its body, its head as the origin gets it, and the upload, which runs
 * beside the answer.
 */
import { endUnused, pathFor } from "./body-path.ts";
import { collect } from "./collect.ts";
import { RefusedError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { setForwarded } from "./forwarded.ts";
import { HeaderList, listMembers } from "./headers.ts";
import { addVia } from "./head.ts";
import { withoutHopByHop } from "./hop-by-hop.ts";
import type { Framing } from "./message.ts";
import type { Peer } from "./peer.ts";
import { hasNoBody, type Plan, planBody } from "./plan.ts";
import { reframe, type Treatment } from "./reframe.ts";
import { transfer, type TransferOptions } from "./transfer.ts";
import { upgradeOf } from "./upgrade.ts";
import { absoluteForm, askedOf } from "./upstream.ts";

/** A request that is ready for its origin. */
export interface Outbound {
  /** What happens to the body; `empty` and `buffer` by now mean that it is whole. */
  readonly plan: Plan;
  /** What was buffered of a body that turned out too large to be, and goes first. */
  readonly first: Uint8Array | null;
  /** The protocols that it asks to switch to, or `null`. */
  readonly upgrade: string | null;
  /** Whether it may be sent again if a connection turns out to be stale (RFC 9110 9.2.2). */
  readonly repeatable: boolean;
}

const idempotent = new Set(["GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"]);

/** Notes what the client expects before it sends its body (RFC 9110 10.1.1). */
export function checkExpectation(x: Exchange): void {
  const expectation = x.head.headers.get("expect");
  if (expectation === null) return;
  if (expectation.toLowerCase() !== "100-continue") {
    throw new RefusedError(417, "Cannot meet the expectation as only 100-continue is known");
  }
  if (x.head.version === "1.0" || x.head.framing.kind === "none") x.flow.request.headers.delete("expect");
  else x.expecting = true;
}

/** Decides what happens to the request's body; if that is to be whole, waits for it and runs the `request` hook. */
export function prepareRequest(x: Exchange): Outbound | Promise<Outbound> {
  const { request } = x.flow;
  const { framing } = x.head;
  const { context } = x;
  if (framing.kind === "content-length" && framing.length > context.bodySizeLimit) {
    throw new RefusedError(413, `Cannot take the body as it must be at most ${context.bodySizeLimit} bytes`);
  }
  const plan = planBody(request, framing, x.flow, {
    streamOver: context.streamOver,
    wanted: x.wants("request"),
    codings: context.codings,
    limits: context.limits,
    warn: x.messages.warn,
  });
  // A request with a body, and HTTP/1.0, can't switch (RFC 9110 7.8).
  const switchable = hasNoBody(framing) && x.head.version === "1.1";
  const upgrade = switchable ? upgradeOf(request.headers) : null;
  const repeatable = idempotent.has(request.method);
  if (hasNoBody(framing)) {
    endUnused(plan);
    request.fill(new Uint8Array(0));
    if (x.wants("request")) x.watch();
    const hook = x.hook("request");
    const outbound: Outbound = { plan: { kind: "empty" }, first: null, upgrade, repeatable };
    return hook === null ? outbound : hook.then(() => outbound);
  }
  if (plan.kind === "buffer") return bufferRequest(x, plan, upgrade, repeatable);
  request.pass();
  return { plan, first: null, upgrade, repeatable: false };
}

async function bufferRequest(
  x: Exchange,
  plan: Extract<Plan, { kind: "buffer" }>,
  upgrade: string | null,
  repeatable: boolean,
): Promise<Outbound> {
  const { request } = x.flow;
  continueClient(x);
  const { bytes, whole, trailers } = await collect(x.client, plan.streamOver, uploadBounds(x, null));
  if (!whole) {
    request.pass();
    return { plan: { kind: "pass" }, first: bytes, upgrade, repeatable: false };
  }
  request.fill(bytes);
  request.trailers = trailers;
  if (x.wants("request")) x.watch();
  await x.hook("request");
  return { plan, first: null, upgrade, repeatable };
}

/** Whoever buffers the body answers the expectation too: the origin is not asked before the body is here. */
function continueClient(x: Exchange): void {
  if (!x.expecting) return;
  x.expecting = false;
  x.flow.request.headers.delete("expect");
  x.client.h1.sendInterim({ status: 100, reason: "Continue", version: "1.1", headers: new HeaderList() });
  // If this can't be written, the read that follows fails too.
  x.client.flush()?.catch(() => {});
}

function uploadBounds(x: Exchange, first: Uint8Array | null): TransferOptions {
  const { bodySizeLimit: limit, timeouts } = x.context;
  return { limit, overLimit: 413, stallMs: timeouts.bodyMs, already: first?.length ?? 0 };
}

/** Puts the request's head out, and its body if that is whole. */
export function putRequest(x: Exchange, origin: Peer, outbound: Outbound): void {
  const { request } = x.flow;
  const { target } = request;
  const { plan, upgrade } = outbound;
  const whole = plan.kind === "empty" || plan.kind === "buffer";
  const body = request.rawBody ?? new Uint8Array(0);
  const headers = withoutHopByHop(request.headers);
  const incoming = x.head.framing;
  // A trailer section needs a chunked body to follow, however the client's came; where there is none, none begins.
  const trailing = whole && request.trailers !== null && (incoming.kind !== "none" || body.length > 0);
  const treatment: Treatment = trailing
    ? { kind: request.changed ? "changed" : "kept" }
    : treatmentOf(plan, body, request.changed, incoming);
  const framing = reframe(headers, trailing ? { kind: "chunked" } : incoming, treatment, "1.1");
  headers.set("Host", target.authority);
  if (listMembers(request.headers.get("te")).includes("trailers")) {
    headers.append("TE", "trailers");
    headers.append("Connection", "TE");
  }
  if (upgrade !== null) {
    headers.append("Upgrade", upgrade);
    headers.append("Connection", "Upgrade");
  }
  setForwarded(headers, x.head, x.client.socket.remote.host, x.context);
  addVia(headers, x.head.version, x.context.signature);
  const upstream = askedOf(x.context.upstream, target);
  if (upstream !== null && upstream.authorization !== null) {
    headers.set("Proxy-Authorization", upstream.authorization);
  }
  const form = upstream === null ? target.path : absoluteForm(target);
  origin.h1.sendRequest({ method: request.method, target: form, version: "1.1", headers }, framing);
  if (!whole) return;
  if (body.length > 0) origin.h1.sendData(body);
  origin.h1.sendEnd(framing.kind === "chunked" ? request.trailers : null);
}

function treatmentOf(plan: Plan, body: Uint8Array, changed: boolean, incoming: Framing): Treatment {
  if (plan.kind === "pass") return { kind: "kept" };
  if (plan.kind === "change") return { kind: "changed" };
  if (incoming.kind === "none" && body.length === 0) return { kind: "kept" };
  return { kind: "whole", length: body.length, changed };
}

/**
 * Sends the request's body on as it comes. Never rejects: a failure on the client's side fails the flow; one on the
 * origin's side doesn't, since the origin may have answered before it hung up.
 */
export async function sendBody(x: Exchange, origin: Peer, outbound: Outbound): Promise<void> {
  const { client } = x;
  const path = pathFor(x, outbound.plan, x.head.framing, client, origin);
  try {
    const { first } = outbound;
    if (first !== null) origin.h1.sendData(first);
    const trailers = await transfer(client, path, origin, uploadBounds(x, first));
    x.expecting = false;
    x.flow.request.trailers = trailers;
    await x.hook("request");
    origin.h1.sendEnd(x.flow.request.trailers);
    const pressure = origin.flush();
    if (pressure !== null) await pressure;
    x.sent();
  } catch (error) {
    x.cancel(path, error);
    if (origin.broken === null || origin.broken !== error) {
      x.fail(error);
      origin.fail(error);
    }
  } finally {
    x.uploading = false;
    x.paths.delete(path);
  }
}
