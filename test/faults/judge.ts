/**
 * What the reader at the end of a connection makes of what came: a message that is whole, one that is cut, or nothing. It
 * shares no code with the engine.
 */
import type { Ending } from "./wire.ts";

/** What is made of it; a number is the status of an error that came whole. */
export type Verdict = "pending" | "nothing" | "cut" | "whole" | number;

/** A verdict, and the body as far as it came. */
export interface Judgement {
  /** The verdict. */
  readonly verdict: Verdict;
  /** The body, without framing. */
  readonly body: string;
  /** What came behind the message. */
  readonly rest: string;
}

/**
 * Judges a message.
 *
 * @param text What came.
 * @param ending How the connection has ended; `null` if it goes on.
 * @param kind What the message is to be.
 */
export function judge(text: string, ending: Ending | null, kind: "request" | "response"): Judgement {
  const unfinished = ending === null ? "pending" : "cut";
  if (text === "") return { verdict: ending === null ? "pending" : "nothing", body: "", rest: "" };
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return { verdict: unfinished, body: "", rest: "" };
  if (/^HTTP\/1\.1 1\d\d /.test(text)) return judgeFinal(text.slice(headEnd + 4), ending, kind);
  const head = text.slice(0, headEnd + 2);
  const { whole, body, rest } = readBody(head, text.slice(headEnd + 4), ending, kind);
  if (!whole) return { verdict: unfinished, body, rest };
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1] ?? 200);
  return { verdict: status === 200 ? "whole" : status, body, rest };
}

/** A final response that hasn't begun, behind an interim one, is cut and not nothing. */
function judgeFinal(text: string, ending: Ending | null, kind: "request" | "response"): Judgement {
  const final = judge(text, ending, kind);
  return final.verdict === "nothing" ? { ...final, verdict: "cut" } : final;
}

interface Body {
  readonly whole: boolean;
  readonly body: string;
  readonly rest: string;
}

function readBody(head: string, text: string, ending: Ending | null, kind: "request" | "response"): Body {
  if (/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return readChunked(text);
  const length = /\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1];
  if (length === undefined && kind === "response") return { whole: ending === "end", body: text, rest: "" };
  const wanted = Number(length ?? 0);
  return { whole: text.length >= wanted, body: text.slice(0, wanted), rest: text.slice(wanted) };
}

function readChunked(text: string): Body {
  let body = "";
  for (let at = 0;;) {
    const line = /^([0-9a-f]+)(?:;[^\r\n]*)?\r\n/i.exec(text.slice(at, at + 100));
    if (line === null) return { whole: false, body, rest: "" };
    at += line[0].length;
    const size = parseInt(line[1]!, 16);
    if (size === 0) return readTrailers(body, text.slice(at));
    body += text.slice(at, at + size);
    if (text.slice(at + size, at + size + 2) !== "\r\n") return { whole: false, body, rest: "" };
    at += size + 2;
  }
}

function readTrailers(body: string, text: string): Body {
  const section = /^(?:[!-~]+: [^\r\n]*\r\n)*\r\n/.exec(text);
  if (section === null) return { whole: false, body, rest: "" };
  return { whole: true, body, rest: text.slice(section[0].length) };
}
