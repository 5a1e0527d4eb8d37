/**
 * What a TLS client says first (RFC 8446 4.1.2): the name of the server that it wants, and what it would speak with it.
 *
 * Only as much is read as that takes, and nothing is judged: whoever makes the handshake does that.
 */

/** What a client has said. */
export interface ClientHello {
  /** The name of the server that it wants, in lower case (RFC 6066 3); `null` if it names none. */
  readonly serverName: string | null;
  /** What it would speak, the best first (RFC 7301); `null` if it doesn't say. */
  readonly protocols: readonly string[] | null;
}

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;
const MESSAGE_HEADER_BYTES = 4;

const EXTENSION = { serverName: 0, protocols: 16 } as const;
const HOST_NAME = 0;

/**
 * Reads a ClientHello.
 *
 * @param bytes All that has come from the client so far.
 * @param limit The most bytes that it may have, its records' headers apart.
 * @returns What it says; `null` if more bytes are needed.
 * @throws {RangeError} If that is no ClientHello, or a larger one.
 */
export function readClientHello(bytes: Uint8Array, limit: number): ClientHello | null {
  const message = messageOf(bytes, limit);
  return message === null ? null : readBody(new Reader(message));
}

/** The first handshake message without its header, put together from its records; `null` if it has not come whole. */
function messageOf(bytes: Uint8Array, limit: number): Uint8Array | null {
  const parts: number[] = [];
  const reader = new Reader(bytes);
  for (;;) {
    if (parts.length >= MESSAGE_HEADER_BYTES) {
      const length = parts[1]! << 16 | parts[2]! << 8 | parts[3]!;
      if (parts[0] !== CLIENT_HELLO || length > limit) throw broken();
      const end = MESSAGE_HEADER_BYTES + length;
      if (parts.length >= end) return Uint8Array.from(parts.slice(MESSAGE_HEADER_BYTES, end));
    }
    if (reader.left < RECORD_HEADER_BYTES) return null;
    if (reader.number(1) !== HANDSHAKE_RECORD) throw broken();
    reader.number(2);
    const length = reader.number(2);
    if (length === 0) throw broken();
    // What has come of the last record may say enough already.
    for (const octet of reader.take(Math.min(length, reader.left))) parts.push(octet);
  }
}

function readBody(body: Reader): ClientHello {
  // The version, and the random.
  body.take(2 + 32);
  // The session, the ciphers, the compression.
  for (const size of [1, 2, 1] as const) body.block(size);
  let serverName: string | null = null;
  let protocols: string[] | null = null;
  const extensions = body.left === 0 ? body : body.block(2);
  while (extensions.left > 0) {
    const kind = extensions.number(2);
    const data = extensions.block(2);
    if (kind === EXTENSION.serverName) serverName = readServerName(data);
    else if (kind === EXTENSION.protocols) protocols = readProtocols(data);
  }
  return { serverName, protocols };
}

function readServerName(data: Reader): string | null {
  const names = data.block(2);
  while (names.left > 0) {
    const kind = names.number(1);
    const name = names.block(2);
    if (kind === HOST_NAME) return name.text().toLowerCase();
  }
  return null;
}

function readProtocols(data: Reader): string[] {
  const list = data.block(2);
  const protocols: string[] = [];
  while (list.left > 0) protocols.push(list.block(1).text());
  return protocols;
}

/** Reads numbers and blocks with their length before them, the most significant octet first. */
class Reader {
  #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Uint8Array {
    if (count > this.left) throw broken();
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  number(size: 1 | 2): number {
    let value = 0;
    for (const octet of this.take(size)) value = value << 8 | octet;
    return value;
  }

  block(size: 1 | 2): Reader {
    return new Reader(this.take(this.number(size)));
  }

  text(): string {
    return String.fromCharCode(...this.#bytes);
  }
}

function broken(): RangeError {
  return new RangeError("Cannot read the ClientHello as it must be a whole one: got something else");
}
