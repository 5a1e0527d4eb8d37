/** Makes messages by their grammar, right in most respects. */
import type { Random } from "./random.ts";

const METHODS = ["GET", "GET", "POST", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "CONNECT", "FOO"];
const TARGETS = [
  "/",
  "/a?b=c",
  "/%0d%0a",
  "http://b.example/x",
  "http://b.example:80",
  "*",
  "/\x80\xff",
  "b.example:443",
];
const STATUSES = [
  "200 OK",
  "200",
  "201 Created",
  "204 ",
  "206 Part",
  "301 Moved",
  "304 ",
  "404 Not\tFound",
  "999 \xe4",
];
const INTERIMS = ["100 Continue", "103 Early Hints", "102 ", "199 x"];
const PLAIN_FIELDS = [
  "X-A: 1",
  "X-B:2",
  "x-c:\t 3 \t",
  "X-Empty:",
  "Accept: a, b",
  "Set-Cookie: a=b; c",
  'ETag: "x"',
  "Content-Type: text/plain",
  "Content-Encoding: gzip",
  "Date: x",
  "Digest: y",
  "Via: 1.0 z",
  "X-High: \x80\xa0\xff",
  "TE: trailers",
  "Trailer: X-T",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: keep-alive",
  "Cookie: a=b",
];
const CONNECTION_FIELDS = [
  "Connection: close",
  "Connection: keep-alive",
  "Connection: X-A, x-c",
  "Connection: Host, Content-Length, Transfer-Encoding",
  "Connection: Upgrade\r\nUpgrade: foo",
];
const TRAILERS = [
  "X-T: 1",
  "X-U:  2",
  "Content-Length: 9",
  "Host: evil",
  "Transfer-Encoding: chunked",
  "Set-Cookie: a",
];
const EXTENSIONS = ["", "", "", ";a", ";a=b", ' ; a = "b\\"c"', ";a;b=c;d"];

/**
 * The octets of one side of a connection: one to three messages.
 *
 * @param side Who sends.
 * @param random What decides.
 * @returns The octets.
 */
export function messages(side: "requests" | "responses", random: Random): string {
  const make = side === "requests" ? request : response;
  return random.times(1 + random.below(3), () => make(random)).join("");
}

function request(random: Random): string {
  const empty = random.chance(0.05) ? "\r\n" : "";
  const method = random.pick(METHODS);
  const target = method === "CONNECT" ? "b.example:443" : random.chance(0.6) ? "/" : random.pick(TARGETS);
  const version = random.chance(0.85) ? "1.1" : "1.0";
  const host = random.chance(0.95) ? ["Host: a.example"] : random.times(2, () => "Host: b:8080");
  const { field, octets } = body(random, ["GET", "HEAD", "CONNECT"].includes(method) ? 0.2 : 0.8);
  return `${empty}${method} ${target} HTTP/${version}\r\n${
    section([...host, ...field], random)
  }\r\n${octets}`;
}

function response(random: Random): string {
  const version = random.chance(0.85) ? "1.1" : "1.0";
  const interims = random.chance(0.2)
    ? random.times(
      1 + random.below(4),
      () => `HTTP/1.1 ${random.pick(INTERIMS)}\r\n${section([], random)}\r\n`,
    )
    : [];
  const { field, octets } = body(random, 0.9);
  return `${interims.join("")}HTTP/${version} ${random.pick(STATUSES)}\r\n${
    section(field, random)
  }\r\n${octets}`;
}

/** Field lines: these, and others in any place. */
function section(fields: readonly string[], random: Random): string {
  const lines = [...fields];
  const add = (line: string): unknown => lines.splice(random.below(lines.length + 1), 0, line);
  for (let count = random.below(4); count > 0; count--) add(random.pick(PLAIN_FIELDS));
  if (random.chance(0.25)) add(random.pick(CONNECTION_FIELDS));
  return lines.map((line) => `${line}\r\n`).join("");
}

interface GeneratedBody {
  readonly field: readonly string[];
  readonly octets: string;
}

function body(random: Random, likelihood: number): GeneratedBody {
  if (!random.chance(likelihood)) return { field: [], octets: "" };
  if (random.chance(0.35)) {
    const octets = content(random);
    return { field: [`Content-Length: ${random.chance(0.1) ? "00" : ""}${octets.length}`], octets };
  }
  if (random.chance(0.1)) return { field: [], octets: content(random) };
  return {
    field: [random.chance(0.8) ? "Transfer-Encoding: chunked" : "transfer-encoding:CHUNKED"],
    octets: chunked(random),
  };
}

function chunked(random: Random): string {
  const frames = random.times(random.below(4), () => {
    const data = `${content(random)}.`;
    const size = data.length.toString(16);
    return `${random.chance(0.1) ? `0${size}` : size}${random.pick(EXTENSIONS)}\r\n${data}\r\n`;
  });
  const trailers = random.chance(0.3)
    ? random.times(1 + random.below(3), () => `${random.pick(TRAILERS)}\r\n`)
    : [];
  return `${frames.join("")}0${random.pick(EXTENSIONS)}\r\n${trailers.join("")}\r\n`;
}

function content(random: Random): string {
  return random.pick([
    "",
    "x",
    "hello",
    "0\r\n\r\n",
    "GET / HTTP/1.1\r\n",
    "\r\n",
    "\0\x80\xff",
    "y".repeat(random.below(300)),
  ]);
}
