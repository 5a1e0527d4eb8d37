/**
 * What role the proxy plays, and how the command line writes it.
 */
import { schemeOf } from "./target.ts";

/** What role the proxy plays. */
export type Mode =
  /** A forward proxy: clients say where each request goes. */
  | { readonly kind: "regular" }
  /** In front of one origin: everything goes there. */
  | { readonly kind: "reverse"; readonly origin: URL }
  /** A forward proxy that sends everything on through another proxy, whose URL may hold a user name and a password. */
  | { readonly kind: "upstream"; readonly proxy: URL }
  /** A SOCKS5 server: clients say where each connection goes, and HTTP on it is served here. */
  | { readonly kind: "socks5" };

/**
 * Reads a mode.
 *
 * @param text What was written behind `--mode`.
 * @returns The mode.
 * @throws {RangeError} If there is no such mode, or its URL has more than it may; a `TypeError` if it is no URL.
 */
export function parseMode(text: string): Mode {
  if (text === "regular" || text === "socks5") return { kind: text };
  const [, kind, written] = /^(reverse|upstream):(.*)$/s.exec(text) ?? [];
  if (kind === undefined || written === undefined) {
    throw new RangeError(`Cannot take the mode as it must be a known one: got ${JSON.stringify(text)}`);
  }
  const url = new URL(written);
  if (kind === "upstream") return { kind, proxy: upstreamUrl(url) };
  if (isBare(url)) return { kind: "reverse", origin: url };
  throw new RangeError(
    `Cannot take the mode as its origin must be an http or https URL without a path: got ${url.href}`,
  );
}

function upstreamUrl(url: URL): URL {
  const bare = new URL(url);
  bare.username = bare.password = "";
  if (isBare(bare) && isText(url.username + url.password)) return url;
  throw new RangeError(
    `Cannot take the mode as its proxy must be an http or https URL without a path: got ${bare.href}`,
  );
}

function isBare({ protocol, host, href }: URL): boolean {
  return schemeOf(protocol) !== null && href === `${protocol}//${host}/`;
}

/** Whether percent-encoded octets are UTF-8 (else a `URIError`), and no control characters. */
function isText(encoded: string): boolean {
  // deno-lint-ignore no-control-regex
  return !/[\x00-\x1f\x7f]/.test(decodeURIComponent(encoded));
}
