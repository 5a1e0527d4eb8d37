/**
 * Accepted sockets under Node: by a handle that is handed over where there is one, by events elsewhere, and the same to
 * whoever reads.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { test } from "node:test";
import { type Accepted, accepted, byEvents } from "../../runtime-node/accepted.ts";

async function join(
  accept: (socket: Socket) => Accepted,
  use: (near: Accepted, far: Socket) => Promise<void>,
): Promise<void> {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const far = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  const [came] = await once(server, "connection") as [Socket];
  const near = accept(came);
  assert.equal(near.socket !== came, accept === accepted);
  near.socket.on("end", () => near.inbox.end());
  await use(near, far);
  const closed = once(server, "close");
  // Called back only once the server counts no connection any more.
  server.close();
  near.socket.destroy();
  far.destroy();
  await closed;
}

for (const accept of [accepted, byEvents]) {
  test(`what is sent is read, held back, answered and ended, ${accept.name}`, () =>
    join(accept, async (near, far) => {
      const total = 8 * 1024 * 1024;
      assert.equal(near.socket.remotePort, far.localPort);
      far.write("first");
      assert.equal(new TextDecoder().decode((await near.inbox.read())!), "first");
      far.end(new Uint8Array(total).fill(7));
      let count = 0;
      for (let bytes = await near.inbox.read(); bytes !== null; bytes = await near.inbox.read()) {
        assert.ok(bytes.every((byte) => byte === 7));
        count += bytes.length;
      }
      assert.equal(count, total);
      near.socket.end("answer");
      const [answer] = await once(far, "data") as [Uint8Array];
      assert.equal(new TextDecoder().decode(answer), "answer");
    }));
}
