/**
 * What a script sees and sets of a message's body.
 *
 * A body is either whole (`Uint8Array`, buffered or made by a script) or streamed, and then it is `null` for good. The
 * bytes are kept as they are on the wire (`rawBody`); `body` undoes the content codings, and `text` the charset, when
 * somebody asks.
 */
import { codingsOf, type ContentCodings } from "./codings.ts";
import { type ExpansionLimits, maxDecodedBytes } from "./expansion.ts";
import { type FieldSource, HeaderList } from "./headers.ts";
import type { StreamValue } from "./stages.ts";

/** What messages need of the engine around them. */
export interface MessageContext {
  /** The content codings that the runtime has. */
  readonly codings: ContentCodings;
  /** How much a coded body may expand. */
  readonly limits: ExpansionLimits;
  /** Where a script is told of what had no effect. */
  readonly warn: (text: string) => void;
}

/** What is said of a body that was assigned when it could not be set. */
const lost = {
  pending: "A body was assigned to before it was here: that has no effect; " +
    "assign it in the request or response hook, or answer with flow.response",
  streamed: "A body was assigned to after it was streamed: that has no effect",
} as const;

const digests = ["content-md5", "digest", "content-digest", "repr-digest"];

/** A request or a response, as a script sees it. */
export class Message {
  /** How the body travels; unset, the engine decides. Settled when the `requestheaders` or `responseheaders` hook returns. */
  stream: StreamValue | undefined = undefined;
  /** As `stream`, for a transform that wants the bytes as they are on the wire, still content-coded. */
  rawStream: StreamValue | undefined = undefined;
  #headers: HeaderList;
  #trailers: HeaderList | null = null;
  #raw: Uint8Array | null = null;
  #state: "pending" | "whole" | "streamed" = "pending";
  #changed = false;
  #warned = false;
  #context: MessageContext;

  /** Made by the engine. */
  constructor(headers: HeaderList, context: MessageContext) {
    this.#headers = headers;
    this.#context = context;
  }

  /** The fields, in order, in the case they came in. A list, `Headers`, pairs or a record may be assigned. */
  get headers(): HeaderList {
    return this.#headers;
  }

  set headers(fields: FieldSource) {
    this.#headers = fields instanceof HeaderList ? fields : new HeaderList(fields);
  }

  /**
   * The trailer section; a body that was streamed has it from its end on, before it is sent. What may be assigned to
   * `headers` may be assigned here.
   */
  get trailers(): HeaderList | null {
    return this.#trailers;
  }

  set trailers(fields: FieldSource | null) {
    this.#trailers = fields === null || fields instanceof HeaderList ? fields : new HeaderList(fields);
  }

  /** The body as it is on the wire, or `null` if it is streamed or not here yet. */
  get rawBody(): Uint8Array | null {
    return this.#raw;
  }

  set rawBody(bytes: Uint8Array) {
    if (!this.#assignable(bytes)) return;
    this.#raw = bytes;
    this.#changed = true;
  }

  /** The body with its content codings undone; `null` if it is streamed, not here yet, or in a coding nobody knows. */
  get body(): Uint8Array | null {
    let bytes = this.#raw;
    if (bytes === null || bytes.length === 0) return bytes;
    const codings = codingsOf(this.headers, this.#context.codings);
    if (codings === null) return null;
    const maxBytes = maxDecodedBytes(bytes.length, this.#context.limits);
    for (const coding of codings.reverse()) bytes = coding.decode(bytes, maxBytes);
    return bytes;
  }

  set body(bytes: Uint8Array) {
    if (!this.#assignable(bytes)) return;
    const codings = codingsOf(this.headers, this.#context.codings);
    if (codings === null) this.headers.delete("content-encoding");
    let coded = bytes;
    for (const coding of codings ?? []) coded = coding.encode(coded);
    this.rawBody = coded;
  }

  /** The body as text, in the charset that `Content-Type` names (else UTF-8); `null` where `body` is. */
  get text(): string | null {
    const bytes = this.body;
    return bytes === null ? null : decoderFor(this.headers).decode(bytes);
  }

  set text(text: string) {
    const bytes = new TextEncoder().encode(text);
    if (!this.#assignable(bytes)) return;
    const charset = decoderFor(this.headers).encoding;
    if (charset !== "utf-8") declareUtf8(this.headers);
    this.body = bytes;
  }

  /** Whether a script has set the body. */
  get changed(): boolean {
    return this.#changed;
  }

  /** Whether the body is here, whole. */
  get whole(): boolean {
    return this.#state === "whole";
  }

  /** The engine has the whole body. */
  fill(bytes: Uint8Array): void {
    this.#raw = bytes;
    this.#state = "whole";
  }

  /** The engine has begun to pass the body on: nobody can see or set it any more. */
  pass(): void {
    this.#raw = null;
    this.#state = "streamed";
  }

  /** Whether the body can be set now; somebody is told if it can't. */
  #assignable(bytes: unknown): boolean {
    if (!(bytes instanceof Uint8Array)) {
      throw new TypeError(
        `Cannot set the body as it must be a Uint8Array: got ${bytes === null ? "null" : typeof bytes}; ` +
          "assign text to text, and an empty one to have none",
      );
    }
    if (this.#state === "whole") return true;
    if (!this.#warned) this.#context.warn(lost[this.#state]);
    this.#warned = true;
    return false;
  }
}

/** What it takes to make fields right: a `HeaderList` and `Headers` have it. */
export interface EditableFields {
  /** The value of a field, or `null`. */
  get(name: string): string | null;
  /** Sets a field to one value. */
  set(name: string, value: string): void;
  /** Takes a field away. */
  delete(name: string): unknown;
}

/** Makes the fields speak the truth about a body that is not what the origin sent (RFC 9110 8.8.1, RFC 9530). */
export function dropValidators(headers: EditableFields): void {
  for (const name of digests) headers.delete(name);
  weakenTag(headers);
}

/** Makes a strong `ETag` a weak one; one without quotes is none (RFC 9110 8.8.3), and goes, as nobody could weaken it. */
export function weakenTag(headers: EditableFields): void {
  const etag = headers.get("etag");
  if (etag === null || etag.startsWith('W/"')) return;
  if (etag.startsWith('"')) headers.set("ETag", `W/${etag}`);
  else headers.delete("etag");
}

function decoderFor(headers: HeaderList): TextDecoder {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers.get("content-type") ?? "")?.[1];
  try {
    return new TextDecoder(charset ?? "utf-8", { ignoreBOM: true });
  } catch (error) {
    // A label that the Encoding standard doesn't know (RangeError) is as good as none.
    if (!(error instanceof RangeError)) throw error;
    return new TextDecoder("utf-8", { ignoreBOM: true });
  }
}

/** Text is written as UTF-8: there are no encoders for anything else. */
function declareUtf8(headers: HeaderList): void {
  const type = (headers.get("content-type") ?? "text/plain").split(";")[0]!.trim();
  headers.set("Content-Type", `${type}; charset=utf-8`);
}
