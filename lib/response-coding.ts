/**
 * The content coding of a `Response`, which may be undone already: `fetch` undoes those that it knows, and leaves the field.
 *
 * | the body is                       | what comes out is                                                     |
 * | --------------------------------- | --------------------------------------------------------------------- |
 * | plain, whatever the field says    | plain, without `Content-Encoding`                                     |
 * | coded, and `codings` undoes it    | coded again, with a flush for every chunk, so that nothing is delayed |
 * | coded, and the runtime undoes it  | plain, without `Content-Encoding`                                     |
 * | coded, and nobody undoes it       | not changed at all                                                    |
 */
import { match } from "ts-pattern";
import { codedStages } from "./coded-chain.ts";
import { codingsOf, type ContentCodings } from "./codings.ts";
import { checkExpansion, type ExpansionLimits, ExpansionMeter } from "./expansion.ts";
import { fetchDecodes } from "./fetch-decoding.ts";
import { listMembers } from "./headers.ts";
import { defaultLimits } from "./limits.ts";
import type { StreamStep } from "./pipeline.ts";
import type { Pair, Stage } from "./stages.ts";
import type { Transformer } from "../transforms/transform.ts";

/** What the bytes of a `Response` are, where it has a `Content-Encoding`. */
export type CodedBody = "auto" | "decoded" | "coded";

/** What is done about a coding. */
export interface CodingOptions {
  /** What the bytes are; default `"auto"`. */
  readonly coded?: CodedBody;
  /** The codings that can be undone and done again; default none. */
  readonly codings?: ContentCodings;
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

/** The names by which `DecompressionStream` knows codings. Not every runtime has all of them. */
const formats: Readonly<Record<string, string>> = {
  "gzip": "gzip",
  "x-gzip": "gzip",
  "deflate": "deflate",
  "br": "brotli",
  "zstd": "zstd",
};

/**
 * Puts stages where they see the plain bytes of a response.
 *
 * @param response The response.
 * @param stages What changes the body.
 * @param options What is known of the coding.
 * @returns The stages, with those that undo the coding; `null` if nobody can.
 * @throws {TypeError} If `coded` is none of its values.
 */
export function plainStages(
  response: Response,
  stages: readonly (Stage | StreamStep)[],
  options: CodingOptions,
): DecodedStages | null {
  const names = listMembers(response.headers.get("content-encoding")).filter((name) => name !== "identity");
  if (isPlain(response, names, options.coded ?? "auto")) return { stages, coded: false };
  const limits = { ...defaultLimits, ...options.limits };
  const codings = codingsOf(response.headers, options.codings ?? new Map());
  if (codings !== null) return { stages: codedStages(codings, stages, limits), coded: true };
  const decoders = decompressors(names);
  if (decoders === null) return null;
  const meter = new ExpansionMeter(limits);
  return { stages: [coming(meter), ...decoders, decoded(meter), ...stages], coded: false };
}

function isPlain(response: Response, names: readonly string[], coded: CodedBody): boolean {
  return match(coded)
    .with("decoded", () => true)
    .with("coded", () => names.length === 0)
    // Only what comes of a fetch has a URL; it is not kept by `new Response(fetched.body, fetched)`.
    .with("auto", () => names.length === 0 || (response.url !== "" && fetchDecodes(names)))
    .otherwise((value: unknown) => {
      throw new TypeError(
        `Cannot transform the response as coded must be "auto", "decoded" or "coded": got ${String(value)}`,
      );
    });
}

/** The runtime's own decoders, outermost coding first; `null` if it lacks one. */
function decompressors(names: readonly string[]): Pair[] | null {
  const { DecompressionStream } = globalThis as { DecompressionStream?: new (format: string) => Pair };
  if (DecompressionStream === undefined || names.length > 2) return null;
  const pairs: Pair[] = [];
  for (const name of names.toReversed()) {
    const format = formats[name];
    if (format === undefined) return null;
    try {
      pairs.push(new DecompressionStream(format));
    } catch (error) {
      // That is how a runtime says that it does not know a format.
      if (error instanceof TypeError) return null;
      throw error;
    }
  }
  return pairs;
}

/** Counts the coded bytes. */
function coming(meter: ExpansionMeter): Transformer {
  return {
    transform(chunk, controller) {
      meter.codedBytes += chunk.length;
      if (chunk.length > 0) controller.enqueue(chunk);
    },
  };
}

/** Checks how much has become of them. */
function decoded(meter: ExpansionMeter): Transformer {
  let bytes = 0;
  return {
    transform(chunk, controller) {
      bytes += chunk.length;
      checkExpansion(bytes, meter);
      if (chunk.length > 0) controller.enqueue(chunk);
    },
  };
}
