/**
 * What every runtime's network must do, on real sockets of the loopback interface. One suite, and a runner that picks the
 * runtime's network.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import type { Address, Network, Socket } from "../../lib/socket.ts";
import {
  bytesOf,
  connectPair,
  drain,
  echo,
  pattern,
  readBytes,
  readDigest,
  send,
  turns,
  withCode,
  withNetPeer,
  withPair,
} from "./support.ts";

const MiB = 1024 * 1024;

/** In what the runtimes differ. */
export interface Traits {
  /** What the other end reads after `abort`: a reset, or FIN where the runtime can't send one. */
  readonly abortIsReset: boolean;
}

/** Adds the suite for one network. */
export function addTests(network: Network, traits: Traits): void {
  addSocketTests(network, traits);
  describe("a reset from outside", () => addResetTests(network));
  describe("connect", () => addConnectTests(network));
  describe("listen", () => addListenTests(network));
}

/** Adds what holds for sockets of which both ends are the network's. */
export function addSocketTests(network: Network, traits: Traits): void {
  describe("bytes", () => addByteTests(network));
  describe("lent chunks", () => addLendingTests(network));
  describe("endings", () => addEndingTests(network, traits));
  describe("backpressure", () => {
    addBackpressureTests(network);
    addTrickleTests(network);
  });
  describe("streams", () => addStreamTests(network));
}

function addByteTests(network: Network): void {
  it("come back from an echo", () =>
    withPair(network, async ({ client, server }) => {
      const echoing = echo(server);
      await send(client, bytesOf("hello, "), bytesOf("world"));
      assert.deepEqual(await readBytes(client, 12), bytesOf("hello, world"));
      client.end();
      assert.equal(await client.read(), null);
      await echoing;
      await Promise.all([client.closed, server.closed]);
    }));

  it("arrive whole, 64 MiB each way at once", () =>
    withPair(network, async ({ client, server }) => {
      const block = pattern(MiB + 13);
      const hash = createHash("sha256");
      for (let i = 0; i < 64; i++) hash.update(block);
      const expected = { length: 64 * block.length, digest: hash.digest("hex") };
      const sendAll = async (socket: Socket) => {
        for (let i = 0; i < 64; i++) await send(socket, block);
        socket.end();
      };
      const [atServer, atClient] = await Promise.all([
        readDigest(server),
        readDigest(client),
        sendAll(client),
        sendAll(server),
      ]);
      assert.deepEqual(atServer, expected);
      assert.deepEqual(atClient, expected);
    }));

  for (const from of ["client", "server"] as const) {
    it(`keep their order from the ${from}, with pieces of all sizes and nobody waiting`, () =>
      withPair(network, async (pair) => {
        const to = from === "client" ? pair.server : pair.client;
        const bytes = pattern(3 * MiB, 7);
        const sizes = [1, 0, 5, 200, 4096, 2, 16_384, 0, 70_000, 16_385, 3, 300_000];
        let at = 0;
        const cut = (size: number) => bytes.subarray(at, at += size);
        for (let i = 0; at < bytes.length; i++) {
          const pieces = [0, 1, 2, 3].map((k) => cut(sizes[(i * 5 + k * k) % sizes.length]!));
          void pair[from].write(pieces.slice(0, i % 4 + 1));
          void pair[from].write(pieces.slice(i % 4 + 1));
        }
        pair[from].end();
        const digest = createHash("sha256").update(bytes).digest("hex");
        assert.deepEqual(await readDigest(to), { length: bytes.length, digest });
      }));
  }

  it("that were taken are free to be changed, of many sockets at once", async () => {
    const pairs = await Promise.all(Array.from({ length: 80 }, () => connectPair(network)));
    const [sizes, times] = [[1, 100, 5000, 9000], [0, 1, 2]];
    for (const time of times) {
      for (const [at, { client }] of pairs.entries()) {
        const piece = pattern(sizes[at % sizes.length]!, at + time);
        const taken = client.write([piece]);
        if (taken !== null) await taken;
        piece.fill(0);
      }
    }
    await Promise.all(pairs.map(async ({ client, server }, at) => {
      client.end();
      const size = sizes[at % sizes.length]!;
      const wanted = Buffer.concat(times.map((time) => pattern(size, at + time)));
      const digest = createHash("sha256").update(wanted).digest("hex");
      assert.deepEqual(await readDigest(server), { length: wanted.length, digest });
      server.end();
      assert.equal(await client.read(), null);
      await Promise.all([client.closed, server.closed]);
    }));
  });

  it("of no length are nothing to write", () =>
    withPair(network, async ({ client }) => {
      assert.equal(client.write([]), null);
      assert.equal(client.write([new Uint8Array(0), new Uint8Array(0)]), null);
      await Promise.resolve();
    }));

  it("flow in bulk, then a few, then in bulk, both ways", () =>
    withPair(network, async (pair) => {
      const sizes = [2 * MiB, 10, 1, 300, 60_000, 3 * MiB, 5, 262_144, 4096, 8192, 8193, 65_536, 1];
      for (const [from, to] of [[pair.client, pair.server], [pair.server, pair.client]] as const) {
        for (const [seed, size] of sizes.entries()) {
          const bytes = pattern(size, seed);
          const [got] = await Promise.all([readBytes(to, size), send(from, bytes)]);
          assert.ok(Buffer.from(got).equals(bytes), `${size} bytes`);
        }
      }
    }));

  it("that came while nobody read are there for the next read", () =>
    withPair(network, async ({ client, server }) => {
      await send(server, bytesOf("early"));
      await send(client, bytesOf("early"));
      await turns(network);
      assert.deepEqual(await readBytes(client, 5), bytesOf("early"));
      assert.deepEqual(await readBytes(server, 5), bytesOf("early"));
    }));
}

function addLendingTests(network: Network): void {
  for (const size of [100, 20_000, 1 * MiB]) {
    it(`stay as they are until the next read, of ${size} bytes`, () =>
      withPair(network, async (one) => {
        await withPair(network, async (other) => {
          const bytes = pattern(size, 3);
          void one.server.write([bytes]);
          const chunk = await one.client.read();
          assert.ok(chunk !== null);
          const copy = chunk.slice();
          void other.server.write([pattern(size, 99)]);
          await readBytes(other.client, size);
          assert.deepEqual(chunk, copy);
          assert.deepEqual(copy, bytes.subarray(0, copy.length));
          await readBytes(one.client, size - copy.length);
        });
      }));
  }

  it("are never empty, and one read at a time is asked for", () =>
    withPair(network, async ({ client, server }) => {
      const first = client.read();
      await assert.rejects(client.read(), TypeError);
      await send(server, bytesOf("x"));
      assert.deepEqual(Uint8Array.from((await first)!), bytesOf("x"));
    }));
}

function addEndingTests(network: Network, { abortIsReset }: Traits): void {
  for (const first of ["client", "server"] as const) {
    it(`by halves: the ${first} sends FIN first and goes on reading`, () =>
      withPair(network, async (pair) => {
        const a = pair[first];
        const b = first === "client" ? pair.server : pair.client;
        void a.write([bytesOf("question")]);
        a.end();
        assert.equal((await readDigest(b)).length, 8);
        assert.equal(await b.read(), null);
        await send(b, bytesOf("answer"));
        assert.deepEqual(await readBytes(a, 6), bytesOf("answer"));
        b.end();
        assert.equal(await a.read(), null);
        await Promise.all([a.closed, b.closed]);
      }));
  }

  it("deliver what was written before close", async () => {
    const { client, server } = await connectPair(network);
    const bytes = pattern(8 * MiB);
    void server.write([bytes]);
    server.close();
    assert.equal((await readDigest(client)).length, bytes.length);
    client.close();
    await Promise.all([client.closed, server.closed]);
  });

  for (const peer of ["client", "server"] as const) {
    it(`by abort of the ${peer} reach the other end`, () =>
      withPair(network, async (pair) => {
        const other = peer === "client" ? pair.server : pair.client;
        const read = drain(other);
        pair[peer].abort();
        assert.equal((await read)?.code, abortIsReset ? "reset" : undefined);
        await pair[peer].closed;
      }));
  }

  it("by abort free the socket while FIN is on its way, and while a writer waits", async () => {
    const fin = await connectPair(network);
    fin.client.end();
    fin.client.abort();
    await fin.client.closed;
    fin.server.abort();
    const full = await connectPair(network);
    const written = full.client.write([new Uint8Array(64 * MiB)]);
    full.client.end();
    await turns(network);
    full.client.abort();
    await full.client.closed;
    await assert.rejects(written!, withCode("closed"));
    full.server.abort();
    await Promise.all([fin.server.closed, full.server.closed]);
  });

  it("by close give way to abort when nobody takes what was written", async () => {
    const { client, server } = await connectPair(network);
    const written = client.write([new Uint8Array(64 * MiB)]);
    client.close();
    await turns(network);
    client.abort();
    await client.closed;
    await assert.rejects(written!, withCode("closed"));
    server.abort();
    await server.closed;
  });

  it("from this side reject the read that waits, and the calls that come later", async () => {
    for (const ending of ["close", "abort"] as const) {
      const { client, server } = await connectPair(network);
      const read = client.read();
      client[ending]();
      await assert.rejects(read, withCode("closed"));
      await assert.rejects(client.read(), withCode("closed"));
      await assert.rejects(client.write([bytesOf("x")])!, withCode("closed"));
      await client.closed;
      server.abort();
      await server.closed;
    }
  });

  it("may come again and again", async () => {
    const { client, server } = await connectPair(network);
    for (let i = 0; i < 2; i++) {
      client.end();
      client.close();
      client.abort();
    }
    await client.closed;
    client.end();
    client.close();
    client.abort();
    server.abort();
    await server.closed;
  });

  it("leave no rejection unhandled when nobody looks", () =>
    strayless(network, async () => {
      const { client, server } = await connectPair(network);
      void client.read();
      void client.write([new Uint8Array(64 * MiB)]);
      client.abort();
      server.abort();
      await Promise.all([client.closed, server.closed]);
    }));

  it("free every descriptor, 500 connections in a row", async () => {
    await turns(network);
    const before = descriptors();
    const endings = ["end", "close", "abort"] as const;
    const listener = await network.listen({
      host: "127.0.0.1",
      port: 0,
      onSocket: (socket) => void echo(socket).catch(() => socket.abort()),
    });
    for (let wave = 0; wave < 10; wave++) {
      await Promise.all(Array.from({ length: 50 }, async (_, i) => {
        const socket = await network.connect(listener.address);
        await send(socket, bytesOf("ping"));
        await readBytes(socket, 4);
        const ending = endings[i % 3]!;
        socket[ending]();
        if (ending === "end") assert.equal(await socket.read(), null);
        await socket.closed;
      }));
    }
    await listener.close();
    await turns(network);
    assert.ok(descriptors() <= before, `${descriptors()} descriptors, ${before} before`);
  });
}

function addResetTests(network: Network): void {
  it("is told to who reads, and to who comes later", () =>
    withNetPeer(network, async (socket, peer) => {
      const read = socket.read();
      peer.resetAndDestroy();
      await assert.rejects(read, withCode("reset"));
      await assert.rejects(socket.read(), withCode("reset"));
      await assert.rejects(socket.write([bytesOf("x")])!, withCode("reset"));
      await socket.closed;
    }));

  it("right behind the last bytes is not taken for FIN", () =>
    withNetPeer(network, async (socket, peer) => {
      peer.write("last");
      peer.resetAndDestroy();
      assert.equal((await drain(socket))?.code, "reset");
      await socket.closed;
    }));

  it("is told to who writes", () =>
    withNetPeer(network, async (socket, peer) => {
      const written = socket.write([new Uint8Array(64 * MiB)]);
      await turns(network);
      peer.resetAndDestroy();
      await assert.rejects(written!, withCode("reset"));
      await socket.closed;
    }));

  it("fail its streams when the connection breaks", () =>
    withNetPeer(network, async (socket, peer) => {
      const read = socket.readable.getReader().read();
      const writer = socket.writable.getWriter();
      peer.resetAndDestroy();
      await assert.rejects(read, withCode("reset"));
      await assert.rejects(writer.closed, withCode("closed"));
      await assert.rejects(writer.write(bytesOf("x")), withCode("closed"));
    }));

  it("leaves no rejection unhandled when nobody looks", () =>
    strayless(network, () =>
      withNetPeer(network, async (socket, peer) => {
        void socket.read();
        void socket.write([new Uint8Array(64 * MiB)]);
        peer.resetAndDestroy();
        await socket.closed;
        void socket.write([bytesOf("x")]);
      })));
}

async function strayless(network: Network, body: () => Promise<void>): Promise<void> {
  const strays: unknown[] = [];
  const onStray = (reason: unknown) => strays.push(reason);
  process.on("unhandledRejection", onStray);
  await body();
  await turns(network);
  process.off("unhandledRejection", onStray);
  assert.deepEqual(strays, []);
}

function descriptors(): number {
  return readdirSync("/dev/fd").length;
}

function addBackpressureTests(network: Network): void {
  for (const from of ["client", "server"] as const) {
    for (const reads of [0, 3]) {
      it(`holds the ${from}'s writer back when the other end stops after ${reads} reads`, () =>
        withPair(network, async (pair) => {
          const to = from === "client" ? pair.server : pair.client;
          const size = 64 * MiB;
          let settled = false;
          const written = pair[from].write([new Uint8Array(size)]);
          assert.ok(written !== null);
          void written.then(() => {
            settled = true;
          });
          let got = 0;
          for (let i = 0; i < reads; i++) got += (await to.read())!.length;
          await turns(network);
          assert.equal(settled, false);
          await readBytes(to, size - got);
          await written;
        }));
    }
  }
}

/** What is written by and by is held back as well, or whoever writes is told that it is. */
function addTrickleTests(network: Network): void {
  it("tells a writer of small pieces that the other end has stopped", () =>
    withPair(network, async ({ client, server }) => {
      let held: { readonly bytes: number; settled: boolean } | null = null;
      const watch = (written: Promise<void>, bytes: number) => {
        const waiting = { bytes, settled: false };
        void written.then(() => waiting.settled = true);
        held ??= waiting;
      };
      client.onHeld = watch;
      const piece = pattern(4096);
      let sent = 0;
      for (; held === null || (held as { settled: boolean }).settled; sent += piece.length) {
        assert.ok(sent < 512 * MiB, "somebody must tell that nobody reads");
        held = null;
        const written = client.write([piece]);
        if (written !== null) watch(written, piece.length);
        await turn();
      }
      await turns(network);
      const { bytes, settled } = held as { bytes: number; settled: boolean };
      assert.deepEqual({ bytes, settled }, { bytes: piece.length, settled: false });
      await readBytes(server, sent);
    }));
}

function addConnectTests(network: Network): void {
  it("gives the addresses of both ends", () =>
    withPair(network, async ({ client, server }) => {
      await Promise.resolve();
      assert.equal(client.local.host, "127.0.0.1");
      assert.deepEqual(client.local, server.remote);
      assert.deepEqual(client.remote, server.local);
    }));

  it("is refused where nobody listens", async () => {
    const listener = await network.listen({
      host: "127.0.0.1",
      port: 0,
      onSocket: (socket) => socket.abort(),
    });
    await listener.close();
    await assert.rejects(network.connect(listener.address), withCode("refused"));
  });

  it("fails for a name that does not exist", async () => {
    await assert.rejects(network.connect({ host: "no-such-name.invalid", port: 80 }), withCode("dns"));
  });

  for (const host of ["127.0.0.1", "localhost", "127.1", "2130706433"]) {
    it(`asks before it connects to ${host}, by its address`, async () => {
      let count = 0;
      const listener = await network.listen({ host: "127.0.0.1", port: 0, onSocket: () => count++ });
      const { port } = listener.address;
      const asked = new Set<string>();
      const check = (address: Address) => {
        asked.add(`${address.host}:${address.port}`);
        throw new RangeError("not there");
      };
      await assert.rejects(network.connect({ host, port, check }), new RangeError("not there"));
      assert.ok(asked.has(`127.0.0.1:${port}`), [...asked].join());
      await turns(network);
      assert.equal(count, 0);
      await listener.close();
    });
  }

  it("connects where the check lets it", () =>
    withPair(
      { ...network, connect: (options) => network.connect({ ...options, check: () => {} }) },
      async (pair) => {
        await send(pair.client, bytesOf("x"));
        assert.deepEqual(await readBytes(pair.server, 1), bytesOf("x"));
      },
    ));

  it("gives up when its signal aborts, with the signal's reason", async () => {
    const reason = new Error("enough");
    const listener = await network.listen({
      host: "127.0.0.1",
      port: 0,
      onSocket: (socket) => socket.abort(),
    });
    const { address } = listener;
    await assert.rejects(network.connect({ ...address, signal: AbortSignal.abort(reason) }), reason);
    const controller = new AbortController();
    const connecting = network.connect({ ...address, signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(connecting, reason);
    await listener.close();
  });

  it("is no longer concerned by its signal once connected", async () => {
    const controller = new AbortController();
    const listener = await network.listen({
      host: "127.0.0.1",
      port: 0,
      onSocket: (socket) => void echo(socket),
    });
    const socket = await network.connect({ ...listener.address, signal: controller.signal });
    controller.abort();
    await send(socket, bytesOf("still here"));
    assert.equal((await readBytes(socket, 10)).length, 10);
    socket.end();
    assert.equal(await socket.read(), null);
    await socket.closed;
    await listener.close();
  });
}

function addListenTests(network: Network): void {
  const onSocket = (socket: Socket) => socket.abort();

  it("takes a free port for 0, and says which", async () => {
    const [one, two] = await Promise.all([
      network.listen({ host: "127.0.0.1", port: 0, onSocket }),
      network.listen({ host: "127.0.0.1", port: 0, onSocket }),
    ]);
    assert.equal(one.address.host, "127.0.0.1");
    assert.ok(one.address.port > 0);
    assert.notEqual(one.address.port, two.address.port);
    await Promise.all([one.close(), two.close()]);
  });

  it("fails where another listens", async () => {
    const listener = await network.listen({ host: "127.0.0.1", port: 0, onSocket });
    await assert.rejects(network.listen({ ...listener.address, onSocket }), withCode("in-use"));
    await listener.close();
  });

  it("goes on where clients have reset their connections before they were accepted", async () => {
    const failures: unknown[] = [];
    let accepted: (socket: Socket) => void = () => {};
    const listener = await network.listen({
      host: "127.0.0.1",
      port: 0,
      onSocket: (socket) => {
        // Runtimes differ in whether they give a connection that is gone already.
        socket.read().then((bytes) => bytes === null ? socket.abort() : accepted(socket), () => {});
      },
      onError: (error) => failures.push(error),
    });
    listener.setAccepting?.(false);
    for (let i = 0; i < 20; i++) {
      const client = connect(listener.address);
      await once(client, "connect");
      client.resetAndDestroy();
    }
    listener.setAccepting?.(true);
    const last = new Promise<Socket>((resolve) => {
      accepted = resolve;
    });
    const client = await network.connect(listener.address);
    await send(client, bytesOf("still here"));
    (await last).abort();
    client.abort();
    assert.deepEqual(failures, []);
    await listener.close();
  });

  it("frees the port when closed, and leaves the accepted connections alone", async () => {
    let accept!: (socket: Socket) => void;
    const accepted = new Promise<Socket>((resolve) => {
      accept = resolve;
    });
    const listener = await network.listen({ host: "127.0.0.1", port: 0, onSocket: accept });
    const client = await network.connect(listener.address);
    const server = await accepted;
    await listener.close();
    await listener.close();
    const echoing = echo(server);
    await send(client, bytesOf("alive"));
    assert.deepEqual(await readBytes(client, 5), bytesOf("alive"));
    client.end();
    assert.equal(await client.read(), null);
    await Promise.all([echoing, client.closed, server.closed]);
    const again = await network.listen({ ...listener.address, onSocket });
    assert.deepEqual(again.address, listener.address);
    await again.close();
  });
}

function addStreamTests(network: Network): void {
  it("carry bytes both ways, and end", () =>
    withPair(network, async ({ client, server }) => {
      const echoing = server.readable.pipeTo(server.writable);
      const writer = client.writable.getWriter();
      const bytes = pattern(MiB);
      const writing = writer.write(bytes).then(() => writer.close());
      const chunks = [];
      for await (const chunk of client.readable) chunks.push(chunk);
      // The chunks are kept here, which a socket's own are not made for.
      assert.ok(Buffer.concat(chunks).equals(bytes));
      await Promise.all([writing, echoing, client.closed, server.closed]);
    }));

  it("are made once", () =>
    withPair(network, async ({ client }) => {
      await Promise.resolve();
      assert.equal(client.readable, client.readable);
      assert.equal(client.writable, client.writable);
    }));

  it("close the connection when the readable is cancelled", () =>
    withPair(network, async ({ client, server }) => {
      const reader = client.readable.getReader();
      const read = reader.read();
      await reader.cancel();
      assert.equal((await read).done, true);
      await client.closed;
      await drain(server);
    }));

  it("break the connection when the writable is aborted", () =>
    withPair(network, async ({ client, server }) => {
      const reason = new Error("enough");
      await client.writable.abort(reason);
      await client.closed;
      await drain(server);
    }));

  it("hold the writer back while nobody reads", () =>
    withPair(network, async ({ client, server }) => {
      const writer = client.writable.getWriter();
      let settled = false;
      const written = writer.write(new Uint8Array(64 * MiB)).then(() => {
        settled = true;
      });
      await turns(network);
      assert.equal(settled, false);
      assert.equal(writer.desiredSize, 0);
      await readBytes(server, 64 * MiB);
      await written;
    }));
}
