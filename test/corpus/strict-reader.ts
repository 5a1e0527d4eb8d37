/**
 * A reader of the wire that shares nothing with the engine's: an instrument to measure with, not a server.
 *
 * Octets of one connection go in, as a string with one character for each; out comes the sequence of messages that a
 * strict reader of RFC 9112 sees, and for each every deviation from the form that all conforming readers divide in the
 * same way. Octets without a problem mean the same to everybody. Nothing is thrown: what can't be read is a problem, and
 * what hasn't come yet leaves a message incomplete.
 */
import { type BodyFraming, readBody, readFraming } from "./strict-body.ts";
import { Cursor, type Problem, readFields, token, valuesOf, type WireField } from "./strict-lines.ts";

export { type BodyFraming, type Problem, valuesOf, type WireField };

/** What requests and responses have in common. */
export interface WireMessage {
  /** `HTTP/1.1` or `HTTP/1.0`; another word where the start line is malformed. */
  readonly version: string;
  readonly fields: readonly WireField[];
  readonly trailers: readonly WireField[];
  /** The content, without the chunked coding. */
  readonly body: string;
  readonly framing: BodyFraming["kind"];
  /** Whether the head has come whole. */
  readonly headComplete: boolean;
  /** Whether all of the message has come. */
  readonly complete: boolean;
  /** Where the head ends in the octets. */
  readonly headEnd: number;
  /** Where the message ends in the octets. */
  readonly end: number;
  readonly problems: readonly Problem[];
}

/** A request. */
export interface WireRequest extends WireMessage {
  readonly method: string;
  readonly target: string;
}

/** A response. */
export interface WireResponse extends WireMessage {
  /** 0 where it is junk. */
  readonly status: number;
  /** Whether it is a 1xx that another response follows. */
  readonly interim: boolean;
  /** Whether it isn't a response at all: octets where a status line had to be. */
  readonly junk: boolean;
}

/** How a connection has ended for its reader: not yet, with FIN, or broken. */
export type WireEnding = "open" | "fin" | "rst";

/** What a reader of responses has to know. */
export interface ResponseContext {
  /** The methods of the requests, in order; default GET for all. */
  readonly methods?: readonly string[];
  /** How the connection has ended; default `open`. */
  readonly ending?: WireEnding;
}

/**
 * Reads the requests on a connection; what follows a CONNECT is a tunnel, and not read.
 *
 * @param octets All that came.
 * @param most How many to read at most; default all.
 * @returns The requests; the last one may be incomplete.
 */
export function readRequests(octets: string, most: number = Infinity): WireRequest[] {
  const requests: WireRequest[] = [];
  for (let at = 0; at < octets.length && requests.length < most;) {
    const request = readRequest(octets, at);
    requests.push(request);
    if (!request.complete || request.method === "CONNECT") break;
    at = request.end;
  }
  return requests;
}

function readRequest(octets: string, start: number): WireRequest {
  const cursor = new Cursor(octets, start);
  const blank = /[\r\n]*/y;
  blank.lastIndex = start;
  cursor.at += blank.exec(octets)![0].length;
  if (cursor.at > start) cursor.problems.push("leading-empty-line");
  const line = cursor.line();
  if (line === null) {
    if (cursor.at < octets.length) cursor.problems.push("start-line-unfinished");
    return { ...unread(cursor), method: "", target: "", version: "" };
  }
  const parts = /^([^ ]+) ([^ ]+) (HTTP\/1\.[01])$/.exec(line);
  const [method = "", target = "", version = ""] = parts?.slice(1) ?? line.split(/[ \t]+/);
  if (parts === null || !token.test(method) || /[\0-\x20\x7f]/.test(target)) {
    cursor.problems.push("request-line-malformed");
  }
  if (target.includes("#")) cursor.problems.push("fragment-in-target");
  const rest = readRest(cursor, { isRequest: true, version, bodiless: method === "CONNECT", ended: false });
  if (rest.headComplete && version === "HTTP/1.1") {
    const hosts = valuesOf(rest.fields, "host").length;
    if (hosts !== 1) cursor.problems.push(hosts === 0 ? "host-missing" : "host-repeated");
  }
  return { ...rest, method, target, version };
}

/**
 * Reads the responses on a connection; what follows a 101 or a CONNECT's 2xx is a tunnel, and not read.
 *
 * @param octets All that came.
 * @param context What was asked for, and how the connection has ended.
 * @returns The responses, interim ones too; the last one may be incomplete.
 */
export function readResponses(octets: string, context: ResponseContext = {}): WireResponse[] {
  const { methods = [], ending = "open" } = context;
  const responses: WireResponse[] = [];
  let finals = 0;
  for (let at = 0; at < octets.length;) {
    const method = methods[finals] ?? "GET";
    const response = readResponse(octets, at, method, ending);
    responses.push(response);
    if (!response.complete || opensTunnel(response.status, method)) break;
    if (!response.interim) finals++;
    at = response.end;
  }
  return responses;
}

function readResponse(octets: string, start: number, method: string, ending: WireEnding): WireResponse {
  const cursor = new Cursor(octets, start);
  const opening = octets.slice(start, start + 9);
  const junk = !/^HTTP\/\d/.test(opening) && !"HTTP/1.1 ".startsWith(opening);
  const line = junk ? null : cursor.line();
  if (line === null) {
    cursor.problems.push(junk ? "status-line-malformed" : "start-line-unfinished");
    return { ...unread(cursor), version: "", status: 0, interim: false, junk };
  }
  // The space before an absent reason phrase is missed by most senders and all receivers know that.
  if (!/^HTTP\/1\.[01] [1-9][0-9]{2}(?: [\t \x21-\x7e\x80-\xff]*)?$/.test(line)) {
    cursor.problems.push("status-line-malformed");
  }
  const [, version = "", digits = "0"] = /^(HTTP\/\S+)\s+(\d+)/.exec(line) ?? [];
  const status = Number(digits);
  const interim = status >= 100 && status < 200 && status !== 101;
  const informational = interim || status === 101 || status === 204;
  const bodiless = informational || status === 304 || method === "HEAD" || opensTunnel(status, method);
  const rest = readRest(cursor, { isRequest: false, version, bodiless, ended: ending === "fin" });
  if (informational && valuesOf(rest.fields, "transfer-encoding").length > 0) {
    cursor.problems.push("te-in-bodiless");
  }
  return { ...rest, version, status, interim, junk: false };
}

function opensTunnel(status: number, method: string): boolean {
  return status === 101 || (method === "CONNECT" && status >= 200 && status < 300);
}

interface Rest {
  readonly isRequest: boolean;
  readonly version: string;
  readonly bodiless: boolean;
  readonly ended: boolean;
}

/** Reads what follows a start line: the fields and the body. */
function readRest(
  cursor: Cursor,
  { isRequest, version, bodiless, ended }: Rest,
): Omit<WireMessage, "version"> {
  const { fields, complete } = readFields(cursor);
  if (!complete) return { ...unread(cursor), fields };
  const headEnd = cursor.at;
  const framing = readFraming(cursor, { isRequest, version, fields, bodiless });
  const body = readBody(cursor, framing, ended);
  return {
    fields,
    trailers: body.trailers,
    body: body.content,
    framing: framing.kind,
    headComplete: true,
    complete: body.complete,
    headEnd,
    end: cursor.at,
    problems: cursor.problems,
  };
}

/** A message whose head hasn't come whole. */
function unread(cursor: Cursor): Omit<WireMessage, "version"> {
  return {
    fields: [],
    trailers: [],
    body: "",
    framing: "none",
    headComplete: false,
    complete: false,
    headEnd: cursor.octets.length,
    end: cursor.octets.length,
    problems: cursor.problems,
  };
}
