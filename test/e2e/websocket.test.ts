/**
 * WebSockets through sluice: a client and a server that know nothing of it, forward and reverse, and through two.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import { type ClientOptions, WebSocket, WebSocketServer } from "ws";
import { Command } from "../harness/command.ts";
import { MiB } from "./files.ts";

let server: WebSocketServer;
let origin: string;

before(async () => {
  server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: true });
  await once(server, "listening");
  origin = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("connection", (socket, { url }) => {
    // A client that breaks off is what one of the tests is about.
    socket.on("error", () => {});
    socket.send(`hello ${url}`);
    socket.on("message", (data, binary) => {
      if (String(data) === "bye") socket.close(4001, "as you say");
      else socket.send(data, { binary });
    });
  });
});

after(() => {
  for (const client of server.clients) client.terminate();
  server.close();
});

/** A client with all that it has been sent, in order. */
class Client {
  readonly #socket: WebSocket;
  readonly #messages: Buffer[] = [];

  constructor(url: string, options: ClientOptions = {}) {
    this.#socket = new WebSocket(url, options).on("message", (data) => this.#messages.push(data as Buffer));
  }

  async next(): Promise<Buffer> {
    while (this.#messages.length === 0) await once(this.#socket, "message");
    return this.#messages.shift()!;
  }

  send(data: string | Uint8Array): void {
    this.#socket.send(data);
  }

  async bye(): Promise<readonly [number, string]> {
    const closed = once(this.#socket, "close");
    this.#socket.send("bye");
    const [code, reason] = await closed as [number, Buffer];
    return [code, String(reason)];
  }

  terminate(): void {
    this.#socket.terminate();
  }
}

/** The proxies of a way, the first one first, and what a client does to go that way. */
interface Way {
  readonly modes: (origin: string) => readonly string[];
  readonly open: (port: number) => Promise<Client>;
}

const toOrigin = (port: number) => Promise.resolve(new Client(`ws://127.0.0.1:${port}/a?b`));

/** A client asks the proxy for an absolute URL. */
function byAbsoluteForm(port: number): Promise<Client> {
  const url = `ws://${origin}/a?b`;
  return Promise.resolve(
    new Client(url, {
      createConnection: () => connect({ host: "127.0.0.1", port }),
      finishRequest: (outgoing) => {
        outgoing.path = url.replace("ws:", "http:");
        outgoing.end();
      },
    }),
  );
}

/** A client asks the proxy for a tunnel, as browsers do. */
async function byConnect(port: number): Promise<Client> {
  const outgoing = request({ host: "127.0.0.1", port, method: "CONNECT", path: origin, agent: false }).end();
  const [, socket] = await once(outgoing, "connect") as [unknown, Socket];
  return new Client(`ws://${origin}/a?b`, { createConnection: () => socket });
}

/** A client asks a SOCKS5 server for a connection. */
async function bySocks(port: number): Promise<Client> {
  const to = Number(origin.split(":")[1]);
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(Uint8Array.of(5, 1, 0, 5, 1, 0, 1, 127, 0, 0, 1, to >> 8, to & 0xff));
  for (let received = 0; received < 12;) received += (await once(socket, "data") as [Buffer])[0].length;
  return new Client(`ws://${origin}/a?b`, { createConnection: () => socket });
}

const ways: Readonly<Record<string, Way>> = {
  "a reverse proxy": { modes: (origin) => [`reverse:http://${origin}`], open: toOrigin },
  "a forward proxy": { modes: () => ["regular"], open: byAbsoluteForm },
  "a forward proxy's tunnel": { modes: () => ["regular"], open: byConnect },
  "a SOCKS5 server": { modes: () => ["socks5"], open: bySocks },
  "two forward proxies": { modes: () => ["upstream:http://{next}", "regular"], open: byAbsoluteForm },
  "a tunnel through two": { modes: () => ["upstream:http://{next}", "regular"], open: byConnect },
  "two reverse proxies": {
    modes: (origin) => ["reverse:http://{next}", `reverse:http://${origin}`],
    open: toOrigin,
  },
};

for (const [name, { modes, open }] of Object.entries(ways)) {
  describe(`a WebSocket through ${name}`, () => {
    const commands: Command[] = [];
    let port: number;

    before(async () => {
      let next = "";
      for (const mode of modes(origin).toReversed()) {
        const command = new Command(["-p", "0", "-m", mode.replace("{next}", next)]);
        commands.push(command);
        ({ port } = await command.ready());
        next = `127.0.0.1:${port}`;
      }
    });

    after(async () => {
      for (const command of commands) await command[Symbol.asyncDispose]();
    });

    it("says and hears what it would without", async () => {
      const client = await open(port);
      assert.equal(String(await client.next()), "hello /a?b");
      for (let i = 0; i < 50; i++) {
        client.send(`message ${i}`);
        assert.equal(String(await client.next()), `message ${i}`);
      }
      assert.deepEqual(await client.bye(), [4001, "as you say"]);
    });

    it("carries megabytes both ways at once", async () => {
      const client = await open(port);
      await client.next();
      const large = Buffer.alloc(4 * MiB, "no two proxies are alike. ");
      for (let i = 0; i < 4; i++) client.send(large);
      for (let i = 0; i < 4; i++) assert.ok((await client.next()).equals(large));
      assert.deepEqual(await client.bye(), [4001, "as you say"]);
    });

    it("that breaks off is gone at the server too", async () => {
      const client = await open(port);
      await client.next();
      const [socket] = [...server.clients].slice(-1);
      client.terminate();
      const [code] = await once(socket!, "close");
      assert.equal(code, 1006);
    });

    it("is told in the log when it is over", async () => {
      const tunnelled = name.includes("tunnel") ? /<< 200 Connection established \S+/ : /<< 101 \S+ \S+ \S+/;
      for (const command of commands) await command.shows("stderr", tunnelled);
    });
  });
}
