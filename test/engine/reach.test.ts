/**
 * Where a forward proxy lets its clients go: ports, addresses, itself; and who may use it at all. That every spelling of an
 * address comes to the same is for the runtimes' resolvers: `test/cli/hazards.test.ts` asks them.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLoopback, isPrivate, isUnspecified, parseIp } from "../../lib/ip-address.ts";
import { createProxy, type ProxyOptions } from "../../lib/proxy.ts";
import { MemoryNetwork } from "../harness/memory-network.ts";
import { originAt, play, settle, type WireEnd } from "../harness/playbook.ts";

const regular = { mode: { kind: "regular" } } as const;

/** Asks for a URL, and returns the answer's status and its text. */
async function answerTo(client: WireEnd, url: string, fields = ""): Promise<string> {
  client.send(`GET ${url} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
  return await answer(client);
}

async function tunnelTo(client: WireEnd, target: string, fields = ""): Promise<string> {
  client.send(`CONNECT ${target} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
  return await answer(client);
}

async function answer(client: WireEnd): Promise<string> {
  const head = await client.getsHead();
  await settle();
  return `${head.slice(9)}${client.received.slice(client.received.indexOf("\r\n\r\n") + 4)}`;
}

/** The other spellings of these are all resolved to one of them. */
const addresses: [text: string, same: string][] = [
  ["::ffff:127.0.0.1", "127.0.0.1"],
  ["::ffff:7f00:1", "127.0.0.1"],
  ["::FFFF:7F00:0001", "127.0.0.1"],
  ["0:0:0:0:0:ffff:127.0.0.1", "127.0.0.1"],
  ["0:0:0:0:0:0:0:1", "::1"],
  ["fe80::1%eth0", "fe80::1"],
  ["2001:db8:0:0::1", "2001:db8::1"],
];
for (const [text, same] of addresses) {
  test(`${text} is ${same}`, () => {
    assert.notEqual(parseIp(text), null);
    assert.equal(parseIp(text), parseIp(same));
  });
}

const noAddresses = [
  "",
  "a",
  "localhost",
  "1.2.3",
  "127.1",
  "1.2.3.256",
  "1.2.3.4.5",
  "0x7f000001",
  "2130706433",
];
for (
  const text of [...noAddresses, "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", ":1", "1:", "::g", "[::1]"]
) {
  test(`${JSON.stringify(text)} is no address`, () => assert.equal(parseIp(text), null));
}

/** The first and the last address of each range that strangers may not reach, and what lies beside it. */
const ranges: [first: string, last: string, ...outside: string[]][] = [
  ["0.0.0.0", "0.255.255.255", "1.0.0.0"],
  ["10.0.0.0", "10.255.255.255", "9.255.255.255", "11.0.0.0"],
  ["100.64.0.0", "100.127.255.255", "100.63.255.255", "100.128.0.0"],
  ["127.0.0.0", "127.255.255.255", "126.255.255.255", "128.0.0.0"],
  ["169.254.0.0", "169.254.255.255", "169.253.255.255", "169.255.0.0"],
  ["172.16.0.0", "172.31.255.255", "172.15.255.255", "172.32.0.0"],
  ["192.168.0.0", "192.168.255.255", "192.167.255.255", "192.169.0.0"],
  ["198.18.0.0", "198.19.255.255", "198.17.255.255", "198.20.0.0"],
  ["224.0.0.0", "255.255.255.255", "223.255.255.255"],
  ["::", "::1"],
  ["fc00::", "fdff:ffff::", "fbff::", "fe00::"],
  ["fe80::", "febf:ffff::", "fe7f::"],
  ["ff00::", "ffff::"],
  ["::ffff:10.0.0.1", "::10.0.0.1", "::ffff:8.8.8.8", "::8.8.8.8"],
  ["64:ff9b::10.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8"],
  ["2002:a00:1::", "2002:7f00:1::1", "2002:808:808::1"],
];
for (const [first, last, ...outside] of ranges) {
  test(`from ${first} to ${last} is private`, () => {
    for (const text of [first, last]) assert.equal(isPrivate(parseIp(text)!), true, text);
    for (const text of outside) assert.equal(isPrivate(parseIp(text)!), false, text);
  });
}

test("loopback and unspecified addresses, in both families", () => {
  for (const text of ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"]) {
    assert.ok(isLoopback(parseIp(text)!));
  }
  for (const text of ["128.0.0.1", "::2", "0.0.0.0"]) assert.ok(!isLoopback(parseIp(text)!));
  for (const text of ["0.0.0.0", "::", "::ffff:0.0.0.0"]) assert.ok(isUnspecified(parseIp(text)!));
  for (const text of ["0.0.0.1", "::1"]) assert.ok(!isUnspecified(parseIp(text)!));
});

/** Where the proxy listens, where a client wants to go, and whether that is the proxy itself. */
const loops: [bound: string, to: string, loops: boolean][] = [
  ["127.0.0.1", "127.0.0.1", true],
  ["127.0.0.1", "[::ffff:127.0.0.1]", true],
  ["127.0.0.1", "0.0.0.0", true],
  ["127.0.0.1", "[::]", true],
  ["127.0.0.1", "name.test", true],
  ["127.0.0.1", "127.0.0.2", false],
  ["127.0.0.1", "[::1]", false],
  ["::1", "[::1]", true],
  ["::1", "[0:0::0:1]", true],
  ["::1", "127.0.0.1", false],
  ["0.0.0.0", "127.0.0.1", true],
  ["0.0.0.0", "127.9.9.9", true],
  ["0.0.0.0", "[::ffff:127.0.0.1]", true],
  ["0.0.0.0", "192.0.2.1", true],
  ["0.0.0.0", "192.0.2.7", false],
  ["::", "[::1]", true],
  ["::", "127.0.0.1", true],
];
for (const [bound, to, loop] of loops) {
  for (const kind of ["GET", "CONNECT"] as const) {
    test(`${kind} to ${to} is ${loop ? "" : "no "}way back to a proxy on ${bound}`, async () => {
      await play(regular, async ({ network, proxy, connect }) => {
        network.names.set("name.test", ["127.0.0.1"]);
        const { port } = await proxy.listen({ host: bound, port: 0 });
        const host = to.replace(/^\[|\]$/g, "");
        // Another machine has the address, or it is this one's: then both ends of a connection have it.
        const elsewhere = loop ? null : originAt(network, host, port);
        if (host === "192.0.2.1") void originAt(network, host, port);
        network.source = "192.0.2.1";
        const client = await connect();
        const text = kind === "GET"
          ? answerTo(client, `http://${to}:${port}/`)
          : tunnelTo(client, `${to}:${port}`);
        if (elsewhere === null) {
          assert.match(
            await text,
            /^508 Loop Detected\r\n[^]*\nCannot connect to the proxy through itself\n$/,
          );
        } else {
          const upstream = await elsewhere;
          if (kind === "GET") {
            await upstream.getsHead();
            upstream.send("HTTP/1.1 204 No Content\r\n\r\n");
            assert.match(await text, /^204 /);
          } else {
            assert.match(await text, /^200 /);
          }
        }
      });
    });
  }
}

test("a connection that has come back to the proxy is ended before a byte is sent", async () => {
  await play(regular, async ({ network, proxy, connect }) => {
    const { port } = await proxy.listen({ host: "0.0.0.0", port: 0 });
    const back = originAt(network, "192.0.2.1", port);
    network.source = "192.0.2.1";
    const client = await connect();
    assert.match(await answerTo(client, `http://192.0.2.1:${port}/`), /^508 /);
    const end = await back;
    assert.equal(await end.ends("reset"), "");
  });
});

for (
  const address of ["127.0.0.1", "10.1.2.3", "169.254.169.254", "[::1]", "[::ffff:192.168.0.1]", "[fd00::1]"]
) {
  test(`blockPrivate: ${address} is a 403, with nothing sent there`, async () => {
    await play({ ...regular, blockPrivate: true }, async ({ network, connect }) => {
      let count = 0;
      await network.listen({ host: address.replace(/^\[|\]$/g, ""), port: 80, onSocket: () => count++ });
      const why =
        /^403 Forbidden\r\n[^]*\nCannot connect to an address that is not on the public internet\n$/;
      assert.match(await answerTo(await connect(), `http://${address}/`), why);
      assert.match(await tunnelTo(await connect(), `${address}:80`), why);
      assert.equal(count, 0);
    });
  });
}

test("blockPrivate: a name is judged by its addresses, and of these only the public ones are connected to", async () => {
  await play({ ...regular, blockPrivate: true }, async ({ network, connect }) => {
    network.names.set("inside.test", ["10.0.0.1"]).set("both.test", ["10.0.0.1", "192.0.2.9"]);
    assert.match(await answerTo(await connect(), "http://inside.test/"), /^403 /);
    const upstream = originAt(network, "192.0.2.9", 80);
    const client = await connect();
    client.send("GET http://both.test/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert.match(await (await upstream).getsHead(), /^GET \/ HTTP\/1.1\r\nHost: both.test\r\n/);
  });
});

test("blockPrivate: a script that sends a flow elsewhere is held to it too", async () => {
  const hooks = [{
    requestheaders: (flow: { request: { url: URL | string } }) => {
      flow.request.url = "http://127.0.0.1/";
    },
  }];
  await play({ ...regular, blockPrivate: true, hooks }, async ({ client }) => {
    assert.match(await answerTo(client, "http://192.0.2.9/"), /^403 /);
  });
});

test("without blockPrivate, private addresses are like others", async () => {
  await play(regular, async ({ client, network }) => {
    const upstream = originAt(network, "10.0.0.1", 80);
    client.send("GET http://10.0.0.1/ HTTP/1.1\r\nHost: x\r\n\r\n");
    await (await upstream).getsHead();
  });
});

test("connectPorts: tunnels to other ports are a 403, before a name is resolved; requests go on", async () => {
  await play({ ...regular, connectPorts: [443] }, async ({ network, connect }) => {
    assert.match(
      await tunnelTo(await connect(), "nowhere.test:8443"),
      /^403 Forbidden\r\n[^]*\nCannot tunnel to port 8443 as this proxy allows other ports only\n$/,
    );
    const secure = originAt(network, "a.test", 443);
    assert.match(await tunnelTo(await connect(), "a.test:443"), /^200 /);
    await secure;
    const plain = originAt(network, "a.test", 8080);
    (await connect()).send("GET http://a.test:8080/ HTTP/1.1\r\nHost: x\r\n\r\n");
    await (await plain).getsHead();
  });
});

for (const connectPorts of [undefined, [25, 443]]) {
  test(`port 25 is never reached, with connectPorts ${String(connectPorts)}`, async () => {
    await play({ ...regular, connectPorts }, async ({ connect }) => {
      assert.match(
        await tunnelTo(await connect(), "mail.test:25"),
        /^403 Forbidden\r\n[^]*\nCannot connect to port 25/,
      );
      assert.match(await answerTo(await connect(), "http://mail.test:25/"), /^403 Forbidden\r\n/);
    });
  });
}

const proxyAuth = "Aladdin:open sésame";
const basic = (text: string) => `Proxy-Authorization: Basic ${Buffer.from(text).toString("base64")}\r\n`;

const wrong: [what: string, fields: string][] = [
  ["none", ""],
  ["those of the origin", basic(proxyAuth).replace("Proxy-", "")],
  ["another password", basic("Aladdin:open")],
  ["a longer password", basic(`${proxyAuth}!`)],
  ["the same twice over", basic(proxyAuth + proxyAuth)],
  ["another user", basic("aladdin:open sésame")],
  ["an empty pair", basic("")],
  ["no base64", "Proxy-Authorization: Basic %%%\r\n"],
  ["base64 of a wrong length", "Proxy-Authorization: Basic QWxhZ\r\n"],
  ["another scheme", basic(proxyAuth).replace("Basic", "Bearer")],
  ["no scheme", basic(proxyAuth).replace("Basic ", "")],
];
for (const [what, fields] of wrong) {
  test(`proxyAuth: credentials, ${what}: a 407, and no hook runs`, async () => {
    const hooks = [{ requestheaders: () => assert.fail("ran"), error: () => assert.fail("ran") }];
    await play({ ...regular, proxyAuth, hooks }, async ({ connect, ends }) => {
      const challenge =
        /^407 Proxy Authentication Required\r\n[^]*Proxy-Authenticate: Basic realm="sluice", charset="UTF-8"\r\nConnection: close\r\n/;
      assert.match(await answerTo(await connect(), "http://nowhere.test/", fields), challenge);
      assert.match(await tunnelTo(await connect(), "nowhere.test:443", fields), challenge);
      assert.deepEqual(ends, []);
    });
  });
}

test("proxyAuth: with the credentials requests and tunnels pass, and nobody behind sees them", async () => {
  const seen: (string | null)[] = [];
  const hooks = [{
    requestheaders: (flow: { request: { headers: { get(name: string): string | null } } }) => {
      seen.push(flow.request.headers.get("proxy-authorization"));
    },
  }];
  await play({ ...regular, proxyAuth, hooks }, async ({ network, connect }) => {
    const upstream = originAt(network, "a.test", 80);
    (await connect()).send(`GET http://a.test/ HTTP/1.1\r\nHost: x\r\n${basic(proxyAuth)}\r\n`);
    assert.equal(
      await (await upstream).getsHead(),
      "GET / HTTP/1.1\r\nHost: a.test\r\nVia: 1.1 sluice\r\n\r\n",
    );
    void originAt(network, "a.test", 443);
    assert.match(await tunnelTo(await connect(), "a.test:443", basic(proxyAuth)), /^200 /);
    assert.deepEqual(seen, [null, null]);
  });
});

test("proxyAuth: each request of a connection needs them", async () => {
  await play({ ...regular, proxyAuth }, async ({ client, network }) => {
    const upstream = originAt(network, "a.test", 80);
    client.send(`GET http://a.test/ HTTP/1.1\r\nHost: x\r\n${basic(proxyAuth)}\r\n`);
    (await upstream).send("HTTP/1.1 204 No Content\r\n\r\n");
    assert.match(await answer(client), /^204 /);
    assert.match(await answerTo(client, "http://a.test/"), /^407 /);
  });
});

test("proxyAuth: a reverse proxy can't ask for them", () => {
  const mode = { kind: "reverse", origin: new URL("http://o") } as const;
  const message = "Cannot take proxyAuth as the mode must be regular: got reverse";
  assert.throws(() => createProxy({ network: new MemoryNetwork(), mode, proxyAuth }), new TypeError(message));
});

const CLAIMS = "X-Forwarded-For: 9.9.9.9\r\nX-Forwarded-Host: evil\r\nX-Forwarded-Proto: https\r\n" +
  "Forwarded: for=9.9.9.9\r\nX-Real-IP: 9.9.9.9\r\nX-Forwarded-Port: 1\r\n";
const forwarded: [options: Partial<ProxyOptions>, claims: string, told: string][] = [
  [{}, "", ""],
  [{}, CLAIMS, CLAIMS],
  [{ forwarded: "keep" }, CLAIMS, CLAIMS],
  [
    { forwarded: "replace" },
    CLAIMS,
    "X-Forwarded-For: 192.0.2.5\r\nX-Forwarded-Host: shop.test\r\nX-Forwarded-Proto: http\r\n",
  ],
  [
    { forwarded: "append" },
    CLAIMS,
    CLAIMS.replace("9.9.9.9", "9.9.9.9, 192.0.2.5"),
  ],
  [
    { forwarded: "append" },
    "",
    "X-Forwarded-For: 192.0.2.5\r\nX-Forwarded-Host: shop.test\r\nX-Forwarded-Proto: http\r\n",
  ],
];
for (const [options, claims, told] of forwarded) {
  test(`forwarded: ${options.forwarded ?? "by default"}, ${claims === "" ? "nothing" : "much"} claimed`, async () => {
    await play(options, async ({ network, connect, origin }) => {
      network.source = "::ffff:192.0.2.5";
      (await connect()).send(`GET / HTTP/1.1\r\nHost: shop.test\r\n${claims}\r\n`);
      const head = await (await origin()).getsHead();
      assert.equal(head, `GET / HTTP/1.1\r\nHost: origin.test\r\n${told}Via: 1.1 sluice\r\n\r\n`);
    });
  });
}
