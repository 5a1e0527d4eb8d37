/**
 * What a hook may answer with instead of an origin, and the response that is made of it.
 */
import type { MessageContext } from "./body.ts";
import { FlowResponse } from "./flow-messages.ts";
import { type FieldSource, HeaderList } from "./headers.ts";
import type { StreamValue } from "./stages.ts";
import { defaultReason } from "./status.ts";

/** What a hook may answer with: a `Response`, or its parts. */
export type Answer = Response | {
  /** The status code; default 200. */
  readonly status?: number;
  /** The fields. */
  readonly headers?: FieldSource;
  /** The body, text as UTF-8; default empty. */
  readonly body?: string | Uint8Array | ReadableStream<Uint8Array> | null;
  /** What the body goes through on its way, as a response's `stream`; default nothing. */
  readonly stream?: StreamValue;
  /** The same for its bytes as they are, still content-coded. */
  readonly rawStream?: StreamValue;
};

/** An answer that a script has made: a response, and its body if that is a stream. */
export interface LocalAnswer {
  /** The response; its body is whole unless there is a stream. */
  readonly response: FlowResponse;
  /** The body, if it is a stream. */
  readonly stream: ReadableStream<Uint8Array> | null;
}

/**
 * Makes a response of what a script has answered with.
 *
 * @throws {TypeError} If it is none, or its body can't be one.
 * @throws {RangeError} If its status is not one of a final response.
 */
export function toAnswer(answer: Answer, context: MessageContext): LocalAnswer {
  if (typeof answer !== "object" || answer === null) {
    throw new TypeError(
      `Cannot answer the request as the answer must be a Response or { status, headers, body }: got ${
        String(answer)
      }`,
    );
  }
  const status = answer.status ?? 200;
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    throw new RangeError(`Cannot answer the request as the status must be 200 to 599: got ${String(status)}`);
  }
  const headers = new HeaderList(answer.headers);
  const reason = answer instanceof Response && answer.statusText !== ""
    ? answer.statusText
    : defaultReason(status);
  const response = new FlowResponse({ status, reason, version: "1.1", headers }, context);
  if (!(answer instanceof Response)) {
    response.stream = answer.stream;
    response.rawStream = answer.rawStream;
  }
  const body = answer.body ?? null;
  if (body !== null && typeof body !== "string" && !(body instanceof Uint8Array)) {
    checkStream(body);
    response.pass();
    return { response, stream: body };
  }
  response.fill(typeof body === "string" ? new TextEncoder().encode(body) : body ?? new Uint8Array(0));
  return { response, stream: null };
}

/** Checked while there still is a head to say that the answer went wrong. */
function checkStream(body: unknown): void {
  const stream = body as Partial<ReadableStream>;
  if (typeof stream.getReader !== "function") {
    throw new TypeError(
      `Cannot answer the request as the body must be text, a Uint8Array or a ReadableStream: got ${typeof body}`,
    );
  }
  if (stream.locked) {
    throw new TypeError("Cannot answer the request as the body must be unread: it is locked");
  }
}
