/**
 * The proxy itself, between a raw client and raw origins on a network in memory. One end sends what is fuzzed, the other
 * behaves.
 *
 * - To an origin nothing goes that has two readings, and nothing that the client did not ask for, in its order.
 * - To the client nothing goes that has two readings; what has come whole arrives whole, and nothing else looks whole.
 * - It comes to an end.
 */
import assert from "node:assert/strict";
import type { Hooks } from "../../lib/hooks.ts";
import type { Version } from "../../lib/message.ts";
import { createProxy } from "../../lib/proxy.ts";
import type { Socket } from "../../lib/socket.ts";
import { rechunk } from "../../transforms/mod.ts";
import { readRequests, readResponses, type WireRequest, type WireResponse } from "../corpus/strict-reader.ts";
import { MemoryNetwork } from "../harness/memory-network.ts";
import { latin1, octets as toBytes, ORIGIN, WireEnd } from "../harness/playbook.ts";
import { signature } from "./codec.ts";
import { type CodecSettings, type Reading, type ReadMessage, readWithCodec } from "./codec-reader.ts";
import { messages } from "./generate.ts";
import type { Random } from "./random.ts";
import { atOrigin } from "./relay.ts";
import { wireSeeds } from "./seeds.ts";
import { type Case, type Target, target } from "./target.ts";

interface EngineSettings {
  /** Whose octets these are; the other end behaves. */
  readonly sender: "client" | "origin";
  /** What happens to bodies: passed on, changed into other pieces, or whole for a hook. */
  readonly treatment: "passed" | "streamed" | "buffered";
  /** What a client that behaves asks. */
  readonly method: string;
  readonly version: Version;
  readonly cuts: readonly number[];
}

const hooks: Readonly<Record<EngineSettings["treatment"], readonly Hooks[]>> = {
  passed: [],
  streamed: [{
    requestheaders: ({ request }) => {
      request.stream = rechunk(7);
    },
    responseheaders: ({ response }) => {
      response!.stream = rechunk(7);
    },
  }],
  buffered: [{ request: () => {}, response: () => {} }],
};

const engine: Target<EngineSettings> = {
  name: "engine",
  share: 0.5,
  seeds: () =>
    wireSeeds().map(({ octets, settings: { role, methods } }): Case<EngineSettings> => ({
      octets,
      settings: {
        sender: role === "server" ? "client" : "origin",
        treatment: "passed",
        method: methods[0] === "HEAD" ? "HEAD" : "GET",
        version: "1.1",
        cuts: [],
      },
    })),
  generate(random) {
    const sender = random.pick(["client", "origin"] as const);
    const octets = messages(sender === "client" ? "requests" : "responses", random);
    return { octets, settings: anySettings(octets, sender, random) };
  },
  settle: (octets, { sender }, random) => anySettings(octets, sender, random),
  check: ({ octets, settings }) =>
    settings.sender === "client" ? checkRequests(octets, settings) : checkResponses(octets, settings),
};

/** The proxy, on octets of clients and of origins. */
export const engineTarget: Target = target(engine);

function anySettings(octets: string, sender: EngineSettings["sender"], random: Random): EngineSettings {
  return {
    sender,
    treatment: random.pick(["passed", "streamed", "buffered"]),
    method: random.pick(["GET", "GET", "HEAD"]),
    version: random.chance(0.8) ? "1.1" : "1.0",
    cuts: random.cuts(octets.length),
  };
}

/** What came of a run. */
interface Outcome {
  /** What the client got, and how that ended. */
  readonly client: WireEnd;
  /** What each connection to the origin got. */
  readonly origins: readonly string[];
}

/** Sends the client's octets and FIN, and waits for the end. */
async function runProxy(
  client: readonly Uint8Array[],
  answer: (socket: Socket, request: WireRequest) => void,
  treatment: EngineSettings["treatment"],
): Promise<Outcome> {
  const network = new MemoryNetwork();
  const origins: string[] = [];
  const failures: unknown[] = [];
  await network.listen({
    host: ORIGIN,
    port: 80,
    onSocket: (socket) => {
      const index = origins.push("") - 1;
      serve(socket, answer, (text) => origins[index] += text).catch((error: unknown) => failures.push(error));
    },
  });
  const mode = { kind: "reverse", origin: new URL(`http://${ORIGIN}`) } as const;
  const proxy = createProxy({ network, mode, hooks: hooks[treatment] });
  const end = new WireEnd(await network.connect(await proxy.listen({ host: "127.0.0.1", port: 0 })));
  try {
    for (const piece of client) end.socket.write([piece])?.catch(() => {});
    end.end();
    await end.ends();
  } finally {
    await proxy.close(0);
  }
  assert.deepEqual(failures, []);
  return { client: end, origins };
}

/** An origin that answers every request that has come whole. */
async function serve(
  socket: Socket,
  answer: (socket: Socket, request: WireRequest) => void,
  received: (text: string) => void,
): Promise<void> {
  let all = "";
  let answered = 0;
  for (let bytes = await next(socket); bytes !== null; bytes = await next(socket)) {
    all += latin1(bytes);
    received(latin1(bytes));
    for (const request of readRequests(all).slice(answered)) {
      if (!request.complete) break;
      answered++;
      answer(socket, request);
    }
  }
  socket.end();
}

/** The next bytes; a reset is an end too. */
function next(socket: Socket): Promise<Uint8Array | null> {
  return socket.read().catch(() => null);
}

function pieces(octets: string, cuts: readonly number[]): Uint8Array[] {
  const bytes = toBytes(octets);
  const ends = [...cuts.filter((place) => place < bytes.length), bytes.length];
  return ends.map((end, n) => bytes.slice(ends[n - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

function reading(octets: string, role: CodecSettings["role"], methods: readonly string[]): Reading {
  const rest = { upgrade: false, early: false, fin: true, narrow: false, cuts: [] };
  return readWithCodec(octets, { role, methods, ...rest });
}

/** A client sends what is fuzzed. */
async function checkRequests(octets: string, settings: EngineSettings): Promise<string> {
  const answer = (socket: Socket, { method }: WireRequest): void => {
    const body = method === "HEAD" ? "" : "ok";
    void socket.write([toBytes(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n${body}`)]);
  };
  const { client, origins } = await runProxy(pieces(octets, settings.cuts), answer, settings.treatment);
  const asked = reading(octets, "server", []);
  const complete = asked.messages.filter((message) => message.complete);
  const passed = origins.flatMap((received) => readRequests(received));
  for (const request of passed) {
    assert.deepEqual(request.problems, [], "what goes to the origin has one reading");
  }
  // Each is one that came, in their order.
  let from = 0;
  for (const request of passed.filter((message) => message.complete)) {
    const at = complete.findIndex((message, n) => n >= from && isSame(message, request));
    assert(at >= 0, `nobody has asked for ${request.method} ${request.target}`);
    from = at + 1;
  }
  const got = readResponses(client.received, {
    methods: complete.map(({ line }) => line[0]),
    ending: client.ending === "end" ? "fin" : "rst",
  });
  checkReadable(got);
  const finals = got.filter(({ interim, complete }) => complete && !interim);
  const last = finals.at(-1);
  assert(
    finals.length >= complete.length || (last !== undefined && closes(last)),
    `${complete.length} requests must be answered, or the last answer say that it is: got ${finals.length}`,
  );
  assert(finals.length <= complete.length + 1, "nobody has asked for so many responses");
  return `${settings.treatment} ${last?.status} ${last?.framing} of ${passed.length} ${signature(asked)}`;
}

/** Whether a response is rightly the last: it refuses a request, or its body has no other end. */
function closes({ status, framing, fields }: WireResponse): boolean {
  return (status >= 400 || framing === "close-delimited") &&
    fields.some(([name, value]) => name === "Connection" && value === "close");
}

function isSame(message: ReadMessage, request: WireRequest): boolean {
  const [method, target] = atOrigin([message.line[0], message.line[1]]);
  return request.method === method && request.target === target && request.body === message.body;
}

/** An origin sends what is fuzzed. */
async function checkResponses(octets: string, settings: EngineSettings): Promise<string> {
  const { method, version, treatment, cuts } = settings;
  const answer = (socket: Socket): void => {
    for (const piece of pieces(octets, cuts)) socket.write([piece])?.catch(() => {});
    socket.end();
  };
  const request = toBytes(`${method} / HTTP/${version}\r\nHost: a\r\n\r\n`);
  const { client } = await runProxy([request], answer, treatment);
  const given = reading(octets, "client", [method]);
  const got = readResponses(client.received, {
    methods: [method],
    ending: client.ending === "end" ? "fin" : "rst",
  });
  checkReadable(got);
  const finals = got.filter(({ interim }) => !interim);
  assert(finals.length <= 1, "one response answers one request");
  const source = given.messages.find(({ kind }) => kind === "response");
  checkFinal(source, finals[0], settings);
  const last = finals[0];
  return `${treatment} ${last?.status === Number(source?.line[0])} ${last?.framing} ${signature(given)}`;
}

function checkFinal(
  source: ReadMessage | undefined,
  final: WireResponse | undefined,
  { method, version }: EngineSettings,
): void {
  if (source?.complete === true) {
    assert(final !== undefined, "a response that came whole must arrive");
    assert.equal(String(final.status), source.line[0]);
    assert.equal(final.body, method === "HEAD" ? "" : source.body, "the body");
    assert.equal(final.complete, true, "a response that came whole must arrive whole");
    if (version === "1.1") assert.deepEqual(final.trailers, source.trailers, "the trailers");
  } else if (final?.complete === true) {
    assert.equal(final.status, 502, "what was cut short must not look whole");
  }
}

function checkReadable(responses: readonly WireResponse[]): void {
  for (const response of responses) {
    assert.deepEqual(response.problems, [], "what goes to the client has one reading");
  }
}
