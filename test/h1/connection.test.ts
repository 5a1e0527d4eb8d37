/**
 * The life of a connection from the caller's side: what may be sent when, what a refusal leaves behind, and whether the
 * connection may be used again.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LocalProtocolError, ProtocolError, TruncatedError } from "../../lib/errors.ts";
import { Connection } from "../../lib/h1/connection.ts";
import { NEED_DATA, PAUSED } from "../../lib/h1/events.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { Framing, RequestHead, ResponseHead } from "../../lib/message.ts";
import { latin1, octets } from "./play.ts";

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close-delimited" };

function length(bytes: number): Framing {
  return { kind: "content-length", length: bytes };
}

function request(fields: Record<string, string> = {}, method = "GET", target = "/"): RequestHead {
  return { method, target, version: "1.1", headers: new HeaderList({ Host: "a", ...fields }) };
}

function response(status: number, fields: Record<string, string> = {}): ResponseHead {
  return { status, reason: "", version: "1.1", headers: new HeaderList(fields) };
}

/** A server that has read a whole request. */
function server(head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"): Connection {
  const connection = new Connection("server");
  connection.receive(octets(head));
  while (typeof connection.nextEvent() === "object");
  return connection;
}

/** A client that has sent a whole request. */
function client(head = request()): Connection {
  const connection = new Connection("client");
  connection.sendRequest(head, NONE);
  connection.sendEnd();
  connection.take();
  return connection;
}

function taken(connection: Connection): string {
  return connection.take().map(latin1).join("");
}

/** A send must be refused, and must change nothing. */
function refuses(connection: Connection, send: () => void, message: RegExp): void {
  const { ourState, theirState, pending } = connection;
  assert.throws(send, (error: Error) => error instanceof LocalProtocolError && message.test(error.message));
  assert.deepEqual([connection.ourState, connection.theirState, connection.pending], [
    ourState,
    theirState,
    pending,
  ]);
}

describe("what may be sent", () => {
  it("is a request by a client, and a response by a server", () => {
    const c = new Connection("client");
    const s = new Connection("server");
    refuses(c, () => c.sendResponse(response(200), CLOSE), /role must be server/);
    refuses(c, () => c.sendInterim(response(100)), /role must be server/);
    refuses(s, () => s.sendRequest(request(), NONE), /role must be client/);
  });

  it("is a head, then data, then the end, once each", () => {
    const c = new Connection("client");
    refuses(c, () => c.sendData(octets("a")), /"idle"/);
    refuses(c, () => c.sendEnd(), /"idle"/);
    c.sendRequest(request(), NONE);
    refuses(c, () => c.sendRequest(request(), NONE), /"body"/);
    c.sendEnd();
    refuses(c, () => c.sendEnd(), /"done"/);
    refuses(c, () => c.sendData(octets("a")), /"done"/);
  });

  it("is a head whose fields announce the framing", () => {
    const c = new Connection("client");
    const rows: [Record<string, string>, Framing][] = [
      [{}, length(5)],
      [{ "content-length": "6" }, length(5)],
      [{ "content-length": "5", "transfer-encoding": "chunked" }, length(5)],
      [{ "content-length": "5", "transfer-encoding": "chunked" }, CHUNKED],
      [{}, CHUNKED],
      [{ "transfer-encoding": "gzip" }, CHUNKED],
      [{ "content-length": "5" }, NONE],
      [{ "transfer-encoding": "chunked" }, NONE],
      [{}, CLOSE],
    ];
    for (const [fields, framing] of rows) {
      refuses(c, () => c.sendRequest(request(fields), framing), /announce|must have a framing/);
    }
    const s = server();
    refuses(s, () => s.sendResponse(response(200, { "content-length": "5" }), CLOSE), /announce/);
    refuses(s, () => s.sendResponse(response(200, { "content-length": "5" }), NONE), /announce/);
  });

  it("is a first line that no reader takes for two", () => {
    const c = new Connection("client");
    for (const method of ["", "G ET", "GET\r\n", "G\0T"]) {
      refuses(c, () => c.sendRequest(request({}, method), NONE), /method must be a token/);
    }
    for (const target of ["", "/a b", "/a\r\nX: 1", "/\0", "/#a"]) {
      refuses(c, () => c.sendRequest(request({}, "GET", target), NONE), /target must be/);
    }
    const s = server();
    for (const status of [99, 1000, 200.5, NaN]) {
      refuses(
        s,
        () => s.sendResponse(response(status, { "content-length": "0" }), length(0)),
        /status must be/,
      );
    }
    for (const reason of ["a\r\nX: 1", "a\0", "a\u0100"]) {
      const head = { ...response(200, { "content-length": "0" }), reason };
      refuses(s, () => s.sendResponse(head, length(0)), /reason must be/);
    }
    s.sendResponse(response(200, { "content-length": "0" }), length(0));
  });

  it("is as much data as was announced", () => {
    const s = server();
    s.sendResponse(response(200, { "content-length": "5" }), length(5));
    refuses(s, () => s.sendData(octets("123456")), /5 bytes of the Content-Length are left/);
    s.sendData(octets("123"));
    refuses(s, () => s.sendEnd(), /2 bytes of the Content-Length are left/);
    s.sendData(octets("45"));
    s.sendEnd();
  });

  it("is a frame, whole or in pieces, and never an empty one", () => {
    const s = server();
    s.sendResponse(response(200, { "transfer-encoding": "chunked" }), CHUNKED);
    taken(s);
    refuses(s, () => s.sendData(octets("")), /0 bytes/);
    refuses(s, () => s.sendData(octets(""), 5, false), /0 bytes/);
    refuses(s, () => s.sendData(octets("a"), 0, false), /0 bytes of the chunk are left/);
    refuses(s, () => s.sendData(octets("abc"), 2, true), /2 bytes of the chunk are left/);
    refuses(s, () => s.sendData(octets("abc"), 3, false), /3 bytes of the chunk are left/);
    refuses(s, () => s.sendData(octets("abc"), 4, true), /4 bytes of the chunk are left/);
    s.sendData(octets("abc"), 10, false);
    refuses(s, () => s.sendData(octets("abc")), /7 bytes of the one before are left/);
    refuses(s, () => s.sendEnd(), /7 bytes of a chunk are left/);
    s.sendData(octets("defg"), 0, false);
    s.sendData(octets("hij"), 0, true);
    s.sendData(octets("!"));
    s.sendEnd();
    assert.equal(taken(s), "a\r\nabcdefghij\r\n1\r\n!\r\n0\r\n\r\n");
  });

  it("is no body where there is none", () => {
    for (const [head, status] of [["HEAD", 200], ["GET", 204], ["GET", 304]] as const) {
      const s = server(`${head} / HTTP/1.1\r\nHost: a\r\n\r\n`);
      refuses(s, () => s.sendResponse(response(status, { "content-length": "5" }), length(5)), /no body/);
      s.sendResponse(response(status, status === 204 ? {} : { "content-length": "5" }), NONE);
      refuses(s, () => s.sendData(octets("hello")), /no body/);
      s.sendEnd();
    }
  });

  it("announces no body in vain, and none that nobody could read", () => {
    for (const fields of [{ "content-length": "5" }, { "transfer-encoding": "chunked" }]) {
      const s = server();
      refuses(s, () => s.sendResponse(response(204, fields), NONE), /must announce none/);
      refuses(s, () => s.sendInterim(response(103, fields)), /must announce none/);
      s.sendResponse(response(304, fields), NONE);
    }
    const faulty: Record<string, string>[] = [
      { "content-length": "5x" },
      { "content-length": "05" },
      { "content-length": "9007199254740992" },
      { "transfer-encoding": "gzip" },
      { "content-length": "5", "transfer-encoding": "chunked" },
    ];
    for (const fields of faulty) {
      const s = server("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
      refuses(s, () => s.sendResponse(response(200, fields), NONE), /must announce the framing/);
    }
  });

  it("is nothing to an HTTP/1.0 client that it can't read", () => {
    const s = server("GET / HTTP/1.0\r\n\r\n");
    refuses(s, () => s.sendInterim(response(100)), /1xx, and to HTTP\/1.1/);
    refuses(s, () => s.sendResponse(response(200, { "transfer-encoding": "chunked" }), CHUNKED), /HTTP\/1.0/);
    s.sendResponse(response(200), CLOSE);
  });

  it("is any number of interim responses, and then a final one", () => {
    const s = server();
    s.sendInterim(response(100));
    s.sendInterim(response(103, { Link: "<a>" }));
    refuses(s, () => s.sendInterim(response(200)), /1xx/);
    refuses(s, () => s.sendResponse(response(103), NONE), /final/);
    s.sendResponse(response(204), NONE);
    refuses(s, () => s.sendInterim(response(103)), /"body"/);
    s.sendEnd();
    assert.equal(taken(s), "HTTP/1.1 100 \r\n\r\nHTTP/1.1 103 \r\nLink: <a>\r\n\r\nHTTP/1.1 204 \r\n\r\n");
  });

  it("is trailers without what may not be in them, and none where there is no place for them", () => {
    const trailers = new HeaderList({ "X-A": "1", "Content-Length": "5", "Set-Cookie": "a" });
    const s = server();
    s.sendResponse(response(200, { "transfer-encoding": "chunked" }), CHUNKED);
    s.sendEnd(trailers);
    assert.match(taken(s), /\r\n\r\n0\r\nX-A: 1\r\n\r\n$/);
    s.startNextCycle();
    s.receive(octets("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
    while (typeof s.nextEvent() === "object");
    s.sendResponse(response(200, { "content-length": "0" }), length(0));
    s.sendEnd(trailers);
    assert.equal(taken(s), "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n");
  });

  it("is an answer after the other side's error", () => {
    const s = new Connection("server");
    s.receive(octets("GET / HTTP/1.1\r\n bad"));
    assert.throws(() => s.nextEvent(), ProtocolError);
    s.sendResponse(response(400, { "content-length": "0" }), length(0));
    s.sendEnd();
    assert.equal(taken(s), "HTTP/1.1 400 \r\ncontent-length: 0\r\n\r\n");
    assert.equal(s.reusable, false);
  });

  it("is an answer before the request has ended", () => {
    const s = server("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe");
    s.sendResponse(response(413, { "content-length": "0" }), length(0));
    s.sendEnd();
    assert.equal(s.reusable, false);
    s.receive(octets("llo"));
    assert.equal((s.nextEvent() as { type: string }).type, "data");
    assert.equal((s.nextEvent() as { type: string }).type, "end");
    assert.equal(s.reusable, true);
  });
});

describe("whether a connection is used again", () => {
  const cases: [string, string, Record<string, string>, Framing, boolean][] = [
    ["yes, in HTTP/1.1", "HTTP/1.1\r\nHost: a", { "content-length": "0" }, length(0), true],
    [
      "no, when the request says close",
      "HTTP/1.1\r\nHost: a\r\nConnection: close",
      { "content-length": "0" },
      length(0),
      false,
    ],
    [
      "no, when the response says close",
      "HTTP/1.1\r\nHost: a",
      { "content-length": "0", connection: "x, Close" },
      length(0),
      false,
    ],
    ["no, when the connection's end is the body's", "HTTP/1.1\r\nHost: a", {}, CLOSE, false],
    ["no, in HTTP/1.0", "HTTP/1.0", { "content-length": "0", connection: "keep-alive" }, length(0), false],
    [
      "yes, in HTTP/1.0 when both say so",
      "HTTP/1.0\r\nConnection: keep-alive",
      { "content-length": "0", connection: "keep-alive" },
      length(0),
      true,
    ],
    [
      "no, in HTTP/1.0 when only the client does",
      "HTTP/1.0\r\nConnection: keep-alive",
      { "content-length": "0" },
      length(0),
      false,
    ],
  ];
  for (const [name, head, fields, framing, reusable] of cases) {
    it(name, () => {
      const s = server(`GET / ${head}\r\n\r\n`);
      s.sendResponse(response(200, fields), framing);
      s.sendEnd();
      assert.equal(s.reusable, reusable);
      assert.equal(s.nextEvent(), PAUSED);
      assert.deepEqual(
        [s.theirState, s.ourState],
        reusable ? ["done", "done"] : ["must-close", "must-close"],
      );
      if (reusable) {
        s.startNextCycle();
        assert.deepEqual([s.theirState, s.ourState, s.nextEvent()], ["idle", "idle", NEED_DATA]);
      } else refuses(s, () => s.startNextCycle(), /must be "done"/);
    });
  }

  it("not before both sides are done", () => {
    const s = server();
    assert.equal(s.reusable, false);
    refuses(s, () => s.startNextCycle(), /"idle"/);
  });

  it("not after a refused CONNECT", () => {
    const s = server("CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n");
    s.sendResponse(response(403, { "content-length": "0" }), length(0));
    s.sendEnd();
    assert.equal(s.ourState, "must-close");
  });

  it("not by a client that got more than it asked for", () => {
    const c = client();
    c.receive(octets("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n"));
    while (typeof c.nextEvent() === "object");
    assert.deepEqual([c.theirState, c.ourState, c.buffered, c.reusable], ["done", "done", 17, false]);
    refuses(c, () => c.startNextCycle(), /reusable/);
  });

  it("not by a client that got FIN", () => {
    const c = client();
    c.receive(octets("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    c.receive(null);
    while (typeof c.nextEvent() === "object");
    assert.equal(c.reusable, false);
  });

  it("and what is on it while it is idle is noticed", () => {
    const c = new Connection("client");
    assert.equal(c.nextEvent(), NEED_DATA);
    c.receive(octets("HTTP/1.1 200 OK\r\n"));
    assert.equal(c.nextEvent(), PAUSED);
    assert.equal(c.buffered, 17);
    const other = new Connection("client");
    other.receive(null);
    assert.deepEqual(other.nextEvent(), { type: "closed" });
    assert.equal(other.theirState, "closed");
  });
});

describe("the end of the other side", () => {
  it("tells a connection that was stale from an answer that was cut", () => {
    const stale = client();
    stale.receive(null);
    assert.throws(
      () => stale.nextEvent(),
      (error: unknown) => error instanceof TruncatedError && !error.began,
    );
    const cutShort = client();
    cutShort.receive(octets("HTT"));
    cutShort.receive(null);
    assert.throws(
      () => cutShort.nextEvent(),
      (error: unknown) => error instanceof TruncatedError && error.began,
    );
  });

  it("ends a body that nothing else delimits, unless it may be somebody else's doing", () => {
    const read = (cut: boolean, head: string) => {
      const c = client();
      c.receive(octets(head));
      assert.equal((c.nextEvent() as { type: string }).type, "response");
      assert.equal((c.nextEvent() as { type: string }).type, "data");
      c.receive(null, cut);
      return c.nextEvent();
    };
    assert.deepEqual(read(false, "HTTP/1.1 200 OK\r\n\r\nfoobar"), { type: "end", trailers: null });
    assert.throws(() => read(true, "HTTP/1.1 200 OK\r\n\r\nfoobar"), TruncatedError);
    const whole = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nfoobar";
    assert.deepEqual(read(true, whole), { type: "end", trailers: null });
  });

  it("is the last thing that comes", () => {
    const s = new Connection("server");
    s.receive(null);
    s.receive(null);
    assert.throws(() => s.receive(octets("a")), LocalProtocolError);
  });

  it("leaves a request that came before it to be answered", () => {
    const s = server();
    s.receive(null);
    assert.equal(s.nextEvent(), PAUSED);
    s.sendResponse(response(204), NONE);
    s.sendEnd();
    s.startNextCycle();
    assert.deepEqual(s.nextEvent(), { type: "closed" });
    assert.equal(s.nextEvent(), PAUSED);
  });
});

describe("a tunnel", () => {
  it("begins behind a 2xx to CONNECT, and keeps what came early", () => {
    const s = server("CONNECT b:443 HTTP/1.1\r\nHost: b\r\n\r\n\x16\x03");
    assert.equal(s.nextEvent(), PAUSED);
    s.keep();
    s.sendResponse(response(200), NONE);
    assert.equal(taken(s), "HTTP/1.1 200 \r\n\r\n");
    assert.deepEqual([s.theirState, s.ourState, s.nextEvent()], ["tunnel", "tunnel", PAUSED]);
    assert.equal(latin1(s.rest()), "\x16\x03");
    assert.equal(s.buffered, 0);
    refuses(s, () => s.sendEnd(), /"tunnel"/);
  });

  it("begins behind a 101 that was asked for", () => {
    const upgrade = "GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: foo\r\n";
    const s = server(`${upgrade}\r\nraw`);
    s.sendResponse(response(101, { Connection: "Upgrade", Upgrade: "foo" }), NONE);
    assert.deepEqual([s.theirState, s.ourState, s.nextEvent()], ["tunnel", "tunnel", PAUSED]);
    assert.equal(latin1(s.rest()), "raw");
    for (
      const head of [
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: foo\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: Upgrade\r\nUpgrade: foo\r\n\r\n",
        `${upgrade}Content-Length: 5\r\n\r\n`,
      ]
    ) {
      const other = server(head);
      refuses(other, () => other.sendInterim(response(101)), /asked for it|HTTP\/1.1/);
    }
  });
});
