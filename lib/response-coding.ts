/**
 * The content coding of a `Response`, which may be undone already: `fetch` undoes those that it knows, and leaves the field.
 *
 * | the body is                       | what comes out is                                                     |
 * | --------------------------------- | --------------------------------------------------------------------- |
 * | plain, whatever the field says    | plain, without `Content-Encoding`                                     |
 * | coded, and `codings` undoes it    | coded again; those of zlib flush for every chunk, so nothing waits    |
 * | coded, and the runtime undoes it  | plain, without `Content-Encoding`                                     |
 * | coded, and nobody undoes it       | not changed at all                                                    |
 * | plain or coded, nobody can tell   | not changed at all                                                    |
 */
import { match } from "ts-pattern";
import { checkNumber } from "./check-number.ts";
import { codedStages, decodedStages } from "./coded-chain.ts";
import { codingsOf, type StreamCodings } from "./codings.ts";
import type { ExpansionLimits } from "./expansion.ts";
import { fetchDecodes, isCoding } from "./fetch-decoding.ts";
import { defaultLimits } from "./limits.ts";
import type { StreamStep } from "./pipeline.ts";
import type { Stage } from "./stages.ts";
import { webDecodings } from "./web-codings.ts";

/** What the bytes of a `Response` are, where it has a `Content-Encoding`. */
export type CodedBody = "auto" | "decoded" | "coded";

/** What is done about a coding. */
export interface CodingOptions {
  /** What the bytes are; default `"auto"`. */
  readonly coded?: CodedBody;
  /** The codings that can be undone and done again; default none. */
  readonly codings?: StreamCodings;
  /** How much a coded body may expand; default as for the proxy. */
  readonly limits?: Partial<ExpansionLimits>;
}

/** Stages that change the bytes behind a coding. */
export interface DecodedStages {
  /** What the body is put through. */
  readonly stages: readonly (Stage | StreamStep)[];
  /** Whether what comes out is coded as `Content-Encoding` says. */
  readonly coded: boolean;
}

/**
 * Puts stages where they see the plain bytes of a response.
 *
 * @param response The response.
 * @param stages What changes the body.
 * @param options What is known of the coding.
 * @returns The stages, with those that undo the coding; or why there are none.
 * @throws {TypeError} If `coded` is none of its values.
 */
export function plainStages(
  response: Response,
  stages: readonly (Stage | StreamStep)[],
  options: CodingOptions,
): DecodedStages | string {
  const field = response.headers.get("content-encoding");
  const plain = isPlain(response, membersOf(field), options.coded ?? "auto");
  if (plain === null) {
    return `fetch doesn't tell whether it has undone Content-Encoding: ${field}; say so with coded`;
  }
  if (plain) return { stages, coded: false };
  const limits = { ...defaultLimits, ...options.limits };
  const codings = options.codings === undefined ? null : codingsOf(response.headers, options.codings);
  if (codings !== null) return { stages: codedStages(codings, stages, limits), coded: true };
  const decodings = codingsOf(response.headers, webDecodings);
  if (decodings === null) return `its content coding is not known here: ${field}`;
  return { stages: decodedStages(decodings, stages, limits), coded: false };
}

/**
 * Checks what a user has set.
 *
 * @param options The options.
 * @throws {TypeError} If `codings` is no table of codings, or a limit no number.
 * @throws {RangeError} If a limit is below 0.
 */
export function checkCodingOptions({ codings, limits }: CodingOptions): void {
  if (codings !== undefined && typeof (codings as Partial<StreamCodings> | null)?.get !== "function") {
    throw new TypeError(
      "Cannot transform the response as codings must have a get method: " +
        "take webCodings, or codings of sluice/node or sluice/deno",
    );
  }
  for (const [name, value] of Object.entries(limits ?? {})) {
    checkNumber(value, `Cannot transform the response as limits.${name} must be 0 or more`, (n) => n >= 0);
  }
}

/** All members of the field, empty ones too: to a `fetch` they make a difference. */
function membersOf(field: string | null): readonly string[] {
  return field === null ? [] : field.toLowerCase().split(",").map((member) => member.trim());
}

function isPlain(response: Response, members: readonly string[], coded: CodedBody): boolean | null {
  const uncoded = !members.some(isCoding);
  return match(coded)
    .returnType<boolean | null>()
    .with("decoded", () => true)
    .with("coded", () => uncoded)
    // Only what comes of a fetch has a URL; it is not kept by `new Response(fetched.body, fetched)`.
    .with("auto", () => uncoded || (response.url !== "" && fetchDecodes(members)))
    .otherwise((value: unknown) => {
      throw new TypeError(
        `Cannot transform the response as coded must be "auto", "decoded" or "coded": got ${String(value)}`,
      );
    });
}
