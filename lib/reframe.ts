/**
 * How a body leaves: its framing on the next hop, and the fields that go with it (RFC 9112 6, RFC 9110 8.6).
 *
 * | body             | kept                                        | changed (its length is not known) | whole            |
 * | ---------------- | ------------------------------------------- | --------------------------------- | ---------------- |
 * | `Content-Length` | kept                                        | chunked, or until close to 1.0    | `Content-Length` |
 * | chunked          | chunked, or until close to 1.0              | the same                          | `Content-Length` |
 * | until close      | chunked, so that a cut shows, or until close to 1.0 | the same                  | `Content-Length` |
 */
import { dropValidators } from "./body.ts";
import type { HeaderList } from "./headers.ts";
import type { Framing, Version } from "./message.ts";

/** What happens to a body on its way; `whole` has its final length in bytes. */
export type Treatment =
  | { readonly kind: "kept" }
  | { readonly kind: "changed" }
  | { readonly kind: "whole"; readonly length: number; readonly changed: boolean };

const none: Framing = { kind: "none" };
const chunked: Framing = { kind: "chunked" };
const closeDelimited: Framing = { kind: "close-delimited" };

/**
 * Decides the framing of a body that is sent on, and makes the fields say so.
 *
 * @param headers The fields that are sent; they are changed in place.
 * @param incoming How the body came.
 * @param treatment What happens to it.
 * @param version What the receiver speaks.
 * @returns The framing to send with.
 */
export function reframe(
  headers: HeaderList,
  incoming: Framing,
  treatment: Treatment,
  version: Version,
): Framing {
  const framing = choose(incoming, treatment, version);
  if (framing.kind === "content-length") headers.set("Content-Length", String(framing.length));
  else headers.delete("content-length");
  if (framing.kind === "chunked") headers.set("Transfer-Encoding", "chunked");
  else {
    headers.delete("transfer-encoding");
    headers.delete("trailer");
  }
  if (treatment.kind === "changed" || (treatment.kind === "whole" && treatment.changed)) {
    dropValidators(headers);
  }
  return framing;
}

/** What becomes of a body whose length is not known. */
const unmeasured: Readonly<Record<Version, Framing>> = { "1.1": chunked, "1.0": closeDelimited };

function choose(incoming: Framing, treatment: Treatment, version: Version): Framing {
  switch (treatment.kind) {
    case "whole":
      return { kind: "content-length", length: treatment.length };
    case "kept":
      return incoming.kind === "content-length" || incoming.kind === "none" ? incoming : unmeasured[version];
    case "changed":
      return unmeasured[version];
  }
}

/**
 * Makes the fields of a response that never has a body (to `HEAD`, 1xx, 204, 304) right: what they announce of a body
 * stands only if it is true of the one that a `GET` would get.
 *
 * @param headers The fields that are sent; they are changed in place.
 * @param status The status code.
 * @param changed Whether a `GET`'s body would be changed on its way.
 * @returns The framing to send with: none.
 */
export function reframeBodyless(headers: HeaderList, status: number, changed: boolean): Framing {
  headers.delete("transfer-encoding");
  headers.delete("trailer");
  if (changed || status === 204 || status < 200) headers.delete("content-length");
  if (changed) dropValidators(headers);
  return none;
}
