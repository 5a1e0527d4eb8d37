/** Memory that TLS decrypts into under Node; other runtimes have their own adapter, which doesn't use this. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { it } from "node:test";
import { connect as connectTls, TLSSocket } from "node:tls";
import type { NodeTlsStream } from "../../lib/tls-module.ts";
import { share } from "../../runtime-node/shared-records.ts";
import { makeAuthority } from "../harness/certificates.ts";

/** Two ends of a connection that speak TLS. */
async function ends(): Promise<{ near: TLSSocket; far: TLSSocket; close: () => void }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const accepted = once(server, "connection");
  const socket = connect({ port: (server.address() as AddressInfo).port, host: "127.0.0.1" });
  const [came] = await accepted as [Socket];
  const { cert, key } = await (await makeAuthority()).identity("localhost");
  const far = new TLSSocket(came, { isServer: true, cert, key });
  const near = connectTls({ socket, rejectUnauthorized: false });
  await once(near, "secureConnect");
  return {
    near,
    far,
    close: () => {
      near.destroy();
      far.destroy();
      server.close();
    },
  };
}

async function sharing(): Promise<void> {
  const { near, far, close } = await ends();
  const got: Uint8Array[] = [];
  const buffers = new Set<ArrayBufferLike>();
  let on = true;
  const byEvents: number[] = [];
  const shared = share(near as unknown as NodeTlsStream, (record) => {
    got.push(record.slice());
    buffers.add(record.buffer);
    return on;
  });
  assert.ok(shared, "the symbols are as they have always been");
  near.on("data", (chunk: Uint8Array) => byEvents.push(chunk.length));
  const ended = once(near, "end");
  on = false;
  far.write("one");
  while (got.length === 0) await new Promise((resolve) => setImmediate(resolve));
  far.write("two");
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.equal(Buffer.concat(got).toString(), "one");
  on = true;
  near.resume();
  while (got.length === 1) await new Promise((resolve) => setImmediate(resolve));
  const body = Buffer.alloc(1_000_000, "0123456789");
  far.end(body);
  await ended;
  assert.ok(Buffer.concat(got).equals(Buffer.concat([Buffer.from("onetwo"), body])));
  assert.deepEqual([buffers.size, byEvents], [1, []]);
  close();
}

if (!("Deno" in globalThis)) it("shares memory for records, holds them back, and goes on", sharing);
