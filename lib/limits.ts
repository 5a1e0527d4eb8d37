/**
 * Every limit on sizes and numbers, one row each: its default, what it bounds, what happens beyond it, and who has one like
 * it; `timeouts.ts` has those on time. Nothing else in the code holds a bound of its own; the types, the defaults, the
 * command line's options and the tables of the documentation come from these.
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
  | "backlogCount"
  | "originIdleCount"
  | "helloBytes"
  | "leafCount";

/** Limits on sizes and numbers; `limitTable` says what each is. */
export type Limits = { readonly [Name in LimitName]: number };

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
  backlogCount: {
    value: 4096,
    unit: "count",
    what: "the most connections that wait with the kernel to be accepted, if it allows that many",
    then: "the kernel drops them, and clients try again a second later",
    precedent: "Linux allows 4096, nginx asks for 511; who comes back after a second has had an outage",
  },
  originIdleCount: {
    value: 1024,
    unit: "count",
    what: "the most idle connections to origins that are kept",
    then: "they are closed after their exchange",
    precedent: "Envoy 1024 connections to a cluster, Go 100; with fewer than clients, most are made anew",
  },
  helloBytes: {
    value: 16 * KiB,
    unit: "bytes",
    what: "the longest ClientHello of a TLS connection that may be intercepted",
    then: "it passes unread",
    precedent: "browsers send 2 KiB; OpenSSL takes 128 KiB",
  },
  leafCount: {
    value: 1000,
    unit: "count",
    what: "the most certificates for intercepted hosts that are kept",
    then: "the one that was used least recently is made anew when it is wanted again",
    precedent: "mitmproxy 100; a context takes some 20 KiB",
  },
};

/** The default limits. */
export const defaultLimits: Limits = valuesOf(limitTable);

/** The defaults of a table. */
export function valuesOf<Name extends string>(table: Readonly<Record<Name, LimitRow>>): Record<Name, number> {
  const rows = Object.entries(table) as [Name, LimitRow][];
  return Object.fromEntries(rows.map(([name, row]) => [name, row.value])) as Record<Name, number>;
}
