/**
 * The writers, in the hands of somebody who does not know the rules: with any text for a method, a target, a reason or a
 * field, in any order. What is refused leaves no trace; what is not refused has one reading, and says what was meant.
 */
import assert from "node:assert/strict";
import { LocalProtocolError } from "../../lib/errors.ts";
import { Connection } from "../../lib/h1/connection.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { Framing, Version } from "../../lib/message.ts";
import { readRequests, readResponses, type WireMessage } from "../corpus/strict-reader.ts";
import { latin1, octets as toBytes } from "../harness/playbook.ts";
import type { Random } from "./random.ts";
import { type Target, target } from "./target.ts";

/** A call. */
type Call =
  | { readonly call: "head" | "interim" }
  | { readonly call: "data"; readonly size: number; readonly frameSize?: number; readonly frameEnd?: boolean }
  | { readonly call: "end"; readonly trailers: boolean };

interface SenderSettings {
  readonly role: "client" | "server";
  /** What is answered, and in which version. */
  readonly method: string;
  readonly version: Version;
  readonly status: number;
  readonly framing: Framing;
  /** Whether the fields announce the framing. */
  readonly announced: boolean;
  readonly calls: readonly Call[];
}

/** The texts are the parts of the octets; more or fewer than these may come. */
const SEPARATOR = "|";

/** A method, a target, a reason, a field's name and its value: such as may be sent, and such as may not. */
const TEXTS: readonly (readonly [right: readonly string[], wrong: readonly string[]])[] = [
  [["GET", "POST", "HEAD"], ["G T", "", "G\r\n"]],
  [["/", "*", "/\x80"], ["/ x", "/\r\nX: y", "/#", "/\0", ""]],
  [["OK", "", "O K\t", "\xe4"], ["\r\nX: y", "\0"]],
  [["X-A", "x", "Connection"], ["", "X A", "X:", "\xe4", "Content-Length", "Transfer-Encoding"]],
  [["1", "", " \t\xff ", "chunked", "5", "0"], ["\r\nX: y", "a\nb", "\x7f"]],
];

/** The calls of somebody who does know the rules. */
const IN_ORDER: readonly Call[] = [
  { call: "head" },
  { call: "data", size: 5, frameSize: 5, frameEnd: true },
  { call: "end", trailers: true },
];

const sender: Target<SenderSettings> = {
  name: "sender",
  share: 1,
  seeds: () => [],
  generate(random) {
    const octets = TEXTS.map(([right, wrong]) => random.pick(random.chance(0.8) ? right : wrong)).join(
      SEPARATOR,
    );
    return { octets, settings: anySettings(random) };
  },
  settle: (_, settings, random) => random.chance(0.5) ? settings : anySettings(random),
  check: ({ octets, settings }) => checkSender(octets.split(SEPARATOR), settings),
};

/** The writers, called in any way. */
export const senderTarget: Target = target(sender);

function anySettings(random: Random): SenderSettings {
  const call = (): Call => {
    return random.pick<() => Call>([
      () => ({ call: "head" }),
      () => ({ call: "interim" }),
      () => ({ call: "data", size: random.below(6) }),
      () => ({ call: "data", size: 5, frameSize: 5, frameEnd: true }),
      () => ({
        call: "data",
        size: 1 + random.below(3),
        frameSize: random.below(6),
        frameEnd: random.chance(0.5),
      }),
      () => ({ call: "end", trailers: random.chance(0.5) }),
    ])();
  };
  const framing = random.pick<Framing>([
    { kind: "none" },
    { kind: "content-length", length: random.pick([0, 5, 10]) },
    { kind: "chunked" },
    { kind: "close-delimited" },
  ]);
  return {
    role: random.pick(["client", "server"]),
    method: random.pick(["GET", "GET", "HEAD", "CONNECT"]),
    version: random.pick(["1.1", "1.1", "1.0"]),
    status: random.pick([200, 200, 204, 304, 404, 99, 100, 101, 199, 1000, 20.5]),
    framing,
    announced: random.chance(0.9),
    calls: random.chance(0.3)
      ? IN_ORDER
      : [...(random.chance(0.8) ? [{ call: "head" } as const] : []), ...random.times(random.below(5), call)],
  };
}

function checkSender(parts: readonly string[], settings: SenderSettings): string {
  const connection = connect(settings);
  let ends = 0;
  let body = "";
  let refused = 0;
  for (const call of settings.calls) {
    const { pending, ourState } = connection;
    try {
      make(connection, call, parts, settings);
      if (call.call === "data") body += "d".repeat(call.size);
      if (call.call === "end") ends++;
    } catch (error) {
      const isDeclared = error instanceof LocalProtocolError || error instanceof TypeError;
      if (!isDeclared) throw error;
      refused++;
      assert.equal(connection.pending, pending, "what is refused must not be written");
      assert.equal(connection.ourState, ourState, "what is refused must not change the state");
    }
  }
  const written = connection.take().map(latin1).join("");
  const isTunnel = connection.ourState === "tunnel";
  if (!isTunnel) checkWritten(written, ends, body, parts, settings);
  return `${settings.role} ${connection.ourState} ${settings.framing.kind} ${ends} ${body.length} ${refused} refused`;
}

/** A connection that may send: a server owes an answer. */
function connect({ role, method, version }: SenderSettings): Connection {
  const connection = new Connection(role);
  if (role === "client") return connection;
  const target = method === "CONNECT" ? "b.example:443" : "/";
  connection.receive(toBytes(`${method} ${target} HTTP/${version}\r\nHost: a\r\n\r\n`));
  connection.nextEvent();
  connection.nextEvent();
  return connection;
}

function make(
  connection: Connection,
  call: Call,
  [method = "", target = "", reason = "", name = "", value = ""]: readonly string[],
  settings: SenderSettings,
): void {
  const { status, version, framing } = settings;
  switch (call.call) {
    case "head": {
      const headers = new HeaderList({ Host: "a" });
      headers.append(name, value);
      if (settings.announced && framing.kind === "chunked") headers.append("Transfer-Encoding", "chunked");
      if (settings.announced && framing.kind === "content-length") {
        headers.append("Content-Length", String(framing.length));
      }
      if (settings.role === "client") {
        return connection.sendRequest({ method, target, version, headers }, framing);
      }
      return connection.sendResponse({ status, reason, version, headers }, framing);
    }
    case "interim":
      return connection.sendInterim({ status, reason, version, headers: new HeaderList() });
    case "data":
      return connection.sendData(toBytes("d".repeat(call.size)), call.frameSize, call.frameEnd);
    case "end":
      return connection.sendEnd(call.trailers ? new HeaderList([[name, value]]) : null);
  }
}

function checkWritten(
  written: string,
  ends: number,
  body: string,
  [method, target, , name = "", value = ""]: readonly string[],
  settings: SenderSettings,
): void {
  const { role } = settings;
  const ending = ends > 0 ? "fin" : "rst";
  const messages: WireMessage[] = role === "client"
    ? readRequests(written)
    : readResponses(written, { methods: [settings.method], ending }).filter(({ interim }) => !interim);
  assert(messages.length <= 1, "one message was sent at most");
  const message = messages[0];
  if (message === undefined) return assert.equal(ends, 0, "what was ended must be there");
  // Several hosts are the caller's own.
  const problems = message.problems.filter((problem) => problem !== "host-repeated");
  assert.deepEqual(problems, [], "what is written must have one reading");
  assert.equal(message.body, body, "the body");
  if (ends > 0) assert(message.complete, "what was ended must be whole");
  else if (body.length > 0 && message.framing !== "content-length") assert(!message.complete);
  const sent = message.fields.find((field) => field[0] === name)?.[1];
  if (name !== "Host") assert.equal(sent, value.replace(/^[\t ]+|[\t ]+$/g, ""), "the field");
  if (role === "client") {
    const { method: readMethod, target: readTarget } = message as WireMessage & {
      method: string;
      target: string;
    };
    assert.deepEqual([readMethod, readTarget], [method, target]);
  }
}
