/**
 * What a client speaks on a connection that may carry anything, told by its first bytes: a request line's beginning, a TLS
 * record with a handshake (RFC 8446 5.1), or something else.
 *
 * HTTP/2 with prior knowledge and a `CONNECT` are something else: nothing here reads what follows them.
 */

/** What a client speaks. */
export type Speech = "http" | "tls" | "other";

/** A method and a target's beginning; it must be shorter than this, in bytes. */
const SNIFFED_BYTES = 64;

const METHOD = /^[A-Z][A-Z0-9_-]{0,31}$/;
const TARGETS = ["/", "*", "http://", "https://"] as const;
const UNREAD = ["CONNECT", "PRI"] as const;

/**
 * Tells what a client speaks.
 *
 * @param bytes All that has come from it so far.
 * @returns What it speaks, or `null` if more bytes are needed to tell.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const bytesOf = (text: string) => new TextEncoder().encode(text);
 * assert.equal(sniff(bytesOf("GE")), null);
 * assert.equal(sniff(bytesOf("GET / HTTP/1.1")), "http");
 * assert.equal(sniff(bytesOf("\x16\x03\x01")), "tls");
 * assert.equal(sniff(bytesOf("SSH-2.0-")), "other");
 * ```
 */
export function sniff(bytes: Uint8Array): Speech | null {
  if (bytes[0] === 0x16) return sniffTls(bytes);
  // A request may have empty lines before it (RFC 9112 2.2).
  const text = String.fromCharCode(...bytes.subarray(0, SNIFFED_BYTES)).replace(/^(?:\r?\n)+/, "");
  const space = text.indexOf(" ");
  const method = space < 0 ? text : text.slice(0, space);
  const open = bytes.length < SNIFFED_BYTES ? null : "other";
  if (method === "" || method === "\r") return space < 0 ? open : "other";
  if (!METHOD.test(method)) return "other";
  if (space < 0) return open;
  if (UNREAD.some((unread) => unread === method)) return "other";
  const target = text.slice(space + 1).toLowerCase();
  if (TARGETS.some((beginning) => target.startsWith(beginning))) return "http";
  return TARGETS.some((beginning) => beginning.startsWith(target)) ? open : "other";
}

function sniffTls([, major, minor]: Uint8Array): Speech | null {
  if (major === undefined) return null;
  if (major !== 3) return "other";
  if (minor === undefined) return null;
  return minor <= 4 ? "tls" : "other";
}
