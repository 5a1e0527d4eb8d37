/**
 * What an origin is told of the client behind the proxy: `X-Forwarded-For`, `-Host` and `-Proto`, and what clients claim
 * of themselves there, `Forwarded` (RFC 7239) included.
 */
import type { HeaderList } from "./headers.ts";
import type { RequestHead } from "./message.ts";
import type { Scheme } from "./target.ts";

/**
 * What happens to these fields: `keep` passes on what the client says and adds nothing; `replace` drops it and tells what
 * is known; `append` trusts it, and adds the client's address to the list.
 */
export type ForwardedPolicy = "keep" | "replace" | "append";

/** What decides about these fields. */
export interface Spoken {
  /** What happens to what the client says. */
  readonly forwarded: ForwardedPolicy;
  /** How the client speaks with the proxy. */
  readonly clientScheme: Scheme;
}

const CLAIMS = [
  "forwarded",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-port",
  "x-real-ip",
];

/**
 * Sets the fields that speak of the client.
 *
 * @param headers The request's fields as the origin gets them; changed in place.
 * @param head The request as it came.
 * @param client The client's numeric address.
 * @param spoken What happens to what the client says, and how it speaks with the proxy.
 */
export function setForwarded(
  headers: HeaderList,
  head: RequestHead,
  client: string,
  { forwarded: policy, clientScheme }: Spoken,
): void {
  if (policy === "keep") return;
  if (policy === "replace") { for (const name of CLAIMS) headers.delete(name); }
  // A listener of both families gives IPv4 addresses in their IPv6 form.
  const address = client.replace(/^::ffff:(?=[\d.]+$)/i, "");
  headers.set("X-Forwarded-For", [...headers.getAll("x-forwarded-for"), address].join(", "));
  const host = head.headers.get("host");
  if (host !== null && !headers.has("X-Forwarded-Host")) headers.set("X-Forwarded-Host", host);
  if (!headers.has("X-Forwarded-Proto")) headers.set("X-Forwarded-Proto", clientScheme);
}
