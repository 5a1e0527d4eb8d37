/**
 * Which TLS connections of clients are opened, and in whose name.
 *
 * A client names a host twice: where it wants to be connected to, and, within TLS, whom it wants to talk to (SNI). The second
 * is what it asks the certificate for, so that is whom the proxy answers as, and whom it asks the origin to prove to be. A
 * pattern matches a connection by either.
 */
import type { Authority } from "./authority.ts";
import type { ClientHello } from "./client-hello.ts";
import type { HostMatcher } from "./host-pattern.ts";
import { parseIp } from "./ip-address.ts";
import { Leaves } from "./leaves.ts";
import { isReserved } from "./onboarding.ts";
import type { Address } from "./socket.ts";
import { SERVED, type Tls, type TlsServer } from "./tls.ts";

/** What is needed to intercept. */
export interface InterceptionOptions {
  /** The runtime's TLS. */
  readonly tls: Tls;
  /** Who makes the certificates that clients get. */
  readonly authority: Authority;
  /** Which hosts; default all. */
  readonly hosts?: readonly HostMatcher[] | undefined;
  /** Which hosts not, even if they are among these; default none. */
  readonly ignore?: readonly HostMatcher[] | undefined;
}

/** A connection that is opened. */
export interface Opening {
  /** The server that the client wants. */
  readonly name: string;
  /** Speaks TLS in its name. */
  readonly server: Promise<TlsServer>;
}

/** A DNS name: labels of letters, digits, `-` and, as some have them, `_`. */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*$/;

/** Opens the TLS connections of clients. */
export class Interception {
  /** Who makes the certificates. */
  readonly authority: Authority;
  readonly #hosts: readonly HostMatcher[];
  readonly #ignore: readonly HostMatcher[];
  readonly #leaves: Leaves;

  /**
   * @param options What is needed.
   * @param leafCount How many certificates are kept.
   */
  constructor({ tls, authority, hosts = [() => true], ignore = [] }: InterceptionOptions, leafCount: number) {
    this.authority = authority;
    this.#hosts = hosts;
    this.#ignore = ignore;
    this.#leaves = new Leaves(leafCount, async (name) => tls.server(await authority.identity(name)));
  }

  /** Whether a connection to a place passes unread, whatever the client says in it; none does where the proxy answers. */
  ignores(place: Address): boolean {
    return !isReserved(place) && this.#ignore.some((matches) => matches(place));
  }

  /** Whether a connection to a place is to be opened, as far as that can be told without TLS. */
  takes(place: Address): boolean {
    return this.#wants([place]);
  }

  /**
   * Decides about a connection.
   *
   * @param place Where it leads.
   * @param hello What the client says in it.
   * @returns How to open it; `null` if it passes unread: it isn't wanted, or what it speaks is not known here.
   */
  open(place: Address, { serverName, protocols }: ClientHello): Opening | null {
    if (protocols !== null && !protocols.some((protocol) => SERVED.includes(protocol))) return null;
    const name = (serverName ?? place.host).toLowerCase().replace(/\.$/, "");
    if (!DNS_NAME.test(name) && parseIp(name) === null) return null;
    return this.#wants([place, { host: name, port: place.port }])
      ? { name, server: this.#leaves.take(name) }
      : null;
  }
  /** Whether a connection is to be opened, by the names that it has; the first is where it leads. */
  #wants(places: readonly [Address, ...Address[]]): boolean {
    if (isReserved(places[0])) return true;
    return !places.some((place) => this.ignores(place)) &&
      places.some((place) => this.#hosts.some((matches) => matches(place)));
  }
}
