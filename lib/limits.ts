/**
 * Every limit of the engine: name, unit, default, and why. Nothing else in the code holds a bound of its own.
 */

/** The limits of a connection's codec and of a flow. */
export interface Limits {
  /** The longest request line or status line, in bytes; 414 (431 for a field line). nginx 8 KiB, Apache 8 KiB. */
  readonly lineBytes: number;
  /** The most empty lines before a request line; 400. RFC 9112 2.2 wants one, left behind by old clients' bodies. */
  readonly emptyLineCount: number;
  /** The longest request head, in bytes; 431. Envoy 60 KiB, Node 16 KiB. */
  readonly requestHeadBytes: number;
  /** The longest response head, in bytes; 502. Origins are wordier than browsers. */
  readonly responseHeadBytes: number;
  /** The most fields in a head; 431, or 502. HAProxy 101, Envoy 100, Apache 100; cookies split by browsers need more. */
  readonly fieldCount: number;
  /** The longest chunk-size line with its extensions, in bytes; CVE-2024-22019. */
  readonly chunkLineBytes: number;
  /** The most extension bytes in one body; hyper 16 KiB, CVE-2023-39326. */
  readonly chunkExtensionBytes: number;
  /** The longest trailer section, in bytes. hyper 16 KiB. */
  readonly trailerBytes: number;
  /** The most fields in a trailer section. hyper 100. */
  readonly trailerCount: number;
  /** The most interim responses (1xx) before a final one. curl and Go stop at 5 to 100. */
  readonly interimCount: number;
  /** How much of an unwanted request body is read and dropped to keep the connection, in bytes; beyond it closes. */
  readonly drainBytes: number;
  /** The most that a buffered body may grow to when a script asks for it decoded, in bytes; decompression bombs. */
  readonly decodedBytes: number;
  /**
   * How many times larger than it came a body may get when it is decoded: decompression bombs. Text shrinks to a third or
   * a tenth, logs and tables to a fiftieth; zeros to a thousandth by gzip, and to a millionth by gzip in gzip.
   */
  readonly codingRatio: number;
  /** How many bytes may come out of a coded body before the ratio counts: small bodies may be all blanks. */
  readonly codingGraceBytes: number;
}

/** The defaults. */
export const defaultLimits: Limits = {
  lineBytes: 16 * 1024,
  emptyLineCount: 4,
  requestHeadBytes: 64 * 1024,
  responseHeadBytes: 128 * 1024,
  fieldCount: 200,
  chunkLineBytes: 1024,
  chunkExtensionBytes: 16 * 1024,
  trailerBytes: 16 * 1024,
  trailerCount: 100,
  interimCount: 32,
  drainBytes: 64 * 1024,
  decodedBytes: 256 * 1024 * 1024,
  codingRatio: 100,
  codingGraceBytes: 1024 * 1024,
};

/** How long things may take, in milliseconds. */
export interface Timeouts {
  /** A request's head, from its first byte to its last: a deadline for all of it, so that trickling is no way around. */
  readonly headMs: number;
  /** The next bytes of a body. nginx, pingora 60 s. */
  readonly bodyMs: number;
  /** The first byte of an origin's answer. nginx 60 s. */
  readonly originMs: number;
  /** Making a connection. nginx 60 s, Envoy 5 s. */
  readonly connectMs: number;
  /** A client's connection without a request. nginx 75 s, Node 5 s. */
  readonly idleMs: number;
  /** An origin's connection without a request; shorter than what origins allow, so that they are rarely stale. */
  readonly originIdleMs: number;
  /** After a last answer: how long what the client still sends is read and dropped, so that the answer arrives. */
  readonly lingerMs: number;
}

/** The defaults. */
export const defaultTimeouts: Timeouts = {
  headMs: 15_000,
  bodyMs: 60_000,
  originMs: 60_000,
  connectMs: 10_000,
  idleMs: 30_000,
  originIdleMs: 4_000,
  lingerMs: 2_000,
};
