/**
 * Clients that come by SOCKS5: what is served as HTTP, what is a tunnel, and what is refused.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { advance } from "../../lib/clock.ts";
import { SocketError } from "../../lib/errors.ts";
import type { Flow } from "../../lib/flow.ts";
import { defaultTimeouts } from "../../lib/timeouts.ts";
import { createLog } from "../../lib/log.ts";
import type { ProxyOptions } from "../../lib/proxy.ts";
import { socksReplies, type SocksReply } from "../../lib/socks5.ts";
import { replace } from "../../transforms/mod.ts";
import { observed } from "../harness/observe.ts";
import { ORIGIN, originAt, play as playAny, settle, type Stage, type WireEnd } from "../harness/playbook.ts";

function play(options: Partial<ProxyOptions>, script: (stage: Stage) => Promise<void>): Promise<void> {
  return playAny({ mode: { kind: "socks5" }, ...options }, script);
}

const HELLO = "\x05\x01\x00";
const via = "Via: 1.1 sluice\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A request for a connection. */
function ask(host = ORIGIN, port = 80): string {
  const place = `\x03${String.fromCharCode(host.length)}${host}`;
  return `\x05\x01\x00${place}${String.fromCharCode(port >> 8, port & 0xff)}`;
}

function reply(name: SocksReply): string {
  return `\x05${String.fromCharCode(socksReplies[name])}\x00\x01${"\0".repeat(6)}`;
}

/** Shakes hands, and is let in. */
async function enter({ client, origin }: Stage, port = 80): Promise<WireEnd> {
  client.send(HELLO + ask(ORIGIN, port));
  const upstream = await origin();
  await client.gets(`\x05\x00${reply("succeeded")}`);
  return upstream;
}

describe("HTTP on a SOCKS connection", () => {
  it("is served by the engine, over the connection that was made", () => {
    const { hooks, order } = observed();
    return play({ hooks }, async (stage) => {
      const { client, originCount, ends } = stage;
      const upstream = await enter(stage);
      for (const path of ["/1", "/2"]) {
        client.send(`GET ${path} HTTP/1.1\r\nHost: ${ORIGIN}\r\nX-Case: Kept\r\n\r\n`);
        await upstream.gets(`GET ${path} HTTP/1.1\r\nHost: ${ORIGIN}\r\nX-Case: Kept\r\n${via}\r\n`);
        upstream.send(OK);
        await client.gets(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n${via}\r\nok`);
        await settle();
      }
      assert.equal(originCount(), 1);
      assert.deepEqual(ends, [null, null]);
      assert.deepEqual(order.slice(0, 4), ["requestheaders", "request", "responseheaders", "response"]);
    });
  });

  it("may come at once, with the handshake and with a second request", () =>
    play({}, async ({ client, origin }) => {
      const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`;
      client.send(HELLO + ask() + get("/1") + get("/2"));
      const upstream = await origin();
      assert.match(await upstream.getsHead(), /^GET \/1 /);
      upstream.send(OK);
      assert.match(await upstream.getsHead(), /^GET \/2 /);
      upstream.send(OK);
      await client.gets(`\x05\x00${reply("succeeded")}HTTP/1.1 200 OK\r\n`);
    }));

  it("may come octet by octet, as the handshake may", () =>
    play({}, async ({ client, origin }) => {
      for (const octet of `${HELLO}${ask()}GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`) {
        client.send(octet);
        await Promise.resolve();
      }
      assert.match(await (await origin()).getsHead(), /^GET \/ HTTP/);
    }));

  it("is changed by scripts", () => {
    const hooks = [{
      responseheaders: (flow: Flow) => void (flow.response!.stream = replace("k", "K")),
    }];
    return play({ hooks }, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      await upstream.getsHead();
      upstream.send(OK);
      assert.match(await stage.client.getsHead(), /\r\nTransfer-Encoding: chunked\r\n/);
      await stage.client.gets("2\r\noK\r\n0\r\n\r\n");
    });
  });

  /** What a request says of its host, the URL that a script sees, and the Host that the origin gets. */
  const hosts: readonly (readonly [request: string, href: string, host: string])[] = [
    ["GET /a HTTP/1.1\r\nHost: other.test:81", "http://other.test:81/a", "other.test:81"],
    ["GET http://third.test/a HTTP/1.1\r\nHost: other.test", "http://third.test/a", "third.test"],
    ["GET /a HTTP/1.0", `http://${ORIGIN}/a`, `${ORIGIN}:80`],
    ["OPTIONS * HTTP/1.1\r\nHost: other.test", "http://other.test/", "other.test"],
  ];
  for (const [request, href, host] of hosts) {
    it(`goes where the connection goes: ${request.split("\r\n").join(", ")}`, () => {
      const seen: string[] = [];
      const hooks = [{ requestheaders: ({ request }: Flow) => void seen.push(request.url.href) }];
      return play({ hooks }, async (stage) => {
        const upstream = await enter(stage);
        stage.client.send(`${request}\r\n\r\n`);
        const head = await upstream.getsHead();
        assert.match(head, request.startsWith("OPTIONS") ? /^OPTIONS \* / : /^GET \/a /);
        assert.ok(head.includes(`\r\nHost: ${host}\r\n`), head);
        assert.deepEqual(seen, [href]);
      });
    });
  }

  it("goes elsewhere where a script says so", () => {
    const hooks = [{ requestheaders: ({ request }: Flow) => void (request.url = "http://b.test/c") }];
    return play({ hooks }, async (stage) => {
      const place = originAt(stage.network, "b.test", 80);
      await enter(stage);
      stage.client.send(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      assert.match(await (await place).getsHead(), /^GET \/c HTTP\/1\.1\r\nHost: b\.test\r\n/);
    });
  });

  it("may be an upgrade", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send("GET / HTTP/1.1\r\nHost: o\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n");
      await upstream.getsHead();
      upstream.send("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhi");
      await stage.client.getsHead();
      await stage.client.gets("hi");
    }));

  it("that is broken is refused as anywhere", () =>
    play({}, async (stage) => {
      await enter(stage);
      stage.client.send("GET / HTTP/1.1\r\nNo-Host: x\r\n\r\n");
      assert.match(await stage.client.ends("end"), /^HTTP\/1\.1 400 /);
    }));

  it("has no tunnel in it", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      await upstream.getsHead();
      upstream.send(OK);
      await stage.client.getsHead();
      await stage.client.gets("ok");
      stage.client.send("CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\n\r\n");
      assert.match(await stage.client.ends("end"), /^HTTP\/1\.1 405 /);
    }));

  it("is asked again where the origin has closed the connection meanwhile", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send("GE");
      await settle();
      stage.client.send(`T / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      await upstream.getsHead();
      upstream.socket.abort();
      const second = await stage.origin();
      await second.getsHead();
      second.send(OK);
      assert.match(await stage.client.getsHead(), /^HTTP\/1\.1 200 /);
    }));
});

describe("anything else on a SOCKS connection", () => {
  const speeches: readonly (readonly [what: string, bytes: string])[] = [
    ["TLS", "\x16\x03\x01\x00\x05hello"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["a request to another proxy", "CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"],
    ["no protocol at all", "\0\xff\r\n\r\n"],
  ];
  for (const [what, bytes] of speeches) {
    it(`is passed on unread: ${what}`, () => {
      const { hooks, order } = observed();
      return play({ hooks }, async (stage) => {
        const { client, ends } = stage;
        const upstream = await enter(stage);
        client.send(bytes);
        await upstream.gets(bytes);
        upstream.send("answer");
        await client.gets("answer");
        client.end();
        await upstream.ends("end");
        upstream.send("more");
        await client.gets("more");
        upstream.end();
        await client.ends("end");
        await settle();
        assert.deepEqual(order, ["requestheaders", "response"]);
        assert.deepEqual(ends, [null]);
      });
    });
  }

  it("may begin with the server", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      upstream.send("220 at your service\r\n");
      await stage.client.gets("220 at your service\r\n");
      stage.client.send("GET / HTTP/1.1\r\n\r\n");
      await upstream.gets("GET / HTTP/1.1\r\n\r\n");
    }));

  it("may begin with the server, behind the beginning of what could have been a request", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send("GET");
      await upstream.getsNothing();
      upstream.send("220\r\n");
      await stage.client.gets("220\r\n");
      await upstream.gets("GET");
      stage.client.send(" / HTTP/1.1");
      await upstream.gets(" / HTTP/1.1");
    }));

  it("may be nothing: the end of either side is passed on", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      upstream.end();
      assert.equal(await stage.client.ends("end"), "");
      stage.client.send("x");
      await upstream.gets("x");
      stage.client.end();
      await upstream.ends("end");
      const other = await stage.connect();
      const second = await enter({ ...stage, client: other });
      other.end();
      assert.equal(await second.ends("end"), "");
    }));

  it("is told in the log by its place", async () => {
    let text = "";
    const log = createLog({ write: (lines) => text += lines });
    await play({ log }, async (stage) => {
      const upstream = await enter(stage);
      upstream.send("220");
      await stage.client.gets("220");
      upstream.end();
      stage.client.end();
      await stage.client.ends("end");
      await settle();
    });
    assert.match(text, new RegExp(`: CONNECT ${ORIGIN}:80\\n +<< 200 .*3b`));
  });

  it("goes through what a script puts into the tunnel", () => {
    const hooks = [{
      requestheaders: ({ tunnel }: Flow) => {
        tunnel!.toServer = replace("a", "b");
        tunnel!.toClient = replace("c", "d");
      },
    }];
    return play({ hooks }, async (stage) => {
      const upstream = await enter(stage);
      upstream.send("c");
      await stage.client.gets("d");
      stage.client.send("a");
      await upstream.gets("b");
    });
  });

  const scripts: readonly (readonly [what: string, act: (flow: Flow) => void, ending: "end" | "reset"])[] = [
    ["killed", (flow) => flow.kill(), "reset"],
    [
      "answered: nobody could tell the client",
      (flow) => void (flow.response = { status: 403, body: "no" }),
      "end",
    ],
    ["failed", () => {
      throw new Error("out of order");
    }, "reset"],
  ];
  for (const [what, act, ending] of scripts) {
    it(`may be ${what}`, () => {
      const { hooks, order } = observed({ requestheaders: act });
      return play({ hooks }, async (stage) => {
        const upstream = await enter(stage);
        stage.client.send("\x16\x03\x01");
        assert.equal(await stage.client.ends(ending), "");
        assert.equal(await upstream.ends(ending), "");
        await settle();
        assert.deepEqual(order, ["requestheaders", ending === "end" ? "response" : "error"]);
        assert.equal(stage.ends.length, 1);
      });
    });
  }

  for (const side of ["client", "origin"] as const) {
    it(`breaks with a reset of the ${side}, also before anything was said`, () =>
      play({}, async (stage) => {
        const upstream = await enter(stage);
        const ends = { client: stage.client, origin: upstream };
        ends[side].socket.abort();
        await ends[side === "client" ? "origin" : "client"].ends();
        const other = await stage.connect();
        const second = await enter({ ...stage, client: other });
        second.send("220");
        await other.gets("220");
        const later = { client: other, origin: second };
        later[side].socket.abort();
        await later[side === "client" ? "origin" : "client"].ends("reset");
      }));
  }
});

describe("a SOCKS client is refused", () => {
  const refused = async (stage: Stage, request: string, name: SocksReply) => {
    stage.client.send(HELLO + request);
    assert.equal(await stage.client.ends("end"), `\x05\x00${reply(name)}`);
    assert.deepEqual(stage.ends, []);
  };

  const failures = [
    ["refused", "refused"],
    ["dns", "hostUnreachable"],
    ["unreachable", "networkUnreachable"],
    ["timeout", "hostUnreachable"],
    ["exhausted", "failure"],
  ] as const;
  for (const [code, name] of failures) {
    it(`where the connection fails (${code})`, () =>
      play({}, (stage) => {
        stage.network.failure = new SocketError(code, "no way");
        return refused(stage, ask(), name);
      }));
  }

  const guarded = { blockPrivate: true, connectPorts: [443] } as const;
  const places:
    readonly (readonly [what: string, host: string, port: number, options: Partial<ProxyOptions>])[] = [
      ["a private address", "10.0.0.1", 80, guarded],
      ["a name for a private address", "private.test", 443, guarded],
      ["a port that tunnels may not lead to", "192.0.2.1", 22, guarded],
      ["mail", "192.0.2.1", 25, {}],
      ["mail, by a port that is allowed", "192.0.2.1", 25, { connectPorts: [25] }],
    ];
  for (const [what, host, port, options] of places) {
    it(`to ${what}`, () =>
      play(options, async (stage) => {
        stage.network.names.set("private.test", ["10.0.0.1"]);
        await refused(stage, ask(host, port), "notAllowed");
        assert.equal(stage.originCount(), 0);
      }));
  }

  it("to the proxy itself", () =>
    play({}, async (stage) => {
      const { port } = await stage.proxy.listen({ host: "127.0.0.1", port: 0 });
      await refused(stage, ask("127.0.0.1", port), "notAllowed");
    }));

  it("that wants to BIND", () =>
    play({}, (stage) => refused(stage, `\x05\x02${ask().slice(2)}`, "unknownCommand")));

  it("that wants to tunnel to port 80, where only HTTP may go", () => {
    const { hooks, order } = observed();
    return play({ ...guarded, blockPrivate: false, hooks }, async (stage) => {
      const upstream = await enter(stage);
      stage.client.send("\x16\x03\x01");
      assert.equal(await stage.client.ends("reset"), "");
      assert.equal(await upstream.ends("reset"), "");
      await settle();
      assert.deepEqual(order, ["error"]);
      const other = await stage.connect();
      const second = await enter({ ...stage, client: other });
      other.send(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      assert.match(await second.getsHead(), /^GET \/ /);
    });
  });

  it("that speaks HTTP to it, without a word", () =>
    play({}, async ({ client, originCount }) => {
      client.send(`GET http://${ORIGIN}/ HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      assert.equal(await client.ends(), "");
      assert.equal(originCount(), 0);
    }));

  it("where there is no room, without a word", () =>
    playAny({ mode: { kind: "socks5" }, limits: { connectionCount: 1 } }, async ({ client, connect }) => {
      client.send("\x05");
      await settle();
      assert.equal(await (await connect()).ends(), "");
    }, { canPause: false }));
});

describe("SOCKS credentials", () => {
  const login = (text: string) => {
    const [user = "", password = ""] = text.split(":");
    return `\x05\x01\x02\x01${String.fromCharCode(user.length)}${user}${
      String.fromCharCode(password.length)
    }${password}`;
  };

  it("let in, and are not wanted again by HTTP", () =>
    play({ proxyAuth: "me:it" }, async ({ client, origin }) => {
      client.send(login("me:it") + ask());
      const upstream = await origin();
      await client.gets(`\x05\x02\x01\x00${reply("succeeded")}`);
      client.send(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n\r\n`);
      await upstream.gets(`GET / HTTP/1.1\r\nHost: ${ORIGIN}\r\n${via}\r\n`);
    }));

  it("that are wrong, or none, are refused before anything is connected to", () =>
    play({ proxyAuth: "me:it" }, async ({ client, connect, originCount }) => {
      client.send(login("me:or") + ask());
      assert.equal(await client.ends("end"), "\x05\x02\x01\x01");
      const other = await connect();
      other.send(HELLO + ask());
      assert.equal(await other.ends("end"), "\x05\xff");
      assert.equal(originCount(), 0);
    }));
});

describe("time on a SOCKS connection", () => {
  for (const said of ["", "\x05", HELLO, HELLO + ask().slice(0, -1)]) {
    it(`is bounded for the handshake, after ${JSON.stringify(said)}`, () =>
      play({}, async ({ client }) => {
        if (said !== "") client.send(said);
        await settle();
        advance(defaultTimeouts.handshakeMs - 1000);
        await settle();
        assert.equal(client.ending, "open");
        advance(1500);
        await client.ends("end");
      }));
  }

  it("is bounded for a handshake that trickles", () =>
    play({}, async ({ client }) => {
      for (const octet of HELLO) {
        client.send(octet);
        await settle();
        advance(defaultTimeouts.handshakeMs / 3);
      }
      advance(1500);
      assert.equal(await client.ends("end"), "\x05\x00");
    }));

  for (const said of ["", "GET"]) {
    it(`is bounded for the first bytes, after ${JSON.stringify(said)}`, () =>
      play({}, async (stage) => {
        const upstream = await enter(stage);
        if (said !== "") stage.client.send(said);
        await settle();
        advance(defaultTimeouts.idleMs - 1000);
        await stage.client.getsNothing();
        advance(1500);
        assert.equal(await stage.client.ends("end"), "");
        await upstream.ends();
      }));
  }

  it("is bounded for a tunnel, by the tunnel's own timeout", () =>
    play({}, async (stage) => {
      const upstream = await enter(stage);
      upstream.send("220");
      await stage.client.gets("220");
      advance(defaultTimeouts.idleMs + 1500);
      await stage.client.getsNothing();
      advance(defaultTimeouts.tunnelMs);
      await stage.client.ends("reset");
      await upstream.ends("reset");
    }));
});

describe("a SOCKS client that leaves", () => {
  it("while its connection is made ends that", async () => {
    let aborted = false;
    await play({}, async ({ client, network }) => {
      network.connect = ({ signal }) =>
        new Promise((_, reject) => {
          signal!.addEventListener("abort", () => {
            aborted = true;
            reject(signal!.reason);
          });
        });
      client.send(HELLO + ask());
      await settle();
      client.socket.abort();
      await settle();
    });
    assert.ok(aborted);
  });

  for (const said of ["\x05", HELLO]) {
    it(`within the handshake is forgotten, after ${JSON.stringify(said)}`, () =>
      play({}, async ({ client, connect, ends }) => {
        client.send(said);
        await settle();
        client.end();
        await client.ends("end");
        const other = await connect();
        other.send(said);
        await settle();
        other.socket.abort();
        await settle();
        assert.deepEqual(ends, []);
      }));
  }

  it("is ended with the proxy, at every stage", async () => {
    for (
      const said of ["", "\x05", HELLO, HELLO + ask(), `${HELLO}${ask()}GET`, `${HELLO}${ask()}\x16\x03\x01`]
    ) {
      await play({}, async ({ client, proxy }) => {
        if (said !== "") client.send(said);
        await settle();
        await proxy.close(0);
        await client.ends();
      });
    }
  });
});
