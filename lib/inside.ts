/**
 * Requests within a connection that leads to one place: a tunnel that carries HTTP, in clear or, where that is intercepted,
 * in TLS; the same by SOCKS.
 */
import type { FirstBytes } from "./first-bytes.ts";
import type { Interception } from "./interception.ts";
import type { Address } from "./socket.ts";
import type { Scheme } from "./target.ts";
import type { TlsServer } from "./tls.ts";

/** Where requests go that say only which path they want. */
export interface Inside {
  /** How. */
  readonly scheme: Scheme;
  /** Where the connection leads. */
  readonly place: Address;
  /** Whom the client wants to talk to there, and has asked to prove it; `null` if nobody has to. */
  readonly name: string | null;
}

/** How a connection goes on with requests. */
export interface Entrance {
  /** Where they go. */
  readonly inside: Inside;
  /** Speaks TLS with the client; `null` if it comes in clear. */
  readonly server: Promise<TlsServer> | null;
  /** What has been read from the client already. */
  readonly bytes: Uint8Array;
}

/**
 * Decides whether the requests of a connection are served one by one.
 *
 * @param place Where it leads.
 * @param first What the client has begun with.
 * @param interception Opens TLS; `null` if none is.
 * @returns How it goes on; `null` if its bytes pass as they are.
 */
export function entranceTo(
  place: Address,
  { speech, hello, bytes }: FirstBytes,
  interception: Interception | null,
): Entrance | null {
  if (speech === "http") return { inside: { scheme: "http", place, name: null }, server: null, bytes };
  const opening = hello === null ? null : interception?.open(place, hello) ?? null;
  if (opening === null) return null;
  const { name, server } = opening;
  return { inside: { scheme: "https", place, name }, server, bytes };
}
