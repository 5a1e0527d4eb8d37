/**
 * The heads of messages, as the codec reads and writes them: plain data, no behaviour.
 */
import type { HeaderList } from "./headers.ts";

/** The versions that are spoken. */
export type Version = "1.0" | "1.1";

/** A request's line and fields. */
export interface RequestHead {
  /** The method, case kept. */
  readonly method: string;
  /** The request target as it came: origin-, absolute-, authority- or asterisk-form (RFC 9112 3.2). */
  readonly target: string;
  /** The sender's version. */
  readonly version: Version;
  /** The fields. */
  readonly headers: HeaderList;
}

/** A response's line and fields. */
export interface ResponseHead {
  /** The status code, 100 to 599 (up to 999 is passed on). */
  readonly status: number;
  /** The reason phrase; may be empty. */
  readonly reason: string;
  /** The sender's version. */
  readonly version: Version;
  /** The fields. */
  readonly headers: HeaderList;
}

/** How a body ends (RFC 9112 6.3). */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "content-length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close-delimited" };
