/**
 * The log of flows, for people to read: two lines for each thing that happens, the request and, below it, what became of
 * it. A body that takes its time gets them twice: when it starts to stream, and
 * when it has ended, with its real size.
 *
 *     127.0.0.1:51234: GET http://example.com/video
 *                   << 200 OK (streaming)
 *     127.0.0.1:51234: GET http://example.com/video
 *                   << 200 OK 1.0m 812ms 1.3m/s
 *
 * What came from the network can't reach the terminal's controls: control characters are printed as escapes.
 */
import { formatDuration } from "./duration.ts";
import { maskedField, maskedUrls } from "./masked.ts";
import { formatSize } from "./size.ts";

/** Fields, in order. */
export type Fields = Iterable<readonly [name: string, value: string]>;

/** What the log needs to know of a flow; the values are read at each call. */
export interface FlowRecord {
  /** The flow's name in this process. */
  readonly id: string | number;
  /** The client's address and port. */
  readonly client: string;
  /** The request's method. */
  readonly method: string;
  /** The request's URL, or its target where that is none. */
  readonly url: string;
  /** The request's fields. */
  readonly requestHeaders: Fields;
  /** The response's status code, or `null` before there is one. */
  readonly status: number | null;
  /** The response's reason phrase. */
  readonly reason: string;
  /** The response's fields, or `null` before there are any. */
  readonly responseHeaders: Fields | null;
  /** Whether the response's body streams. */
  readonly streaming: boolean;
  /** The bytes of the response's body that were sent to the client so far. */
  readonly bytes: number;
  /** When the request came, in milliseconds. */
  readonly started: number;
  /** When the flow ended, in milliseconds; `null` while it runs. */
  readonly ended: number | null;
  /** What went wrong, or `null`. */
  readonly error: string | null;
}

/** Where a command line's flows are told. */
export interface Log {
  /** A request's head has come. */
  start(record: FlowRecord): void;
  /** The response's head goes to the client. */
  response(record: FlowRecord): void;
  /** The flow has ended, well or with an error. */
  end(record: FlowRecord): void;
  /** Something that its reader should see to. */
  warn(text: string): void;
  /** Something good to know. */
  info(text: string): void;
}

/** How much is told: nothing, flows, or flows with their fields. */
export type Verbosity = "quiet" | "normal" | "verbose";

/** Where the lines go, and how they look. */
export interface LogOptions {
  /** Takes whole lines. */
  readonly write: (text: string) => void;
  /** How much is told; default `normal`. */
  readonly verbosity?: Verbosity;
  /** Whether to use colours; default `false`. */
  readonly colour?: boolean;
}

const COLOURS = { red: 31, green: 32, yellow: 33, blue: 34, cyan: 36, dim: 2 } as const;
type Colour = keyof typeof COLOURS;
type Paint = (colour: Colour, text: string) => string;

const SHORT_BYTES = 64 * 1024;

// C0, DEL and C1 steer a terminal; line separators and bidirectional overrides make a line look like another.
// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * Makes a log that writes lines of text.
 *
 * @param options Where the lines go, and how they look.
 * @returns The log.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * let text = "";
 * createLog({ write: (lines) => text += lines }).warn("the disk is full");
 * assert.equal(text, "warning: the disk is full\n");
 * ```
 */
export function createLog(options: LogOptions): Log {
  const { write, verbosity = "normal", colour = false } = options;
  if (verbosity === "quiet") {
    return { start: ignore, response: ignore, end: ignore, warn: ignore, info: ignore };
  }
  const paint: Paint = (name, text) => colour ? `\x1b[${COLOURS[name]}m${text}\x1b[0m` : text;
  const verbose = verbosity === "verbose";
  return {
    start: (record) => {
      if (verbose) write(requestLine(record, paint) + fieldLines(record.requestHeaders, paint));
    },
    response: (record) => {
      const streaming = record.streaming && !isShort(record);
      if (!streaming && !verbose) return;
      const outcome = statusText(record, paint) + (streaming ? " (streaming)" : "");
      const fields = verbose ? fieldLines(record.responseHeaders ?? [], paint) : "";
      write(requestLine(record, paint) + outcomeLine(record, outcome) + fields);
    },
    end: (record) => write(requestLine(record, paint) + outcomeLine(record, ending(record, paint))),
    warn: (text) => write(`${paint("yellow", "warning:")} ${shown(text)}\n`),
    info: (text) => write(`${shown(text)}\n`),
  };
}

/**
 * Makes text from the network safe to print.
 *
 * @param text Any text.
 * @returns The text, its control characters as escapes such as `\x1b`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * assert.equal(printable("a\x1b[31mb"), "a\\x1b[31mb");
 * ```
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, "0")}` : `\\u${code.padStart(4, "0")}`;
  });
}

/** Whoever reads a log need not be who may use what is in it. */
function shown(text: string): string {
  return printable(maskedUrls(text));
}

function requestLine(record: FlowRecord, paint: Paint): string {
  return `${printable(record.client)}: ${paint("cyan", printable(record.method))} ${shown(record.url)}\n`;
}

function outcomeLine(record: FlowRecord, outcome: string): string {
  return `${" ".repeat(Math.max(0, printable(record.client).length - 1))}<< ${outcome}\n`;
}

/** Whether the body is known to be over at once, so that a line for its beginning would only be noise. */
function isShort(record: FlowRecord): boolean {
  for (const [name, value] of record.responseHeaders ?? []) {
    if (name.toLowerCase() === "content-length") return Number(value) <= SHORT_BYTES;
  }
  return false;
}

function ending(record: FlowRecord, paint: Paint): string {
  const { status, bytes, started, ended, error } = record;
  const milliseconds = Math.max(0, (ended ?? started) - started);
  const size = `${formatSize(bytes)} ${formatDuration(milliseconds)}`;
  if (error !== null) {
    const after = status === null
      ? ""
      : ` (${printable(`${status} ${record.reason}`.trim())}, after ${size})`;
    return `${paint("red", shown(error))}${after}`;
  }
  // Under a millisecond's measure a rate says nothing.
  const rate = bytes > 0 && milliseconds > 0 ? ` ${formatSize(bytes * 1000 / milliseconds)}/s` : "";
  return `${statusText(record, paint)} ${size}${rate}`;
}

function statusText(record: FlowRecord, paint: Paint): string {
  const { status, reason } = record;
  const colour = status === null || status >= 500 ? "red" : status >= 400 ? "yellow" : "green";
  return paint(colour, printable(`${status ?? "no response"} ${reason}`.trim()));
}

function fieldLines(fields: Fields, paint: Paint): string {
  let text = "";
  for (const [name, value] of fields) {
    text += `    ${paint("blue", printable(name))}: ${printable(maskedField(name, value))}\n`;
  }
  return text;
}

function ignore(): void {
  // A quiet log tells nothing.
}
