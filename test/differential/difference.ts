/**
 * Compares what the codec and llhttp make of the same octets: whether they accept them, and where both do, every part of
 * every message.
 */
import { isDeepStrictEqual } from "node:util";
import { type CodecSettings, type ReadMessage, readWithCodec } from "../fuzz/codec-reader.ts";
import { type LlhttpMessage, readWithLlhttp } from "./llhttp.ts";

/** Octets, and what their readers have to know. */
export interface Sample {
  /** Where they are from. */
  readonly id: string;
  readonly octets: string;
  readonly settings: CodecSettings;
}

/** The fields that the codec puts right or drops as it reads; what they mean shows in the body and its end. */
const LENGTHS: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);

/**
 * Tells how the two readings differ.
 *
 * @param sample The octets.
 * @returns The first difference, in a few words; `null` if there is none.
 */
export function difference({ octets, settings }: Sample): string | null {
  const codec = readWithCodec(octets, settings);
  // What the codec has left unread is not compared: nobody has asked for it, or the connection is to end.
  const read = octets.slice(0, octets.length - codec.rest.length);
  const { role, methods, fin } = settings;
  const llhttp = readWithLlhttp(read, { role, methods, fin });
  for (const [n, message] of codec.messages.entries()) {
    const found = partThatDiffers(message, llhttp.messages[n]);
    // What is refused within a message may leave one reader behind the other.
    if (found !== null && (message.complete || (codec.failure === null && llhttp.error === null))) {
      return `${found} of message ${n + 1}${llhttp.error === null ? "" : `, llhttp: ${llhttp.error}`}`;
    }
  }
  if (codec.failure === null && llhttp.error === null) {
    const complete = llhttp.messages.filter((message) => message.complete).length;
    return complete > codec.messages.filter((message) => message.complete).length ? "llhttp reads on" : null;
  }
  if (codec.failure !== null && llhttp.error !== null) return null;
  return codec.failure === null
    ? `llhttp refuses: ${llhttp.error}`
    : `the codec refuses: ${codec.ending.replace(/^\w+ \d+: /, "")}`;
}

function partThatDiffers(message: ReadMessage, other: LlhttpMessage | undefined): string | null {
  if (other === undefined) return "all";
  const fields = message.fields.filter(isCompared);
  const parts: Readonly<Record<string, readonly [unknown, unknown]>> = {
    "the line": [message.line, other.line],
    "the version": [message.version, other.version],
    "the fields": [fields, other.fields.filter(isCompared)],
    "the body": [message.body, other.body],
    "the end": [message.complete, other.complete],
    "the trailers": [message.trailers, other.trailers],
  };
  const differing = Object.entries(parts).find(([, [ours, theirs]]) => !isDeepStrictEqual(ours, theirs));
  return differing?.[0] ?? null;
}

function isCompared([name]: readonly [string, string]): boolean {
  return !LENGTHS.has(name.toLowerCase());
}
