/**
 * How the texts of options are read. Each throws a `RangeError` that says what was wanted.
 */
import type { ForwardedPolicy } from "./forwarded.ts";

/** An address or a name to listen on, without brackets. */
export function parseHost(text: string): string {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  if (/^[\w.:%-]+$/.test(host)) return host;
  throw new RangeError(
    `Cannot listen on a host as it must be an address or a name: got ${JSON.stringify(text)}`,
  );
}

/** A user name and a password, with a colon between. */
export function parseCredentials(text: string): string {
  // deno-lint-ignore no-control-regex
  if (/^[^:\x00-\x1f\x7f]+:[^\x00-\x1f\x7f]+$/.test(text)) return text;
  throw new RangeError(
    "Cannot take the credentials as they must be a user name and a password with a colon between",
  );
}

/** Ports that tunnels may lead to; 25 never. */
export function parsePorts(text: string): "all" | ReadonlySet<number> {
  if (text === "all") return text;
  const ports = text.split(",").map((port) => parseInteger(port, 1, 65535));
  if (!ports.includes(25)) return new Set(ports);
  throw new RangeError("Cannot allow port 25 as that is for mail");
}

/** What becomes of what clients say of themselves. */
export function parseForwarded(text: string): ForwardedPolicy {
  if (text === "keep" || text === "replace" || text === "append") return text;
  throw new RangeError(
    `Cannot take the policy as it must be keep, replace or append: got ${JSON.stringify(text)}`,
  );
}

/** A whole number from `least` to `most`. */
export function parseInteger(text: string, least: number, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value >= least && value <= most) return value;
  throw new RangeError(
    `Cannot take the number as it must be from ${least} to ${most}: got ${JSON.stringify(text)}`,
  );
}

/** A file's path. */
export function parsePath(text: string): string {
  if (text !== "") return text;
  throw new RangeError("Cannot read a file as its path must be something: got none");
}

/** A script's file. */
export function parseScript(text: string): string {
  if (/\.(?:js|mjs|ts)$/.test(text)) return text;
  throw new RangeError(
    `Cannot take the script as it must be a .js, .mjs or .ts file: got ${JSON.stringify(text)}`,
  );
}
