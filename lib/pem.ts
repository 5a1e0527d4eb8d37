/**
 * PEM (RFC 7468): certificates and keys as text.
 */

/** What a block holds. */
export type PemLabel = "CERTIFICATE" | "PRIVATE KEY";

/**
 * Writes a block.
 *
 * @param label What it holds.
 * @param der That, in DER.
 * @returns The text, in lines.
 */
export function toPem(label: PemLabel, der: Uint8Array): string {
  let octets = "";
  for (const octet of der) octets += String.fromCharCode(octet);
  const lines = btoa(octets).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/**
 * Reads the first block with a label.
 *
 * @param label What it holds.
 * @param text The text, which may have more.
 * @returns That, in DER; `null` if there is no such block that can be read.
 */
export function fromPem(label: PemLabel, text: string): Uint8Array<ArrayBuffer> | null {
  const [, base64] = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`)
    .exec(text) ?? [];
  if (base64 === undefined) return null;
  try {
    return Uint8Array.from(atob(base64.replace(/\s/g, "")), (character) => character.charCodeAt(0));
  } catch {
    // Not base64: no block.
    return null;
  }
}
