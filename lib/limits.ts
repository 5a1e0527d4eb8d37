/**
 * Every limit of the engine, one row each: its default, what it bounds, what happens beyond it, and who has a bound like
 * it. Nothing else in the code holds a bound of its own; the types, the defaults, the command line's options and the
 * tables of the documentation come from here.
 */

const KiB = 1024;
const MiB = 1024 * KiB;

/** One limit. */
export interface LimitRow {
  /** The default, in the limit's unit. */
  readonly value: number;
  /** What it is measured in; `times` is a ratio. */
  readonly unit: "bytes" | "count" | "times" | "ms";
  /** What it bounds. */
  readonly what: string;
  /** What happens beyond it. */
  readonly then: string;
  /** Who has a bound like it, and why it is what it is. */
  readonly precedent: string;
}

/** The names of the limits on sizes and numbers. */
export type LimitName =
  | "lineBytes"
  | "emptyLineCount"
  | "requestHeadBytes"
  | "responseHeadBytes"
  | "fieldCount"
  | "chunkLineBytes"
  | "chunkExtensionBytes"
  | "trailerBytes"
  | "trailerCount"
  | "interimCount"
  | "drainBytes"
  | "decodedBytes"
  | "codingRatio"
  | "codingGraceBytes"
  | "connectionCount"
  | "clientConnectionCount"
  | "refusalCount"
  | "originIdleCount";

/** The names of the limits on time. */
export type TimeoutName =
  | "handshakeMs"
  | "headMs"
  | "bodyMs"
  | "writeMs"
  | "originMs"
  | "connectMs"
  | "idleMs"
  | "originIdleMs"
  | "tunnelMs"
  | "hookMs"
  | "lingerMs"
  | "drainMs";

/** Limits on sizes and numbers; `limitTable` says what each is. */
export type Limits = { readonly [Name in LimitName]: number };

/** How long things may take, in milliseconds; `timeoutTable` says what each is. */
export type Timeouts = { readonly [Name in TimeoutName]: number };

/** The limits on sizes and numbers. */
export const limitTable: Readonly<Record<LimitName, LimitRow>> = {
  lineBytes: {
    value: 16 * KiB,
    unit: "bytes",
    what: "the longest request line, status line or field line",
    then: "414 for a request line, 431 for a field line, 502 from an origin",
    precedent: "nginx and Apache 8 KiB",
  },
  emptyLineCount: {
    value: 4,
    unit: "count",
    what: "the most empty lines before a request line",
    then: "400",
    precedent: "RFC 9112 2.2 wants one, left behind by old clients' bodies",
  },
  requestHeadBytes: {
    value: 64 * KiB,
    unit: "bytes",
    what: "the longest request head",
    then: "431",
    precedent: "Envoy 60 KiB, Node 16 KiB",
  },
  responseHeadBytes: {
    value: 128 * KiB,
    unit: "bytes",
    what: "the longest response head",
    then: "502",
    precedent: "Envoy 60 KiB; origins are wordier than browsers",
  },
  fieldCount: {
    value: 200,
    unit: "count",
    what: "the most fields in a head",
    then: "431, or 502 from an origin",
    precedent: "HAProxy 101, Envoy and Apache 100; cookies that browsers split need more",
  },
  chunkLineBytes: {
    value: 1 * KiB,
    unit: "bytes",
    what: "the longest chunk-size line with its extensions",
    then: "400, or 502 from an origin",
    precedent: "CVE-2024-22019",
  },
  chunkExtensionBytes: {
    value: 16 * KiB,
    unit: "bytes",
    what: "the most extension bytes in one chunked body",
    then: "400, or 502 from an origin",
    precedent: "hyper 16 KiB; CVE-2023-39326",
  },
  trailerBytes: {
    value: 16 * KiB,
    unit: "bytes",
    what: "the longest trailer section",
    then: "431, or the response is cut",
    precedent: "hyper 16 KiB",
  },
  trailerCount: {
    value: 100,
    unit: "count",
    what: "the most fields in a trailer section",
    then: "431, or the response is cut",
    precedent: "hyper 100",
  },
  interimCount: {
    value: 32,
    unit: "count",
    what: "the most interim responses (1xx) before a final one",
    then: "502",
    precedent: "curl and Go stop at 5 to 100",
  },
  drainBytes: {
    value: 64 * KiB,
    unit: "bytes",
    what: "the most of an unwanted request body that is read and dropped to keep the connection",
    then: "the connection ends with the answer",
    precedent: "Go 256 KiB",
  },
  decodedBytes: {
    value: 256 * MiB,
    unit: "bytes",
    what: "the most that a body may grow to when a script wants it whole and decoded",
    then: "the script's access throws",
    precedent: "decompression bombs",
  },
  codingRatio: {
    value: 100,
    unit: "times",
    what: "how many times larger than it came a body may get when it is decoded",
    then: "the flow fails",
    precedent:
      "text shrinks to a tenth, logs to a fiftieth; zeros to a thousandth by gzip, a millionth by two",
  },
  codingGraceBytes: {
    value: 1 * MiB,
    unit: "bytes",
    what: "how much may come out of a coded body before the ratio counts",
    then: "the ratio counts",
    precedent: "small bodies may be all blanks",
  },
  connectionCount: {
    value: 10_000,
    unit: "count",
    what: "the most connections of clients at a time",
    then: "no more are accepted (Deno), or they are answered 503 (Node); idle ones make room",
    precedent: "nginx 512 a worker",
  },
  clientConnectionCount: {
    value: 256,
    unit: "count",
    what: "the most connections from one client address; the default leaves out loopback addresses",
    then: "503 with Retry-After",
    precedent: "browsers open 6 to a proxied host, 32 to a proxy",
  },
  refusalCount: {
    value: 128,
    unit: "count",
    what: "the most connections at a time that are being told 503 on top of these",
    then: "further ones are reset",
    precedent: "telling costs a descriptor and up to two seconds",
  },
  originIdleCount: {
    value: 256,
    unit: "count",
    what: "the most idle connections to origins that are kept",
    then: "they are closed after their exchange",
    precedent: "Go 100",
  },
};

/** The limits on time. */
export const timeoutTable: Readonly<Record<TimeoutName, LimitRow>> = {
  handshakeMs: {
    value: 10_000,
    unit: "ms",
    what: "a client's handshake before HTTP (SOCKS), from the connection to the last byte",
    then: "the connection is closed",
    precedent: "Go's TLS 10 s, nginx's 60 s",
  },
  headMs: {
    value: 15_000,
    unit: "ms",
    what: "a request's head, from its first byte to its last: trickling is no way around",
    then: "408",
    precedent: "hyper 30 s, Node 60 s",
  },
  bodyMs: {
    value: 60_000,
    unit: "ms",
    what: "the next bytes of a body, on either side",
    then: "408 or 504 before the answer has begun, a cut after",
    precedent: "nginx and pingora 60 s",
  },
  writeMs: {
    value: 60_000,
    unit: "ms",
    what: "taking 64 KiB, by whoever they are sent to",
    then: "the connection is reset; 504 if it is the origin's",
    precedent: "nginx 60 s between two writes",
  },
  originMs: {
    value: 60_000,
    unit: "ms",
    what: "an origin's response head, from the request's last byte to the head's last",
    then: "504",
    precedent: "nginx 60 s",
  },
  connectMs: {
    value: 10_000,
    unit: "ms",
    what: "resolving a name and making a connection",
    then: "504",
    precedent: "nginx 60 s, Envoy 5 s",
  },
  idleMs: {
    value: 30_000,
    unit: "ms",
    what: "a client's connection without a request",
    then: "it is closed",
    precedent: "nginx 75 s, Node 5 s",
  },
  originIdleMs: {
    value: 4_000,
    unit: "ms",
    what: "an origin's connection without a request",
    then: "it is closed",
    precedent: "shorter than Node's 5 s, so that it is rarely stale",
  },
  tunnelMs: {
    value: 3_600_000,
    unit: "ms",
    what: "a tunnel in which no byte moves either way",
    then: "both connections are broken off",
    precedent: "HAProxy's manual 1 h, mitmproxy 10 min",
  },
  hookMs: {
    value: 60_000,
    unit: "ms",
    what: "a hook, a route handler, or a body function that has bytes to work on and gives none",
    then: "500, or a cut after the answer has begun; the log says which",
    precedent: "a script that waits for ever holds two connections",
  },
  lingerMs: {
    value: 2_000,
    unit: "ms",
    what: "reading and dropping what a client still sends after its last answer",
    then: "the connection is closed",
    precedent: "nginx 5 s",
  },
  drainMs: {
    value: 30_000,
    unit: "ms",
    what: "what is under way when the proxy stops",
    then: "they are broken off",
    precedent: "pingora 300 s",
  },
};

/** The default limits. */
export const defaultLimits: Limits = valuesOf(limitTable);

/** The default timeouts, in milliseconds. */
export const defaultTimeouts: Timeouts = valuesOf(timeoutTable);

function valuesOf<Name extends string>(table: Readonly<Record<Name, LimitRow>>): Record<Name, number> {
  const rows = Object.entries(table) as [Name, LimitRow][];
  return Object.fromEntries(rows.map(([name, row]) => [name, row.value])) as Record<Name, number>;
}
