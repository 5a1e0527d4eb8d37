/**
 * What is put right in a head that was read, so that what is passed on is canonical.
 */
import type { HeaderList } from "../headers.ts";

/** Leading zeros of a `Content-Length` are decimal, but not every reader agrees. */
export function normaliseLength(headers: HeaderList): void {
  const text = headers.get("content-length");
  if (text !== null && text.length > 1 && text.charCodeAt(0) === 0x30) {
    headers.set("content-length", String(Number(text)));
  }
}

/**
 * Drops the fields that 1xx, 204 and a 2xx to CONNECT must not have (RFC 9110 8.6, RFC 9112 6.1) and that a recipient must
 * ignore (RFC 9110 9.3.6).
 */
export function dropFramingFields(headers: HeaderList): void {
  headers.delete("content-length");
  headers.delete("transfer-encoding");
}
