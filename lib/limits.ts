/**
 * Every limit of the engine: name, unit, default, and why. Nothing else in the code holds a bound of its own.
 */

/** The limits of a connection's codec and of a flow. */
export interface Limits {
  /** The longest request line or status line, in bytes; 414 (431 for a field line). nginx 8 KiB, Apache 8 KiB. */
  readonly lineBytes: number;
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
}

/** The defaults. */
export const defaultLimits: Limits = {
  lineBytes: 16 * 1024,
  requestHeadBytes: 64 * 1024,
  responseHeadBytes: 128 * 1024,
  fieldCount: 200,
  chunkLineBytes: 1024,
  chunkExtensionBytes: 16 * 1024,
  trailerBytes: 16 * 1024,
  trailerCount: 100,
  interimCount: 32,
  drainBytes: 64 * 1024,
};
