/**
 * The way through: what the codec accepts and the writers put out is the same message to everybody. Two readers that share
 * nothing with the codec say so: the corpus's strict one, of what came and of what went out, and llhttp, of what went out.
 *
 * - What came means to the strict reader what it means to the codec; what means the same to everybody is not refused,
 *   except on purpose (`STRICTER`).
 * - What goes out has no two readings, and loses nothing but what speaks of the hop.
 * - What was cut short on its way in is cut short on its way out.
 */
import assert from "node:assert/strict";
import {
  readRequests,
  readResponses,
  type WireField,
  type WireMessage,
  type WireRequest,
  type WireResponse,
} from "../corpus/strict-reader.ts";
import { type LlhttpMessage, llhttpMethods, readWithLlhttp } from "../differential/llhttp.ts";
import { generateWire, settleWire, signature } from "./codec.ts";
import { type CodecSettings, type Reading, type ReadMessage, readWithCodec } from "./codec-reader.ts";
import type { Random } from "./random.ts";
import { type BodyTreatment, type ReemitSettings, Reemitter } from "./reemit.ts";
import { wireSeeds } from "./seeds.ts";
import { type Target, target } from "./target.ts";

interface RelaySettings extends CodecSettings, ReemitSettings {}

/** Messages that mean the same to everybody, and are refused all the same. */
const STRICTER: readonly RegExp[] = [
  // RFC 9112 3.2: what can't be routed.
  /must have one Host/,
  /target must have a form/,
  // RFC 9112 6.1: a transfer coding that isn't implemented.
  /Transfer-Encoding must be chunked/,
  // RFC 9110 9.3.6: a CONNECT has no content.
  /a CONNECT must have no content/,
  // RFC 9110 7.8: a 101 that nobody asked for.
  /Cannot switch protocols/,
  // Limits.
  /must be at most|at most \d+ (?:empty lines|interim responses|fields)/,
];

/** What the strict reader remarks on where the codec rightly does not. */
const HARMLESS: ReadonlySet<string> = new Set([
  // RFC 9112 2.2 wants an empty line before a request to be skipped.
  "leading-empty-line",
]);

/** What it remarks on in a response without a body, whose framing fields go no further. */
const HARMLESS_WITHOUT_BODY: ReadonlySet<string> = new Set([
  ...HARMLESS,
  "te-in-bodiless",
  "te-not-chunked",
  "te-malformed",
  "te-repeated",
  "te-on-http10",
  "content-length-and-transfer-encoding",
]);

/** An interim response loses its framing fields unread. */
const HARMLESS_IN_INTERIM: ReadonlySet<string> = new Set([
  ...HARMLESS_WITHOUT_BODY,
  "content-length-malformed",
  "content-length-overflow",
  "content-length-repeated",
]);

/** The fields that each hop decides. */
const FRAMING_FIELDS: ReadonlySet<string> = new Set([
  "content-length",
  "transfer-encoding",
  "trailer",
  "host",
]);
/** The fields that are put right on their way in. */
const LENGTHS: ReadonlySet<string> = new Set(["content-length", "transfer-encoding"]);
/** The fields that say what a body was before it was changed. */
const DIGESTS: ReadonlySet<string> = new Set([
  "content-md5",
  "digest",
  "content-digest",
  "repr-digest",
  "etag",
]);
/** RFC 9110 7.6.1, and what was there before it. */
const HOP_FIELDS: ReadonlySet<string> = new Set([
  ...["connection", "keep-alive", "proxy-connection", "te", "upgrade", "http2-settings"],
  ...["proxy-authenticate", "proxy-authorization", "proxy-authentication-info"],
]);
const NEVER_NOMINATED: ReadonlySet<string> = new Set(["content-encoding", "via"]);
/** RFC 9110 6.5.1: what would deceive whoever merged it. */
const NEVER_TRAILERS: ReadonlySet<string> = new Set([
  ...["content-length", "transfer-encoding", "host", "trailer", "te", "connection", "content-encoding"],
  ...["content-type", "content-range", "authorization", "cookie", "set-cookie", "cache-control", "expect"],
]);

const relay: Target<RelaySettings> = {
  name: "relay",
  share: 3,
  seeds: () =>
    wireSeeds().map(({ octets, settings }) => ({ octets, settings: withTreatment(settings, "kept") })),
  generate(random) {
    const { octets, settings } = generateWire(random);
    return { octets, settings: anyTreatment(settings, random) };
  },
  settle: (octets, settings, random) => anyTreatment(settleWire(octets, settings, random), random),
  check({ octets, settings }) {
    const out = new Reemitter(settings);
    const reading = readWithCodec(octets, settings, settings.cuts, (event) => out.take(event));
    checkReading(octets, settings, reading);
    return `${settings.treatment} ${checkWritten(out, settings, reading)} ${signature(reading)}`;
  },
};

/** The codec and the writers, on octets. */
export const relayTarget: Target = target(relay);

function withTreatment(settings: CodecSettings, treatment: BodyTreatment): RelaySettings {
  // Everything must be let through here, to be written.
  return { ...settings, narrow: false, treatment, version: "1.1" };
}

function anyTreatment(settings: CodecSettings, random: Random): RelaySettings {
  const relayed = withTreatment(settings, random.pick(["kept", "changed", "whole"]));
  return { ...relayed, version: random.chance(0.8) ? "1.1" : "1.0" };
}

/** What came means the same to the codec and to the strict reader. */
function checkReading(octets: string, settings: CodecSettings, reading: Reading): void {
  const strict = settings.role === "server"
    ? readRequests(octets)
    : readResponses(octets, { methods: settings.methods, ending: settings.fin ? "fin" : "open" });
  for (const [n, message] of reading.messages.entries()) {
    const wire = strict[n];
    assert(wire !== undefined, `message ${n} is there for the codec alone`);
    assert.deepEqual(unexpected(message, wire), [], `message ${n} has another reading`);
    assert.deepEqual(lineOf(wire), message.kind === "request" ? message.line : message.line.slice(0, 1));
    assert.equal(wire.version, `HTTP/${message.version}`);
    assert.deepEqual(without(message.fields, LENGTHS), without(wire.fields, LENGTHS), "the fields");
    // Where the codec refuses what follows, the strict reader notes it, and reads on.
    const isStricter = reading.failure === "refused" && isOnPurpose(reading.ending);
    if (!message.complete && (wire.problems.length > 0 || isStricter)) {
      return assert(wire.body.startsWith(message.body), "the beginning of the body");
    }
    // Behind an interim response whose length nobody can read, the strict reader reads nothing.
    if (message.kind === "interim" && wire.framing === "invalid") return;
    if (message.line[0] !== "CONNECT" && message.complete) assert.equal(message.framing.kind, wire.framing);
    assert.equal(message.body, wire.body, "the body");
    assert.equal(message.complete, wire.complete, "whether it has ended");
    assert.deepEqual(message.trailers, wire.trailers.filter((field) => message.trailers.some(same(field))));
    const forbidden = message.trailers.filter(([name]) => NEVER_TRAILERS.has(name.toLowerCase()));
    assert.deepEqual(forbidden, [], "trailers that must not be");
  }
  const next = strict[reading.messages.length];
  // What is refused in its middle has been looked at above.
  if (reading.messages.at(-1)?.complete === false) return;
  if (reading.failure !== "refused" || next === undefined || next.problems.length > 0 || !next.complete) {
    return;
  }
  assert(isOnPurpose(reading.ending), `must not be refused: ${reading.ending}`);
}

function isOnPurpose(refusal: string): boolean {
  return STRICTER.some((reason) => reason.test(refusal));
}

function unexpected(message: ReadMessage, wire: WireMessage): string[] {
  // What is wrong with what has not been read yet, the codec has not seen.
  if (!message.complete) return [];
  const bodyless = message.kind !== "request" && message.framing.kind === "none";
  const harmless = message.kind === "interim"
    ? HARMLESS_IN_INTERIM
    : bodyless
    ? HARMLESS_WITHOUT_BODY
    : HARMLESS;
  return wire.problems.filter((problem) => !harmless.has(problem));
}

function lineOf(wire: WireMessage): string[] {
  const { method, target, status } = wire as Partial<WireRequest & WireResponse>;
  return status === undefined ? [method!, target!] : [String(status)];
}

/** What went out is what came, for every reader. Returns how it went. */
function checkWritten(out: Reemitter, settings: RelaySettings, reading: Reading): string {
  const sources = reading.messages.filter(({ kind }) => kind !== "interim" || settings.version === "1.1")
    .slice(0, out.begun);
  const cut = sources.at(-1)?.complete === false;
  // What was not written yet is no message: a whole body waits for its end.
  const expected = cut && settings.treatment === "whole" ? sources.slice(0, -1) : sources;
  const role = settings.role;
  const ending = cut ? "rst" : "fin";
  const { methods } = settings;
  const strict = role === "server"
    ? readRequests(out.written)
    : readResponses(out.written, { methods, ending });
  assert.equal(strict.length, expected.length, "as many messages must go out as came");
  expected.forEach((source, n) => checkMessage(source, strict[n]!, settings));
  if (role === "server" && expected.some(({ line }) => !isForLlhttp(line))) return "not for llhttp";
  const { messages, error } = readWithLlhttp(out.written, { role, methods, fin: !cut });
  assert.equal(error, null, "llhttp must read what went out");
  assert.equal(messages.length, expected.length, "llhttp must read as many messages as went out");
  messages.forEach((message, n) => checkLlhttp(message, strict[n]!, expected[n]!));
  return out.framing.kind;
}

/** Llhttp has a list of methods, and wants targets in ASCII. */
function isForLlhttp([method, target]: readonly [string, string]): boolean {
  return llhttpMethods.has(method) && /^[\x21-\x7e]+$/.test(target);
}

function checkMessage(source: ReadMessage, wire: WireMessage, settings: RelaySettings): void {
  assert.deepEqual(wire.problems, [], "what goes out must have one reading");
  assert.equal(wire.version, "HTTP/1.1");
  assert.deepEqual(lineOf(wire), source.kind === "request" ? atOrigin(source.line) : source.line.slice(0, 1));
  // What the connection needs is put there anew.
  const fields = wire.fields.filter(([name]) => name !== "Connection");
  assert.deepEqual([FRAMING_FIELDS, DIGESTS].reduce(without, fields), surviving(source.fields), "the fields");
  assert.equal(wire.body, source.body, "the body");
  assert.equal(wire.complete, source.complete, "a body that was cut short must not look complete");
  const keepsTrailers = wire.framing === "chunked" && settings.treatment !== "whole";
  assert.deepEqual(wire.trailers, keepsTrailers ? source.trailers : []);
}

/** A request's line as its origin gets it: the target in origin-form, RFC 9112 3.2.1. */
export function atOrigin([method, target]: readonly [string, string]): [string, string] {
  const path = target.replace(/^[A-Za-z][^:/]*:\/\/[^/?]*/, "");
  if (path === "") return [method, method === "OPTIONS" ? "*" : "/"];
  return [method, path.startsWith("?") ? `/${path}` : path];
}

/** What of some fields goes from hop to hop. */
function surviving(fields: readonly WireField[]): WireField[] {
  const nominated = new Set(
    fields.filter(([name]) => name.toLowerCase() === "connection")
      .flatMap(([, value]) => value.toLowerCase().split(",").map((name) => name.trim()))
      .filter((name) => !NEVER_NOMINATED.has(name)),
  );
  return [FRAMING_FIELDS, DIGESTS, HOP_FIELDS, nominated].reduce(without, [...fields]);
}

function checkLlhttp(message: LlhttpMessage, wire: WireMessage, source: ReadMessage): void {
  assert.deepEqual(message.line, source.kind === "request" ? lineOf(wire) : source.line, "llhttp's line");
  assert.deepEqual(message.fields, wire.fields, "llhttp's fields");
  assert.equal(message.body, wire.body, "llhttp's body");
  assert.equal(message.complete, wire.complete, "llhttp's end");
  assert.deepEqual(message.trailers, wire.trailers, "llhttp's trailers");
}

function without(fields: readonly WireField[], names: ReadonlySet<string>): WireField[] {
  return fields.filter(([name]) => !names.has(name.toLowerCase()));
}

function same([name, value]: WireField): (other: WireField) => boolean {
  return (other) => other[0] === name && other[1] === value;
}
