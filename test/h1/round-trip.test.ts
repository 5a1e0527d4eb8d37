/**
 * What the writers write, the readers read: two connections, one of each role, joined by their bytes. One table drives
 * both directions, and every row is read at random cuts too.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Connection } from "../../lib/h1/connection.ts";
import { type Event, NEED_DATA, PAUSED } from "../../lib/h1/events.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { Framing, RequestHead, ResponseHead } from "../../lib/message.ts";
import { cut, latin1, octets, randomCuts } from "./play.ts";

const TRAILERS = new HeaderList({ "X-Sum": "1" });

interface Row {
  readonly name: string;
  readonly request?: RequestHead;
  readonly response?: ResponseHead;
  readonly method?: string;
  readonly framing: Framing;
  readonly body: readonly string[];
  readonly trailers?: HeaderList;
  readonly wire: string;
}

function get(fields: Record<string, string>, method = "GET"): RequestHead {
  return { method, target: "/x?y", version: "1.1", headers: new HeaderList({ Host: "a", ...fields }) };
}

function ok(fields: Record<string, string>, status = 200, reason = "OK"): ResponseHead {
  return { status, reason, version: "1.1", headers: new HeaderList(fields) };
}

const ROWS: readonly Row[] = [
  {
    name: "a request without a body",
    request: get({}),
    framing: { kind: "none" },
    body: [],
    wire: "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n",
  },
  {
    name: "a request with a length",
    request: get({ "Content-Length": "10" }, "POST"),
    framing: { kind: "content-length", length: 10 },
    body: ["01234", "56789"],
    wire: "POST /x?y HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n0123456789",
  },
  {
    name: "a chunked request",
    request: get({ "Transfer-Encoding": "chunked" }, "PUT"),
    framing: { kind: "chunked" },
    body: ["hello", "x".repeat(17)],
    trailers: TRAILERS,
    wire:
      "PUT /x?y HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n11\r\nxxxxxxxxxxxxxxxxx\r\n" +
      "0\r\nX-Sum: 1\r\n\r\n",
  },
  {
    name: "a response with a length",
    response: ok({ "content-length": "2", "X-A": "b\xe9" }),
    framing: { kind: "content-length", length: 2 },
    body: ["hi"],
    wire: "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX-A: b\xe9\r\n\r\nhi",
  },
  {
    name: "a response with an empty body",
    response: ok({ "content-length": "0" }, 404, ""),
    framing: { kind: "content-length", length: 0 },
    body: [],
    wire: "HTTP/1.1 404 \r\ncontent-length: 0\r\n\r\n",
  },
  {
    name: "a chunked response",
    response: ok({ "Transfer-Encoding": "chunked" }),
    framing: { kind: "chunked" },
    body: ["a", "bc"],
    wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
  },
  {
    name: "a close-delimited response",
    response: ok({}),
    framing: { kind: "close-delimited" },
    body: ["until the end"],
    wire: "HTTP/1.1 200 OK\r\n\r\nuntil the end",
  },
  {
    name: "an answer to HEAD, which announces what GET would get",
    response: ok({ "Transfer-Encoding": "chunked" }),
    method: "HEAD",
    framing: { kind: "none" },
    body: [],
    wire: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  },
  {
    name: "a 304 with a length",
    response: ok({ "Content-Length": "1234" }, 304, "Not Modified"),
    framing: { kind: "none" },
    body: [],
    wire: "HTTP/1.1 304 Not Modified\r\nContent-Length: 1234\r\n\r\n",
  },
];

/** A connection that sends the row, and one that is ready to read it. */
function pair(row: Row): { sender: Connection; receiver: Connection } {
  const server = new Connection("server");
  const client = new Connection("client");
  if (row.request !== undefined) return { sender: client, receiver: server };
  client.sendRequest(get({}, row.method), { kind: "none" });
  client.sendEnd();
  server.receive(joined(client.take()));
  assert.deepEqual([server.nextEvent(), server.nextEvent()].map((event) => (event as Event).type), [
    "request",
    "end",
  ]);
  return { sender: server, receiver: client };
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  return octets(pieces.map(latin1).join(""));
}

function write(sender: Connection, row: Row): Uint8Array {
  if (row.request !== undefined) sender.sendRequest(row.request, row.framing);
  else sender.sendResponse(row.response!, row.framing);
  for (const piece of row.body) sender.sendData(octets(piece));
  sender.sendEnd(row.trailers);
  assert.equal(sender.pending, row.wire.length);
  const pieces = sender.take();
  assert.equal(sender.pending, 0);
  return joined(pieces);
}

function read(receiver: Connection, row: Row, pieces: readonly Uint8Array[]): void {
  const events: Event[] = [];
  const drain = (): void => {
    for (
      let event = receiver.nextEvent();
      event !== NEED_DATA && event !== PAUSED;
      event = receiver.nextEvent()
    ) {
      events.push(event.type === "data" ? { ...event, bytes: event.bytes.slice() } : event);
    }
  };
  for (const piece of pieces) {
    receiver.receive(piece);
    drain();
  }
  if (row.framing.kind === "close-delimited") {
    receiver.receive(null);
    drain();
  }
  const [head, ...rest] = events;
  const { headers, ...line } = row.request ?? row.response!;
  assert(head !== undefined && (head.type === "request" || head.type === "response"));
  const { type: _, framing, headers: read, ...readLine } = head;
  assert.deepEqual(readLine, line);
  assert.deepEqual([...read], [...headers]);
  assert.deepEqual(framing, row.framing);
  assert.equal(
    rest.map((event) => event.type === "data" ? latin1(event.bytes) : "").join(""),
    row.body.join(""),
  );
  const frames = rest.flatMap((event) =>
    event.type === "data" && event.frameSize > 0 ? [event.frameSize] : []
  );
  assert.deepEqual(frames, row.framing.kind === "chunked" ? row.body.map((piece) => piece.length) : []);
  const end = rest.at(-1);
  assert(end?.type === "end");
  assert.deepEqual([...end.trailers ?? []], [...row.trailers ?? []]);
}

describe("what is written is read", () => {
  for (const row of ROWS) {
    it(row.name, () => {
      const { sender, receiver } = pair(row);
      const bytes = write(sender, row);
      assert.equal(latin1(bytes), row.wire);
      read(receiver, row, [bytes]);
      for (let seed = 1; seed <= 8; seed++) {
        read(pair(row).receiver, row, cut(bytes, ...randomCuts(bytes.length, seed)));
      }
    });
  }

  it("frame for frame, through a proxy that reads in pieces", () => {
    const wire = octets(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\n0123456789\r\n3\r\nabc\r\n0\r\nX: 1\r\n\r\n",
    );
    for (let at = 1; at < wire.length; at++) {
      const { sender, receiver } = pair({
        name: "",
        response: ok({}),
        framing: { kind: "chunked" },
        body: [],
        wire: "",
      });
      const out: Uint8Array[] = [];
      for (const piece of cut(wire, at)) {
        receiver.receive(piece);
        for (let event = receiver.nextEvent(); typeof event === "object"; event = receiver.nextEvent()) {
          if (event.type === "response") sender.sendResponse(event, event.framing);
          else if (event.type === "data") sender.sendData(event.bytes, event.frameSize, event.frameEnd);
          else if (event.type === "end") sender.sendEnd(event.trailers);
        }
        receiver.keep();
        out.push(...sender.take());
      }
      assert.equal(latin1(joined(out)), latin1(wire), `cut at ${at}`);
    }
  });
});
