/**
 * Where a message's body ends (RFC 9112 6.3), and its content.
 */
import { type Cursor, readFields, token, valuesOf, type WireField } from "./strict-lines.ts";

/** What delimits a body; `invalid` where nobody can tell. */
export type BodyFraming =
  | { readonly kind: "none" | "chunked" | "close-delimited" | "invalid" }
  | { readonly kind: "content-length"; readonly length: number };

/** What of a head decides about the body. */
export interface FramingFacts {
  readonly isRequest: boolean;
  readonly version: string;
  readonly fields: readonly WireField[];
  /** Whether the message has no body whatever its fields say: an answer to HEAD, 1xx, 204, 304. */
  readonly bodiless: boolean;
}

/** A body as far as it has come. */
export interface Body {
  readonly complete: boolean;
  readonly content: string;
  readonly trailers: readonly WireField[];
}

const nothing: BodyFraming = { kind: "none" };
const invalid: BodyFraming = { kind: "invalid" };

/** Decides what delimits the body, and notes what makes that ambiguous. */
export function readFraming(cursor: Cursor, facts: FramingFacts): BodyFraming {
  const codings = valuesOf(facts.fields, "transfer-encoding");
  const lengths = valuesOf(facts.fields, "content-length");
  if (codings.length > 0 && lengths.length > 0) {
    cursor.problems.push("content-length-and-transfer-encoding");
  }
  if (codings.length > 0) return byTransferEncoding(cursor, facts, codings);
  if (lengths.length > 0) return byContentLength(cursor, facts, lengths);
  return facts.isRequest || facts.bodiless ? nothing : { kind: "close-delimited" };
}

function byTransferEncoding(cursor: Cursor, facts: FramingFacts, lines: readonly string[]): BodyFraming {
  if (facts.version === "HTTP/1.0") cursor.problems.push("te-on-http10");
  if (lines.length > 1) cursor.problems.push("te-repeated");
  const codings = lines.join(",").split(",").map((coding) => coding.trim().toLowerCase());
  if (codings.includes("") || codings.indexOf("chunked") !== codings.lastIndexOf("chunked")) {
    cursor.problems.push("te-malformed");
  }
  const isChunked = codings.at(-1) === "chunked";
  if (!isChunked) cursor.problems.push("te-not-chunked");
  if (facts.bodiless) return nothing;
  if (isChunked) return { kind: "chunked" };
  return facts.isRequest ? invalid : { kind: "close-delimited" };
}

function byContentLength(cursor: Cursor, facts: FramingFacts, lines: readonly string[]): BodyFraming {
  const [value] = lines as [string];
  if (lines.length > 1) cursor.problems.push("content-length-repeated");
  if (!/^[0-9]+$/.test(value)) {
    cursor.problems.push("content-length-malformed");
    return invalid;
  }
  const length = Number(value);
  if (!Number.isSafeInteger(length)) {
    cursor.problems.push("content-length-overflow");
    return invalid;
  }
  return facts.bodiless ? nothing : { kind: "content-length", length };
}

/** Reads a body; `ended` tells whether the connection has come to its regular end. */
export function readBody(cursor: Cursor, framing: BodyFraming, ended: boolean): Body {
  switch (framing.kind) {
    case "none":
      return { complete: true, content: "", trailers: [] };
    case "content-length": {
      const content = cursor.take(framing.length);
      return { complete: content.length === framing.length, content, trailers: [] };
    }
    case "chunked":
      return readChunked(cursor);
    case "close-delimited":
      return { complete: ended, content: cursor.take(Infinity), trailers: [] };
    case "invalid":
      return { complete: false, content: "", trailers: [] };
  }
}

function readChunked(cursor: Cursor): Body {
  let content = "";
  const cut = (): Body => ({ complete: false, content, trailers: [] });
  for (;;) {
    const size = readChunkSize(cursor);
    if (size === null) return cut();
    if (size === 0) {
      const { fields, complete } = readFields(cursor);
      return { complete, content, trailers: fields };
    }
    content += cursor.take(size);
    const ending = cursor.take(2);
    if (ending !== "\r\n") {
      if (!"\r\n".startsWith(ending)) cursor.problems.push("chunk-data-terminator");
      return cut();
    }
  }
}

const quoted = String.raw`"(?:[\t \x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t \x21-\x7e\x80-\xff])*"`;
const name = token.source.slice(1, -1);
/** Chunk extensions, RFC 9112 7.1.1. */
const extensions = new RegExp(String.raw`^(?:[ \t]*;[ \t]*${name}(?:[ \t]*=[ \t]*(?:${name}|${quoted}))?)*$`);

/** Reads a chunk's first line; `null` if it hasn't come whole, or can't be read. */
function readChunkSize(cursor: Cursor): number | null {
  const line = cursor.line();
  if (line === null) return null;
  const [, digits = "", extension = ""] = /^([0-9A-Fa-f]*)([^]*)$/.exec(line)!;
  if (digits === "") {
    cursor.problems.push("chunk-size-malformed");
    return null;
  }
  if (!extensions.test(extension)) cursor.problems.push("chunk-extension-malformed");
  const size = parseInt(digits, 16);
  if (Number.isSafeInteger(size)) return size;
  cursor.problems.push("chunk-size-overflow");
  return null;
}
