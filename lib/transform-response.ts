/** A whole `Response` through stages, with the fields that go with a changed body. */
import { dropValidators } from "./body.ts";
import { listed, nameOf, pipeline, type StreamStep } from "./pipeline.ts";
import { checkCodingOptions, type CodingOptions, plainStages } from "./response-coding.ts";
import type { Stage } from "./stages.ts";
import { nativeStream } from "./streams.ts";
import { untouchable } from "./untouchable.ts";

/** What `transformResponse` can be told. */
export interface TransformResponseOptions extends CodingOptions {
  /** Is told why a response is left as it is, where that is not plain to see; default nobody. */
  readonly warn?: (text: string) => void;
}

/**
 * Runs the body of a `Response` through stages, and makes the fields speak the truth about what comes out: no
 * `Content-Length`, `Content-MD5`, `Digest`, `Content-Digest` or `Repr-Digest`, a weak `ETag`, and
 * `Accept-Ranges: none`. Status, reason and all other fields are kept. It works wherever there is `fetch`:
 * Node, Deno, Bun, Workers, service workers, browsers.
 *
 * The response itself is returned where there is nothing to change: without stages or a body (204, 304, what
 * `HEAD` brought), and where the body may not be changed: a part (206), or `Cache-Control: no-transform`.
 *
 * Stages see the plain bytes. A fetched response says `Content-Encoding: gzip` though `fetch` has undone that:
 * `coded: "auto"` knows what the `fetch` of each runtime undoes, and takes what has no `url` to be coded as it
 * says. For a copy of a fetched response (`new Response(fetched.body, fetched)`), say `"decoded"`. A body that
 * is really coded goes out plain, or coded again if `codings` has the coding (`codings` of `sluice/node` and
 * `sluice/deno`, `zlibCodings` of another zlib, or `webCodings` where there is none); with a coding that
 * nobody knows here, the response is left as it is.
 *
 * @param response The response; its body is taken over.
 * @param stages Transforms, pairs of streams, or functions from a stream to a stream, in order, or one of these.
 * @param options What is known of the coding.
 * @returns The changed response, or the same one. Cancelling its body cancels the source's.
 * @throws {TypeError} If `response` is none, its body has been used or is being read, or a stage or an option is none.
 * @throws {RangeError} If a limit is below 0.
 *
 * @example A response with another body
 * ```ts
 * import { transformResponse } from "sluice";
 * import { replace } from "sluice/transforms";
 * import assert from "node:assert/strict";
 *
 * const response = new Response("foobar", { headers: { "Content-Length": "6", ETag: '"1"' } });
 * const changed = transformResponse(response, [replace("foo", "")]);
 * assert.equal(changed.headers.get("content-length"), null);
 * assert.equal(changed.headers.get("etag"), 'W/"1"');
 * assert.equal(await changed.text(), "bar");
 * ```
 */
export function transformResponse(
  response: Response,
  stages: Stage | StreamStep | readonly (Stage | StreamStep)[],
  options: TransformResponseOptions = {},
): Response {
  checkResponse(response);
  checkCodingOptions(options);
  const list = listed(stages);
  const { body } = response;
  if (list.length === 0 || body === null) return response;
  if (response.bodyUsed || body.locked) {
    throw new TypeError(
      "Cannot transform the response as its body must be unread: somebody has read it, or has a reader; " +
        "transform a clone, or read what comes out",
    );
  }
  const reason = untouchable(response);
  if (reason !== null) return left(response, reason, options);
  const plain = plainStages(response, list, options);
  if (typeof plain === "string") return left(response, plain, options);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  if (!plain.coded) headers.delete("content-encoding");
  dropValidators(headers);
  headers.set("accept-ranges", "none");
  const { status, statusText } = response;
  // A Worker would encode the body by itself, as Content-Encoding says, and does so with what is coded already.
  const encodeBody = plain.coded ? { encodeBody: "manual" } : {};
  const init = { status, statusText, headers, ...encodeBody };
  return new Response(nativeStream(pipeline(body, plain.stages)), init);
}

function checkResponse(response: Partial<Response> | null): void {
  if (typeof response?.headers?.get === "function" && response.body !== undefined) return;
  throw new TypeError(
    `Cannot transform the response as it must be a Response: got ${nameOf(response)}` +
      (typeof (response as { then?: unknown } | null)?.then === "function" ? "; await it first" : ""),
  );
}

function left(response: Response, reason: string, { warn }: TransformResponseOptions): Response {
  warn?.(`The body is passed on unchanged as ${reason}`);
  return response;
}
