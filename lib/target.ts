/**
 * Where a request goes: the four forms of a request target (RFC 9112 3.2), read by the role the proxy plays.
 *
 * The path is never decoded, normalised or re-encoded: the origin gets the octets that came.
 */
import { ProtocolError, RefusedError } from "./errors.ts";
import type { Inside } from "./inside.ts";
import type { RequestHead } from "./message.ts";
import type { Mode } from "./mode.ts";
import type { Address } from "./socket.ts";

/** A scheme that requests can go by. */
export type Scheme = "http" | "https";

/** Where a request goes. */
export interface Target {
  /** How: `https` is TLS. */
  readonly scheme: Scheme;
  /** The host, without brackets. */
  readonly host: string;
  /** The port. */
  readonly port: number;
  /** The host and, if it isn't the scheme's own, the port: the `Host` field. */
  readonly authority: string;
  /** The path and query: the target in origin-form, or `*`. */
  readonly path: string;
  /** All of it as a URL. */
  readonly href: string;
  /** Who an origin must prove to be by https; default who the host names. */
  readonly serverName?: string;
}

const ABSOLUTE = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^#]*)$/i;
const AUTHORITY = /^(\[[0-9a-f:.]+\]|[a-z0-9._~!$&'()*+,;=%-]+)(?::([0-9]{1,5}))?$/i;

/** Reads `host` or `host:port`; no user information, no path, no space (RFC 9110 4.2). */
export function parseAuthority(
  text: string,
  defaultPort: number | null,
): { host: string; port: number } | null {
  const match = AUTHORITY.exec(text);
  if (match === null) return null;
  const port = match[2] === undefined ? defaultPort : Number(match[2]);
  if (port === null || port < 1 || port > 65535) return null;
  return { host: match[1]!.replace(/^\[|\]$/g, ""), port };
}

/** An address as a URL has it: an IPv6 address in brackets, and always with the port. */
export function authorityOf({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The port of a scheme where a URL has none. */
export function defaultPort(scheme: Scheme): number {
  return scheme === "https" ? 443 : 80;
}

/** The scheme of a URL's protocol, written with or without the colon; `null` for one that requests can't go by. */
export function schemeOf(protocol: string): Scheme | null {
  const [, scheme] = /^(https?):?$/i.exec(protocol) ?? [];
  return (scheme?.toLowerCase() ?? null) as Scheme | null;
}

/** The target of a `CONNECT`: an authority with its port (RFC 9110 9.3.6). */
export function connectTarget(head: RequestHead): Target {
  const authority = parseAuthority(head.target, null);
  if (authority === null) {
    throw new ProtocolError(
      `Cannot tunnel as the target must be host:port: got ${JSON.stringify(head.target)}`,
    );
  }
  return { scheme: "http", ...authority, authority: head.target, path: "", href: `http://${head.target}` };
}

/** Where a request other than `CONNECT` goes. */
export function requestTarget(head: RequestHead, mode: Mode): Target {
  return mode.kind === "reverse" ? reverseTarget(head, mode.origin) : forwardTarget(head);
}

/**
 * Where a request goes on a connection that leads to one place only, whatever the request says: its path there, and the
 * host that it is for (RFC 9112 3.2.2, 3.2.3). In TLS that is a host that the other end proves to be.
 *
 * @param head The request.
 * @param inside Where the connection leads.
 * @returns The target.
 * @throws {RefusedError} With 405 for a `CONNECT`, which would lead elsewhere; with 421 for a host that the client has not
 * asked the other end to be (RFC 9110 7.4).
 */
export function placedTarget(head: RequestHead, { scheme, place, name }: Inside): Target {
  if (head.method === "CONNECT") {
    throw new RefusedError(405, "Cannot tunnel within a connection to one place");
  }
  const path = pathOf(head);
  const [, , named] = ABSOLUTE.exec(head.target) ?? [];
  const own = authorityOf({ host: name ?? place.host, port: place.port });
  const written = name !== null && place.port === defaultPort(scheme) ? own.replace(/:\d+$/, "") : own;
  const authority = named ?? head.headers.get("host") ?? written;
  const target = {
    scheme,
    ...place,
    authority,
    path,
    href: `${scheme}://${authority}${path === "*" ? "" : path}`,
  };
  if (name === null) return target;
  const asked = parseAuthority(authority, defaultPort(scheme));
  const plain = (host: string | undefined) => host?.toLowerCase().replace(/\.$/, "");
  if (plain(asked?.host) !== plain(name) || asked?.port !== place.port) {
    throw new RefusedError(421, `Cannot send a request for ${authority} on a connection to ${written}`);
  }
  return { ...target, serverName: name };
}

function forwardTarget(head: RequestHead): Target {
  const match = ABSOLUTE.exec(head.target);
  if (match === null) {
    throw new ProtocolError(
      `Cannot forward the request as its target must be an absolute URL: got ${
        JSON.stringify(head.target)
      }; ` +
        "a client has to be told that this is its proxy (curl -x)",
    );
  }
  const [, protocol, authority, rest] = match as unknown as [string, string, string, string];
  const scheme = schemeOf(protocol);
  if (scheme === null) {
    throw new ProtocolError(
      `Cannot forward the request as its scheme must be http or https: got ${protocol}`,
    );
  }
  const place = parseAuthority(authority, defaultPort(scheme));
  if (place === null) {
    throw new ProtocolError(
      `Cannot forward the request as its URL needs host or host:port: got ${protocol}://${authority}`,
    );
  }
  return { scheme, ...place, authority, path: originForm(head.method, rest), href: head.target };
}

/** An empty path is `/`, or `*` where the request is OPTIONS for the server as a whole (RFC 9112 3.2.4). */
function originForm(method: string, rest: string): string {
  if (rest === "") return method === "OPTIONS" ? "*" : "/";
  return rest.startsWith("/") ? rest : `/${rest}`;
}

function reverseTarget(head: RequestHead, origin: URL): Target {
  const { scheme, host, port, authority, path: base, href } = baseOf(origin);
  const path = pathOf(head);
  if (path === "*") return { scheme, host, port, authority, path, href };
  return { scheme, host, port, authority, path: base + path, href: href + base + path };
}

// What a URL says is worked out anew each time that it is asked, which takes longer than the rest of a target.
const bases = new WeakMap<URL, Target>();

function baseOf(origin: URL): Target {
  let base = bases.get(origin);
  if (base === undefined) {
    const scheme = schemeOf(origin.protocol)!;
    base = {
      scheme,
      ...placeOf(origin, scheme),
      authority: origin.host,
      path: origin.pathname.replace(/\/$/, ""),
      href: origin.origin,
    };
    bases.set(origin, base);
  }
  return base;
}

/** The host and port of a URL. */
export function placeOf(url: URL, scheme: Scheme): Address {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? defaultPort(scheme) : Number(url.port),
  };
}

/** A server takes origin-form, and absolute-form too (RFC 9112 3.2.2). */
function pathOf(head: RequestHead): string {
  if (head.target.startsWith("/")) return head.target;
  if (head.target === "*" && head.method === "OPTIONS") return "*";
  const match = ABSOLUTE.exec(head.target);
  if (match !== null && /^https?$/i.test(match[1]!) && parseAuthority(match[2]!, 80) !== null) {
    return originForm(head.method, match[3]!);
  }
  throw new ProtocolError(
    `Cannot serve the request as its target must be a path: got ${JSON.stringify(head.target)}`,
  );
}
