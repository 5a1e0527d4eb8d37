/**
 * The server's side of a SOCKS5 handshake (RFC 1928), with a user name and password if they are wanted (RFC 1929), without
 * any I/O: bytes in, and what to do next out.
 *
 *     greeting -> [credentials] -> request -> over
 *
 * Each stage has a reader that says how long its message is, or that it isn't all here, and a rule that answers it. What a
 * message may be is bounded by its own length octets: at most 513. Bytes behind the request belong to whatever follows.
 *
 * The listeners that are kept as libraries own their sockets, which is what a sans-io reader must not.
 */
import { concat } from "../transforms/concat.ts";
import { parseIp } from "./ip-address.ts";
import { sameOctets, utf8Octets } from "./octet-text.ts";
import type { Address } from "./socket.ts";
import { parseAuthority } from "./target.ts";

/** What to do next. */
export type SocksStep =
  /** Wait for more bytes. */
  | { readonly kind: "more" }
  /** Send this, and ask again. */
  | { readonly kind: "send"; readonly bytes: Uint8Array }
  /** Connect to the place, and answer with `socksReply`. */
  | { readonly kind: "connect"; readonly place: Address }
  /** Send this, if there is anything to say, and close. */
  | { readonly kind: "refuse"; readonly bytes: Uint8Array; readonly reason: string };

/** The answers to a request, by name (RFC 1928 6). */
export const socksReplies = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  networkUnreachable: 3,
  hostUnreachable: 4,
  refused: 5,
  unknownCommand: 7,
  unknownAddress: 8,
} as const;

/** The name of an answer to a request. */
export type SocksReply = keyof typeof socksReplies;

const NO_AUTHENTICATION = 0;
const USER_AND_PASSWORD = 2;
const NO_METHOD = 0xff;
const CONNECT = 1;

/** How long an address is, by its type; a name has its length in front. */
const ADDRESS_BYTES: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
const NAME = 3;

type Stage = "greeting" | "credentials" | "request" | "over";

interface Row {
  /** The length of the message that the bytes begin with; `null` if they don't tell yet. */
  readonly length: (bytes: Uint8Array) => number | null;
  /** What the message comes to. */
  readonly answer: (message: Uint8Array, wanted: string | null) => readonly [Stage, SocksStep];
}

const STAGES: Readonly<Record<Exclude<Stage, "over">, Row>> = {
  greeting: { length: greetingLength, answer: chooseMethod },
  credentials: { length: credentialsLength, answer: checkCredentials },
  request: { length: requestLength, answer: readRequest },
};

/**
 * A handshake.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const handshake = new Socks5(null);
 * handshake.receive(Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 192, 0, 2, 1, 0, 80));
 * assert.deepEqual(handshake.next(), { kind: "send", bytes: Uint8Array.of(5, 0) });
 * assert.deepEqual(handshake.next(), { kind: "connect", place: { host: "192.0.2.1", port: 80 } });
 * ```
 */
export class Socks5 {
  #wanted: string | null;
  #stage: Stage = "greeting";
  #bytes: Uint8Array = new Uint8Array(0);

  /** @param wanted The user name and password that clients must bring, with a colon between; `null` for none. */
  constructor(wanted: string | null) {
    this.#wanted = wanted;
  }

  /** Hands in what was received; the bytes are copied. */
  receive(bytes: Uint8Array): void {
    this.#bytes = concat([this.#bytes, bytes]);
  }

  /** What to do next. */
  next(): SocksStep {
    if (this.#stage === "over") return { kind: "more" };
    const { length, answer } = STAGES[this.#stage];
    const size = length(this.#bytes);
    if (size === null || this.#bytes.length < size) return { kind: "more" };
    const [stage, step] = answer(this.#bytes.subarray(0, size), this.#wanted);
    this.#bytes = this.#bytes.subarray(size);
    this.#stage = stage;
    return step;
  }

  /** What was received behind the request. */
  get rest(): Uint8Array {
    return this.#bytes;
  }
}

/** The answer to a request. The address that it has room for says nothing: clients have no use for it. */
export function socksReply(reply: SocksReply): Uint8Array {
  return Uint8Array.of(5, socksReplies[reply], 0, 1, 0, 0, 0, 0, 0, 0);
}

function refuse(reason: string, ...bytes: readonly number[]): readonly [Stage, SocksStep] {
  return ["over", {
    kind: "refuse",
    bytes: Uint8Array.from(bytes),
    reason: `Cannot serve SOCKS as ${reason}`,
  }];
}

function refuseRequest(reason: string, reply: SocksReply): readonly [Stage, SocksStep] {
  return refuse(reason, ...socksReply(reply));
}

/** Another version has another form: its first octet is all that is read of it. */
function versioned(
  bytes: Uint8Array,
  version: number,
  length: (bytes: Uint8Array) => number | null,
): number | null {
  return bytes.length > 0 && bytes[0] !== version ? 1 : length(bytes);
}

function greetingLength(bytes: Uint8Array): number | null {
  return versioned(bytes, 5, ([, count]) => count === undefined ? null : 2 + count);
}

function chooseMethod(
  [version, , ...methods]: Uint8Array,
  wanted: string | null,
): readonly [Stage, SocksStep] {
  if (version !== 5) return refuse(`the version must be 5: got ${version}`);
  const method = wanted === null ? NO_AUTHENTICATION : USER_AND_PASSWORD;
  if (!methods.includes(method)) {
    const what = wanted === null
      ? "a client must do without authentication"
      : "a client must authenticate itself";
    return refuse(`${what}: it offers ${methods.join(", ") || "nothing"}`, 5, NO_METHOD);
  }
  return [wanted === null ? "request" : "credentials", { kind: "send", bytes: Uint8Array.of(5, method) }];
}

function credentialsLength(bytes: Uint8Array): number | null {
  return versioned(bytes, 1, ([, user]) => {
    const password = user === undefined ? undefined : bytes[2 + user];
    return user === undefined || password === undefined ? null : 3 + user + password;
  });
}

function checkCredentials(message: Uint8Array, wanted: string | null): readonly [Stage, SocksStep] {
  const [version, length = 0] = message;
  if (version !== 1) return refuse(`the version of the credentials must be 1: got ${version}`, 1, 1);
  const user = octetText(message.subarray(2, 2 + length));
  const password = octetText(message.subarray(3 + length));
  const same = sameOctets(`${user}:${password}`, utf8Octets(wanted ?? ""));
  if (!same || user.includes(":")) return refuse("the user name or the password is wrong", 1, 1);
  return ["request", { kind: "send", bytes: Uint8Array.of(1, 0) }];
}

function requestLength(bytes: Uint8Array): number | null {
  return versioned(bytes, 5, ([, , , type, first]) => {
    if (type === undefined) return null;
    // What an unknown type of address looks like nobody knows: it ends where it is known to be one.
    if (type !== NAME) return type in ADDRESS_BYTES ? 6 + ADDRESS_BYTES[type]! : 4;
    return first === undefined ? null : 7 + first;
  });
}

function readRequest(message: Uint8Array): readonly [Stage, SocksStep] {
  const [version, command, , type = 0] = message;
  if (version !== 5) return refuseRequest(`the request's version must be 5: got ${version}`, "failure");
  if (command !== CONNECT) {
    return refuseRequest(`the command must be CONNECT: got ${command}`, "unknownCommand");
  }
  if (type !== NAME && !(type in ADDRESS_BYTES)) {
    return refuseRequest(`the address must be IPv4, IPv6 or a name: got type ${type}`, "unknownAddress");
  }
  const host = hostOf(type, message.subarray(4, -2));
  const port = message.at(-2)! << 8 | message.at(-1)!;
  if (host === null) return refuseRequest("the name must be one that can be resolved", "hostUnreachable");
  if (port === 0) return refuseRequest("the port must not be 0", "failure");
  return ["over", { kind: "connect", place: { host, port } }];
}

function hostOf(type: number, bytes: Uint8Array): string | null {
  if (type === NAME) {
    const name = octetText(bytes.subarray(1));
    return parseIp(name) !== null || parseAuthority(name, 1)?.host === name ? name : null;
  }
  if (type === 1) return bytes.join(".");
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[2 * i]! << 8 | bytes[2 * i + 1]!).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

/** Octets as text, a character each. */
function octetText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
