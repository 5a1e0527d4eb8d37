/**
 * Where connections may go. Ports are judged before a name is resolved, addresses between resolving and connecting, so
 * that the address that was judged is the one that is connected to, whatever the name says the next time. What only shows
 * on the connection itself, that it has come back to this proxy, is judged before a byte is sent.
 */
import { RefusedError } from "./errors.ts";
import { isLoopback, isPrivate, isUnspecified, parseIp } from "./ip-address.ts";
import type { Address } from "./socket.ts";
import { authorityOf } from "./target.ts";

/** Mail servers take what looks like a request for mail. */
const MAIL_PORT = 25;
/** Where HTTP is at home. */
const HTTP_PORT = 80;

/** What decides where connections may go. */
export interface ReachRules {
  /** Whether addresses that are not on the public internet are out of reach. */
  readonly blockPrivate: boolean;
  /** The ports that tunnels may lead to; `null` for all. */
  readonly connectPorts: ReadonlySet<number> | null;
  /** Where the proxy itself listens, as of now. */
  readonly own: () => readonly Address[];
}

/** Says where connections may go. */
export class Reach {
  #rules: ReachRules;

  /** Judges by these rules. */
  constructor(rules: ReachRules) {
    this.#rules = rules;
  }

  /** Whether tunnels may lead to a port. */
  tunnelsTo(port: number): boolean {
    const { connectPorts } = this.#rules;
    return connectPorts === null || connectPorts.has(port);
  }

  /**
   * Judges the port of a tunnel.
   *
   * @throws {RefusedError} With 403, if tunnels may not lead there.
   */
  checkTunnel({ port }: Address): void {
    if (this.tunnelsTo(port)) return;
    throw new RefusedError(403, `Cannot tunnel to port ${port} as this proxy allows other ports only`);
  }

  /**
   * Judges the port of a connection on which HTTP may follow, or anything else: then that is judged as a tunnel.
   *
   * @throws {RefusedError} With 403, if neither may lead there.
   */
  checkEither(place: Address): void {
    if (place.port !== HTTP_PORT) this.checkTunnel(place);
  }

  /**
   * Judges a port.
   *
   * @throws {RefusedError} With 403, if no request may go there.
   */
  checkPort({ port }: Address): void {
    if (port === MAIL_PORT) throw new RefusedError(403, "Cannot connect to port 25 as that is for mail");
  }

  /**
   * Judges a place whose name somebody else resolves: by its port, and where the name is an address, or has to stand for
   * this kind of address (RFC 6761 6.3), by that.
   *
   * @throws {RefusedError} With 403, if no request may go there.
   */
  checkUnresolved(place: Address): void {
    this.checkPort(place);
    if (!this.#rules.blockPrivate) return;
    const host = canonical(place.host);
    const ip = parseIp(host);
    if (/(^|\.)localhost\.?$/.test(host) || (ip !== null && isPrivate(ip))) throw privateAddress();
  }

  /**
   * Judges an address before it is connected to.
   *
   * @param to A numeric address.
   * @throws {RefusedError} With 403 for one that is out of reach, or 508 for the proxy's own.
   */
  checkAddress(to: Address): void {
    const ip = parseIp(to.host);
    for (const own of this.#rules.own()) if (leadsTo(own, to, ip)) throw loop();
    // What can't be read can't be judged.
    if (this.#rules.blockPrivate && (ip === null || isPrivate(ip))) throw privateAddress();
  }

  /**
   * Judges a connection that has been made: where a listener takes all of a machine's addresses, both ends of a connection
   * to it have the same one.
   *
   * @throws {RefusedError} With 508, if it leads back to the proxy.
   */
  checkConnection({ local, remote }: { readonly local: Address; readonly remote: Address }): void {
    this.checkAddress(remote);
    const looped = local.host === remote.host &&
      this.#rules.own().some((own) => own.port === remote.port && isWildcard(own));
    if (looped) throw loop();
  }
}

function leadsTo(own: Address, to: Address, ip: bigint | null): boolean {
  if (own.port !== to.port) return false;
  if (ip === null) return own.host === to.host;
  return isUnspecified(ip) || parseIp(own.host) === ip || (isWildcard(own) && isLoopback(ip));
}

function isWildcard({ host }: Address): boolean {
  const ip = parseIp(host);
  return ip !== null && isUnspecified(ip);
}

/** A host as URLs have it: `0x7f.1` and the like are addresses too. */
function canonical(host: string): string {
  const url = `http://${authorityOf({ host, port: 1 })}`;
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, "") : host;
}

function privateAddress(): RefusedError {
  return new RefusedError(403, "Cannot connect to an address that is not on the public internet");
}

function loop(): RefusedError {
  return new RefusedError(508, "Cannot connect to the proxy through itself");
}
