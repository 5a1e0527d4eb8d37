/**
 * The proxy behind this one (`--mode upstream:URL`): requests for http go to it in absolute-form, everything else through a
 * tunnel that it is asked for (RFC 9112 3.2.2, RFC 9110 9.3.6).
 *
 * Names are resolved there. What is judged here is what can be: the upstream's own address, and targets that need no
 * resolving. A request that comes back, by whichever way, carries this proxy's signature in `Via`.
 */
import { ProtocolError, RefusedError, SocketError } from "./errors.ts";
import { PAUSED, type ResponseEvent } from "./h1/events.ts";
import { type HeaderList, listMembers } from "./headers.ts";
import type { Mode } from "./mode.ts";
import { utf8Octets } from "./octet-text.ts";
import type { Peer } from "./peer.ts";
import { Reach, type ReachRules } from "./reach.ts";
import { placeOf, type Scheme, schemeOf, type Target } from "./target.ts";

/** The proxy behind this one. */
export interface Upstream {
  /** How it is spoken with: `https` is TLS. */
  readonly scheme: Scheme;
  /** Its name or numeric address, without brackets. */
  readonly host: string;
  /** Its port. */
  readonly port: number;
  /** The value of `Proxy-Authorization` for it; `null` for none. */
  readonly authorization: string | null;
  /** Judges the connection to it: it may be anywhere but here. */
  readonly reach: Reach;
}

/**
 * What a mode says of a proxy behind this one.
 *
 * @param mode The mode.
 * @param credentials The user name and password, with a colon between; `undefined` for those of the mode's URL.
 * @param own Where this proxy listens, as of now.
 * @returns The proxy, or `null` if there is none.
 */
export function upstreamOf(
  mode: Mode,
  credentials: string | undefined,
  own: ReachRules["own"],
): Upstream | null {
  if (mode.kind !== "upstream") return null;
  const { proxy } = mode;
  const written = proxy.username === ""
    ? undefined
    : `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const scheme = schemeOf(proxy.protocol)!;
  const told = credentials ?? written;
  return {
    scheme,
    ...placeOf(proxy, scheme),
    authorization: told === undefined ? null : `Basic ${btoa(utf8Octets(told))}`,
    reach: new Reach({ blockPrivate: false, connectPorts: null, own }),
  };
}

/** The proxy that a request itself is sent to; `null` where it goes to its origin, be it through a tunnel. */
export function askedOf(upstream: Upstream | null, { scheme }: Target): Upstream | null {
  return scheme === "https" ? null : upstream;
}

/** A request's target for a proxy: absolute-form, and for `OPTIONS *` without a path (RFC 9112 3.2.4). */
export function absoluteForm({ authority, path }: Target): string {
  return `http://${authority}${path === "*" ? "" : path}`;
}

/**
 * Refuses a request that has been here before.
 *
 * @param headers The request's fields.
 * @param signature What this proxy signs messages with.
 * @throws {RefusedError} With 508, if `Via` has the signature (RFC 9110 7.6.3).
 */
export function checkLoop(headers: HeaderList, signature: string): void {
  const hops = listMembers(headers.get("via"));
  if (!hops.some((hop) => hop.split(/\s+/)[1] === signature)) return;
  throw new RefusedError(508, "Cannot send the request on as it has come through this proxy already");
}

/** Says of a failed connection that it was to be one to the upstream. */
export function unreachable(error: unknown): unknown {
  if (!(error instanceof SocketError)) return error;
  return new SocketError(error.code, `The upstream proxy can't be reached: ${error.message}`, {
    cause: error,
  });
}

/**
 * Refuses an answer that speaks of this proxy's credentials: no client can do anything about those.
 *
 * @param status The answer's status.
 * @throws {RefusedError} With 502, if it is 407.
 */
export function checkUpstreamAuth(status: number): void {
  if (status !== 407) return;
  throw new RefusedError(
    502,
    "The upstream proxy wants a user name and a password, or others than it was told",
  );
}

/**
 * Asks for a tunnel. What has come behind the consent stays with the peer (`h1.rest()`).
 *
 * @param peer A connection to the upstream on which nothing was said yet.
 * @param authority The place, as `host:port`.
 * @param headers Further fields; `Host` is set.
 * @param ms How long the answer may take, in milliseconds.
 * @throws {RefusedError} With 502 if the upstream says no, or nothing that could be understood; with 504 if it says so, or
 * says nothing in time.
 */
export async function openTunnel(
  peer: Peer,
  authority: string,
  headers: HeaderList,
  ms: number,
): Promise<void> {
  headers.set("Host", authority);
  peer.h1.sendRequest({ method: "CONNECT", target: authority, version: "1.1", headers }, { kind: "none" });
  peer.h1.sendEnd();
  let answer: ResponseEvent;
  try {
    const pressure = peer.flush();
    if (pressure !== null) await pressure;
    peer.wait(ms, "the upstream proxy's answer");
    answer = await finalResponse(peer);
  } catch (error) {
    throw peer.broken === error ? failed(authority, error) : error;
  }
  peer.arrived();
  if (answer.status < 300) return;
  checkUpstreamAuth(answer.status);
  const status = answer.status === 504 ? 504 : 502;
  throw new RefusedError(status, failure(authority, `${answer.status} ${answer.reason}`));
}

async function finalResponse(peer: Peer): Promise<ResponseEvent> {
  for (;;) {
    const event = await peer.event();
    if (event !== PAUSED && event.type === "response") return event;
    if (event === PAUSED || event.type !== "interim") {
      throw peer.broken = new ProtocolError("It has closed the connection without an answer");
    }
  }
}

function failed(authority: string, error: unknown): RefusedError {
  const late = error instanceof SocketError && error.code === "timeout";
  return new RefusedError(
    late ? 504 : 502,
    failure(authority, error instanceof Error ? error.message : String(error)),
  );
}

function failure(authority: string, reason: string): string {
  return `The upstream proxy opens no tunnel to ${authority}: ${reason}`;
}
