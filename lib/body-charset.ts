/**
 * In which charset the rules search a body: what its `Content-Type` names, else UTF-8.
 *
 * A charset of single bytes is searched as bytes; what is not ASCII can be told there only in windows-1252, which is also
 * what `iso-8859-1` and `us-ascii` mean on the web. Where a character's second byte may look like an ASCII one, nothing
 * can be searched.
 */
import type { TextCharset } from "../transforms/mod.ts";
import type { HeaderList } from "./headers.ts";

/** How the text of a body can be searched. */
export interface BodyCharset {
  /** The charset's name, for messages. */
  readonly name: string;
  /** What a transform is told. */
  readonly charset: TextCharset;
  /** Whether a text can be written in it. */
  readonly has: (text: string) => boolean;
}

const notAscii = /[^\0-\x7f]/;
const notLatin1 = /[^\0-\x7f\xa0-\xff]/;
const multibyte = /^(?:gbk|gb18030|big5|euc-jp|euc-kr|iso-2022-jp|shift_jis|replacement)$/;
const unicode: ReadonlySet<string> = new Set(["utf-8", "utf-16le", "utf-16be"]);

/**
 * Finds how a body can be searched.
 *
 * @param headers The fields of its message.
 * @returns How, in a charset in which nothing can be: with one that has no text.
 */
export function charsetOf(headers: HeaderList): BodyCharset {
  const label = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers.get("content-type") ?? "")?.[1];
  const name = label === undefined ? "utf-8" : nameOf(label);
  if (unicode.has(name)) return { name, charset: name as TextCharset, has: () => true };
  const foreign = name === "windows-1252" ? notLatin1 : notAscii;
  return { name, charset: "latin1", has: (text) => !multibyte.test(name) && !foreign.test(text) };
}

function nameOf(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    // A label that the Encoding standard doesn't know (RangeError) is as good as none.
    if (!(error instanceof RangeError)) throw error;
    return "utf-8";
  }
}
