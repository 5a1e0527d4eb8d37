/**
 * Every wait of the engine that is bounded, one row each, as `limits.ts` has the bounds on sizes and numbers.
 */
import { type LimitRow, valuesOf } from "./limits.ts";

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

/** How long things may take, in milliseconds; `timeoutTable` says what each is. */
export type Timeouts = { readonly [Name in TimeoutName]: number };

/** The limits on time. */
export const timeoutTable: Readonly<Record<TimeoutName, LimitRow>> = {
  handshakeMs: {
    value: 10_000,
    unit: "ms",
    what:
      "a handshake before HTTP, from its first byte to its last: SOCKS or TLS with a client, TLS with an origin",
    then: "the connection is closed; 504 if it is the origin's",
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

/** The default timeouts, in milliseconds. */
export const defaultTimeouts: Timeouts = valuesOf(timeoutTable);
