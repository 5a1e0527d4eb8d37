/**
 * Every error that the engine makes, in one small tree. The class says where it comes from, `code` says what it is (it is
 * API; the message is not), and what the client is answered is decided in one place, `status.ts`.
 */

/**
 * What can go wrong with a connection; `"handshake"`: no TLS could be agreed on; `"untrusted"`: a server couldn't prove who
 * it is.
 */
export type SocketErrorCode =
  | "reset"
  | "refused"
  | "unreachable"
  | "dns"
  | "timeout"
  | "in-use"
  | "denied"
  | "exhausted"
  | "handshake"
  | "untrusted"
  | "closed"
  | "other";

/** A connection could not be made, or broke. */
export class SocketError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "SocketError";
  /** What went wrong. */
  readonly code: SocketErrorCode;

  /**
   * Makes the error.
   *
   * @param code What went wrong.
   * @param message What was attempted, and what came.
   * @param options The runtime's own error as `cause`.
   */
  constructor(code: SocketErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A message that breaks the rules of HTTP/1: the other side's fault, or (`LocalProtocolError`) ours. */
export class ProtocolError extends Error {
  /** The class, for those who only see the error. */
  override readonly name: string = "ProtocolError";
  /** The status to answer a request like this with: 400, or 413, 414, 431, 501, 505. */
  readonly status: number;

  /**
   * Makes the error.
   *
   * @param message What was wanted, and what came.
   * @param status The status that a server answers with; default 400.
   */
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** The other side closed the connection within a message, or before an answer that it owed. */
export class TruncatedError extends ProtocolError {
  /** The class, for those who only see the error. */
  override readonly name: string = "TruncatedError";
  /** Whether anything of the message had come: if not, the connection may have been stale. */
  readonly began: boolean;

  /**
   * Makes the error.
   *
   * @param message What was wanted, and what came.
   * @param began Whether anything of the message had come; default `true`.
   */
  constructor(message: string, began = true) {
    super(message);
    this.began = began;
  }
}

/** Something was sent that the state or the framing of the message does not allow: a fault on this side. */
export class LocalProtocolError extends ProtocolError {
  /** The class, for those who only see the error. */
  override readonly name: string = "LocalProtocolError";
}

/** A body is larger than the limit that was set for it. */
export class BodyLimitError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "BodyLimitError";
  /** The limit, in bytes. */
  readonly limit: number;
  /** The status to answer with: 413 for a request, 502 for a response. */
  readonly status: number;

  /**
   * Makes the error.
   *
   * @param limit The limit, in bytes.
   * @param status The status to answer with.
   */
  constructor(limit: number, status: number) {
    super(`Cannot take the body as it must be at most ${limit} bytes: it is larger`);
    this.limit = limit;
    this.status = status;
  }
}

/** What can be wrong with a content-coded body; `"expansion"`: it grows beyond all measure when it is decoded. */
export type CodingErrorCode = "corrupt" | "truncated" | "expansion";

/** A content-coded body can't be decoded. */
export class CodingError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "CodingError";
  /** What is wrong. */
  readonly code: CodingErrorCode;

  /**
   * Makes the error.
   *
   * @param code What is wrong.
   * @param message What was wanted, and what came.
   * @param options The codec's own error as `cause`.
   */
  constructor(code: CodingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** A script's hook has failed; `cause` has what it threw. */
export class ScriptError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "ScriptError";

  /**
   * Makes the error.
   *
   * @param hook The hook's name.
   * @param cause What it threw.
   */
  constructor(hook: string, cause: unknown) {
    super(`The ${hook} hook failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** A request that the proxy itself refuses, with the status it is answered with. */
export class RefusedError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "RefusedError";
  /** The status code. */
  readonly status: number;
  /** Fields of the answer that say what to do. */
  readonly fields: readonly (readonly [name: string, value: string])[];

  /**
   * Makes the error.
   *
   * @param status The status code.
   * @param message Why.
   * @param fields Fields of the answer that say what to do, such as a challenge; default none.
   */
  constructor(status: number, message: string, fields: RefusedError["fields"] = []) {
    super(message);
    this.status = status;
    this.fields = fields;
  }
}

/** A flow was ended by a script (`flow.kill()`), or by the proxy's own end. */
export class KilledError extends Error {
  /** The class, for those who only see the error. */
  override readonly name = "KilledError";

  /**
   * Makes the error.
   *
   * @param message Who ended it; default a script.
   */
  constructor(message = "The flow was killed") {
    super(message);
  }
}
