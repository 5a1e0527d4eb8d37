/**
 * Content codings (RFC 9110 8.4.1), as the engine sees them: an interface that a runtime fills in, since only runtimes
 * have codecs that flush. A body with a coding that is not in the table is opaque: it is passed on, never transformed.
 */
import type { Expansion } from "./expansion.ts";
import { type HeaderList, listMembers } from "./headers.ts";
import type { Stage } from "./stages.ts";

/** What a decoder is told. */
export interface DecodeOptions {
  /** How large the body may get. */
  readonly expansion: Expansion;
  /** Whether nobody keeps a chunk that comes out, so that the next one may be written over it. */
  readonly reuses: boolean;
}

/** How one content coding is undone while a body streams. */
export interface Decoding {
  /** A stage that decodes: whatever can be known of a chunk comes out with it; a corrupt or cut body is an error. */
  decoder(options: DecodeOptions): Stage;
}

/** How one content coding is read and written while a body streams. */
export interface StreamCoding extends Decoding {
  /** A stage that encodes, where it can with a flush after every chunk, so that nothing waits for what comes next. */
  encoder(): Stage;
}

/** How one content coding is read and written, in streams and in whole bodies. */
export interface ContentCoding extends StreamCoding {
  /**
   * Decodes a whole body.
   *
   * @param bytes The coded body.
   * @param maxBytes The most that may come out, in bytes.
   * @throws {CodingError} If the body is corrupt, cut short, or larger than `maxBytes`.
   */
  decode(bytes: Uint8Array, maxBytes: number): Uint8Array;
  /** Encodes a whole body. */
  encode(bytes: Uint8Array): Uint8Array;
}

/** Codings by their lower-cased names. */
export interface Named<Coding> {
  /** Finds one. */
  get(name: string): Coding | undefined;
}

/** The codings that a runtime has for streams, by their lower-cased names. */
export type StreamCodings = Named<StreamCoding>;

/** The codings that a runtime has, by their lower-cased names. */
export type ContentCodings = ReadonlyMap<string, ContentCoding>;

/** The most codings that are undone on one body: two are seen in the wild, more are an attack. */
const MAX_CODINGS = 2;

/**
 * The codings of a message, in the order in which they were applied.
 *
 * @param headers The message's fields.
 * @param known The codings that the runtime has.
 * @returns The codings, empty for an uncoded body, or `null` if there is one that can't be undone.
 */
export function codingsOf<Coding>(
  headers: Pick<HeaderList, "get">,
  known: Named<Coding>,
): Coding[] | null {
  const names = listMembers(headers.get("content-encoding")).filter((name) => name !== "identity");
  if (names.length > MAX_CODINGS) return null;
  const codings: Coding[] = [];
  for (const name of names) {
    const coding = known.get(name);
    if (coding === undefined) return null;
    codings.push(coding);
  }
  return codings;
}
