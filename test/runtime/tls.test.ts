/**
 * TLS as a layer: what holds for sockets holds for those over it, and nobody gets through who can't prove who it is.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Network, Socket } from "../../lib/socket.ts";
import type { Tls, TlsClientOptions, TlsIdentity } from "../../lib/tls.ts";
import { makeAuthority, selfSigned } from "../harness/certificates.ts";
import { addSocketTests } from "./suite.ts";
import { bytesOf, connectPair, readBytes, readDigest, send, turns, withCode, withPair } from "./support.ts";

const deno = "Deno" in globalThis;
const { network, tls }: { network: Network; tls: Tls } = deno
  ? await import("../../runtime-deno/mod.ts")
  : await import("../../runtime-node/mod.ts");

const authority = await makeAuthority();
const localhost = await authority.identity("localhost");
/** A signal that nobody aborts. */
function never(): AbortSignal {
  return new AbortController().signal;
}
const first = new Uint8Array(0);

/** A network whose connections speak TLS before anybody has them. */
function secured(identity: TlsIdentity, options: TlsClientOptions): Network {
  const client = tls.client(options);
  const server = tls.server(identity);
  return {
    connect: async (place) => client(await network.connect(place), { host: "localhost", signal: never() }),
    listen: ({ onSocket, ...place }) =>
      network.listen({
        ...place,
        onSocket: (socket) => void server(socket, { first, signal: never() }).then(onSocket, () => {}),
      }),
  };
}

describe("over TLS", () => {
  addSocketTests(secured(localhost, { ca: authority.cert }), { abortIsReset: !deno });
});

/** Makes both handshakes of a connection; what each comes to. */
async function shake(
  identity: TlsIdentity,
  options: TlsClientOptions,
  host: string = "localhost",
): Promise<{ client: Promise<Socket>; server: Promise<Socket> }> {
  const pair = await connectPair(network);
  const client = tls.client(options)(pair.client, { host, signal: never() });
  const server = tls.server(identity)(pair.server, { first, signal: never() });
  // Whoever doesn't look at one of them may leave it alone.
  for (const promise of [client, server]) promise.catch(() => {});
  return { client, server };
}

async function end(...sockets: Promise<Socket>[]): Promise<void> {
  for (const socket of sockets) {
    const { closed, abort } = await socket.then(
      (open) => ({ closed: open.closed, abort: () => open.abort() }),
      () => ({ closed: Promise.resolve(), abort: () => {} }),
    );
    abort();
    await closed;
  }
}

/** Deno doesn't tell these apart. */
const unverified = /: its certificate can't be verified: the issuer is not trusted here, or it has expired, /;
const unknown = deno ? unverified : /: the issuer of its certificate is not trusted here$/;

const untrusted: [what: string, identity: TlsIdentity, options: TlsClientOptions, reason: RegExp][] = [
  [
    "an expired one",
    await authority.identity("localhost", -1),
    { ca: authority.cert },
    deno ? unverified : /: its certificate has expired$/,
  ],
  [
    "one of another name",
    await authority.identity("other.test"),
    { ca: authority.cert },
    /: its certificate is for other\.test$/,
  ],
  [
    "one that is signed by itself",
    await selfSigned("localhost"),
    { ca: authority.cert },
    /: its certificate is self-signed$/,
  ],
  ["one of another authority", await (await makeAuthority("others")).identity("localhost"), {
    ca: authority.cert,
  }, unknown],
  ["one of an authority that nobody knows", localhost, {}, unknown],
];

describe("a client trusts", () => {
  it("who has a certificate of a known authority, for its name or its address", async () => {
    for (const host of ["localhost", "127.0.0.1", "::1", "localhost."]) {
      const identity = await authority.identity(host.replace(/\.$/, ""));
      const { client, server } = await shake(identity, { ca: authority.cert }, host);
      await send(await server, bytesOf("hi"));
      assert.deepEqual(await readBytes(await client, 2), bytesOf("hi"));
      await end(client, server);
    }
  });

  for (const [what, identity, options, reason] of untrusted) {
    it(`not ${what}, unless nobody has to prove anything`, async () => {
      const { client, server } = await shake(identity, options);
      await assert.rejects(client, { name: "SocketError", code: "untrusted", message: reason });
      await end(client, server);
      const open = await shake(identity, { ...options, verify: false });
      await open.client;
      await end(open.client, open.server);
    });
  }
});

describe("a handshake", () => {
  it("shows the server a certificate that it asks for", async () => {
    const { createServer } = await import("node:tls");
    const shown = await authority.identity("me");
    const asking = { ...localhost, requestCert: true, rejectUnauthorized: false };
    const server = createServer(asking, (socket) => {
      socket.on("error", () => {}).end(`it is ${socket.getPeerCertificate().subject?.CN}`);
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    const dial = async (identity: TlsIdentity | undefined) =>
      await tls.client({ ca: authority.cert, identity })(
        await network.connect({ host: "127.0.0.1", port }),
        { host: "localhost", signal: never() },
      );
    const known = await dial(shown);
    assert.deepEqual(await readBytes(known, 8), bytesOf("it is me"));
    known.abort();
    const unknown = await dial(undefined);
    assert.deepEqual(await readBytes(unknown, 15), bytesOf("it is undefined"));
    unknown.abort();
    server.close();
    await Promise.all([known.closed, unknown.closed]);
  });

  it("fails where the other side speaks no TLS, on either side, and frees the descriptor", async () => {
    await withPair(network, async ({ client, server }) => {
      const handshake = tls.client({})(client, { host: "localhost", signal: never() });
      void server.write([bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n")]);
      await assert.rejects(handshake, withCode("handshake"));
      await client.closed;
    });
    await withPair(network, async ({ client, server }) => {
      const handshake = tls.server(localhost)(server, { first: bytesOf("GET / "), signal: never() });
      void client.write([bytesOf("HTTP/1.1\r\n\r\n")]);
      await assert.rejects(handshake, withCode("handshake"));
      await server.closed;
    });
  });

  it("fails where the other side leaves, or ends before it", async () => {
    for (const ending of ["abort", "end", "close"] as const) {
      await withPair(network, async ({ client, server }) => {
        const handshake = tls.server(localhost)(server, { first, signal: never() });
        client[ending]();
        await assert.rejects(handshake, { name: "SocketError" });
        await server.closed;
      });
    }
  });

  it("ends with its signal's reason", async () => {
    for (const early of [true, false]) {
      await withPair(network, async ({ client, server }) => {
        const late = new AbortController();
        const reason = new Error("late");
        if (early) late.abort(reason);
        const handshake = tls.client({})(client, { host: "localhost", signal: late.signal });
        const rejected = assert.rejects(handshake, reason);
        await turns(network);
        late.abort(reason);
        await rejected;
        await client.closed;
        server.abort();
      });
    }
  });

  it("takes up what has been read already, in as many pieces as may be", async () => {
    const { client, server } = await connectPair(network);
    const handshake = tls.client({ ca: authority.cert })(client, { host: "localhost", signal: never() });
    const hello = (await server.read())!.slice();
    const answer = tls.server(localhost)(server, { first: hello, signal: never() });
    await send(await handshake, bytesOf("over"));
    assert.deepEqual(await readBytes(await answer, 4), bytesOf("over"));
    await end(handshake, answer);
  });
});

describe("an end", () => {
  for (const goodbye of [true, false]) {
    it(`${goodbye ? "by close_notify is an end" : "by FIN alone is told as a cut"}, however much is before it`, async () => {
      const client = tls.client({ ca: authority.cert });
      const server = tls.server(localhost);
      for (let turn = 0; turn < 60; turn++) {
        const length = [0, 1, 2, 16_384, 100_000, 600_000][turn % 6]!;
        await withPair(network, async (pair) => {
          const answer = server(pair.server, { first, signal: never() });
          const reading = await client(pair.client, { host: "localhost", signal: never() });
          const writing = await answer;
          // Node sends no goodbye where the handshake's own last records still wait.
          await send(reading, bytesOf("?"));
          await readBytes(writing, 1);
          const written = writing.write([new Uint8Array(length)]);
          if (goodbye) writing.end();
          else void Promise.resolve(written).then(() => pair.server.end());
          assert.equal((await readDigest(reading)).length, length);
          assert.equal(reading.cut, !goodbye, `after ${length} bytes`);
          reading.abort();
          writing.abort();
        });
      }
    });
  }
});

describe("an end within TLS that lies over TLS", () => {
  for (const goodbye of [true, false]) {
    it(`${goodbye ? "by close_notify is an end" : "of what lies below is told as a cut"}, also before it is read`, async () => {
      const client = tls.client({ ca: authority.cert });
      const server = tls.server(localhost);
      for (let length = 1000; length < 900_000; length += 17_000) {
        await withPair(network, async (pair) => {
          const accepted = server(pair.server, { first, signal: never() });
          const outer = await client(pair.client, { host: "localhost", signal: never() });
          const below = await accepted;
          const answer = server(below, { first, signal: never() });
          const reading = await client(outer, { host: "localhost", signal: never() });
          const writing = await answer;
          await send(reading, bytesOf("?"));
          await readBytes(writing, 1);
          const written = writing.write([new Uint8Array(length)]);
          if (goodbye) writing.end();
          else void Promise.resolve(written).then(() => below.end());
          await turns(network);
          assert.equal((await readDigest(reading)).length, length);
          assert.equal(reading.cut, !goodbye, `after ${length} bytes`);
          reading.abort();
          writing.abort();
        });
      }
    });
  }
});

const other = await authority.identity("localhost");

describe("TLS is refused", () => {
  const rows: [what: string, make: () => unknown][] = [
    ["an authority that is none", () => tls.client({ ca: "nothing" })],
    [
      "an authority that can't be read",
      () => tls.client({ ca: "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" }),
    ],
    ["a key of another certificate", () => tls.server({ cert: localhost.cert, key: other.key })],
    ["a key that is none", () => tls.server({ cert: localhost.cert, key: localhost.cert })],
    ["a certificate that is none", () => tls.client({ identity: { cert: "", key: localhost.key } })],
  ];
  for (const [what, make] of rows) it(what, () => void assert.throws(make, TypeError));
});
