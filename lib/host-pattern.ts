/**
 * Patterns of hosts: a name or an address; `*.example.com` for a domain's subdomains; `*` for any; with `:port` for one port
 * only.
 */
import { parseIp } from "./ip-address.ts";
import type { Address } from "./socket.ts";

/** Says whether a pattern matches. */
export type HostMatcher = (place: Address) => boolean;

const PATTERN =
  /^(?:\[([0-9a-f.]*:[0-9a-f:.]*)\]|([0-9a-f]*:[0-9a-f:.]*:[0-9a-f.]*)|(\*|(?:\*\.)?[\w-]+(?:\.[\w-]+)*\.?))(?::(\d{1,5}))?$/i;

/**
 * Reads a pattern.
 *
 * @param text The pattern.
 * @returns What says whether it matches a host, without brackets, and its port.
 * @throws {RangeError} If it is none.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const matches = parseHostPattern("*.example.com:443");
 * assert.ok(matches({ host: "www.example.com", port: 443 }));
 * assert.ok(!matches({ host: "example.com", port: 443 }));
 * ```
 */
export function parseHostPattern(text: string): HostMatcher {
  const [, bracketed, bare, name, digits] = PATTERN.exec(text) ?? [];
  const host = (bracketed ?? bare ?? name)?.toLowerCase();
  const port = digits === undefined ? null : Number(digits);
  if (host === undefined || (port !== null && (port < 1 || port > 65535))) {
    throw new RangeError(
      `Cannot match hosts as a pattern must be such as example.com or *.example.com:443: got ${
        JSON.stringify(text)
      }`,
    );
  }
  const fits = hostMatcher(host);
  return (place) => (port === null || port === place.port) && fits(place.host);
}

/**
 * Reads a pattern without a port.
 *
 * @param pattern The pattern; any text is one.
 * @returns What says whether it matches a host.
 */
export function hostMatcher(pattern: string): (host: string) => boolean {
  const wanted = pattern.toLowerCase();
  if (wanted === "*") return () => true;
  const ip = parseIp(wanted);
  if (ip !== null) return (host) => parseIp(host) === ip;
  // A fully qualified name is the same with its last dot and without it.
  const plain = (host: string) => host.toLowerCase().replace(/\.$/, "");
  if (wanted.startsWith("*.")) return (host) => plain(host).endsWith(wanted.slice(1));
  return (host) => plain(host) === wanted.replace(/\.$/, "");
}
