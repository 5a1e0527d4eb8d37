/** The messages that faults hit, and what is done to them on the way. */
import type { Hooks } from "../../lib/hooks.ts";
import type { StreamValue } from "../../lib/stages.ts";
import { replace } from "../../transforms/mod.ts";

/** A message, and the place where a fault hits it. */
export interface Stage {
  /** The message, whole. */
  readonly message: string;
  /** How much of it comes before the fault. */
  readonly at: number;
  /** What takes the place of the rest, where there is rubbish to be sent. */
  readonly garbage: string;
}

/** The body of every message. */
export const BODY = "0123456789abcdef";
/** The half of it that comes before the fault. */
export const HALF = "01234567";

const chunks = `8\r\n${HALF}\r\n8\r\n89abcdef\r\n0\r\n\r\n`;

function stage(head: string, body: string, garbage: string): Stage {
  const message = `${head}\r\n\r\n${body}`;
  return { message, at: message.indexOf(HALF) + HALF.length, garbage };
}

function inHead(head: string, body: string): Stage {
  return { message: `${head}\r\n\r\n${body}`, at: head.length - 4, garbage: "\x00\x01\r\n\r\n" };
}

/** Where a response can be hit. */
export const responses: Readonly<Record<"head" | "content-length" | "chunked" | "close-delimited", Stage>> = {
  head: inHead("HTTP/1.1 200 OK\r\nX: 1\r\nContent-Length: 16", BODY),
  "content-length": stage("HTTP/1.1 200 OK\r\nContent-Length: 16", BODY, "89abcdef\x00\x01rubbish"),
  chunked: stage("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", chunks, "\r\nzz\r\n89abcdef\r\n0\r\n\r\n"),
  "close-delimited": stage("HTTP/1.1 200 OK", BODY, "89abcdef\x00\x01rubbish"),
};

/** Where a request can be hit. */
export const requests: Readonly<Record<"head" | "content-length" | "chunked", Stage>> = {
  head: inHead("POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 16", BODY),
  "content-length": stage(
    "POST / HTTP/1.1\r\nHost: proxy\r\nContent-Length: 16",
    BODY,
    "89abcdef\x00\x01\r\n\r\n",
  ),
  chunked: stage(
    "POST / HTTP/1.1\r\nHost: proxy\r\nTransfer-Encoding: chunked",
    chunks,
    "\r\nzz\r\n89abcdef\r\n0\r\n\r\n",
  ),
};

/** The name of a treatment. */
export type Treatment = "passed" | "transformed" | "through a function" | "buffered";

/** What is done to a body on its way; nothing of the half before the fault is held back. */
export const treatments: Readonly<Record<Treatment, () => StreamValue>> = {
  passed: () => true,
  transformed: () => replace("89a", "***"),
  "through a function": () =>
    async function* (body) {
      yield* body;
    },
  buffered: () => false,
};

/** The names of the treatments. */
export const treatmentNames: readonly Treatment[] = Object.keys(treatments) as Treatment[];

/** The hooks that give messages a treatment. */
export function treating(treatment: Treatment): Hooks {
  return {
    requestheaders: (flow) => void (flow.request.stream = treatments[treatment]()),
    responseheaders: (flow) => void (flow.response!.stream = treatments[treatment]()),
  };
}

/** The body as its reader gets it whole. */
export function treated(treatment: Treatment): string {
  return treatment === "transformed" ? BODY.replace("89a", "***") : BODY;
}
