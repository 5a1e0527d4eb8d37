// An origin of server-sent events and two clients of it, one of which comes through a proxy, all in this
// process and by one clock. Both are sent the same events in turns, so that whatever delays this process
// delays both: what the proxy adds is the difference.

import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Time between two events of one client, in milliseconds. */
const INTERVAL = 4;
/** Events at the beginning that don't count. */
const WARM_UP = 25;
/** How long the last event may take, in milliseconds. */
const PATIENCE = 10_000;

/** Which way the events go. */
export type Way = "direct" | "proxied";

const ways = ["direct", "proxied"] as const satisfies readonly Way[];

/** How long each event took, in milliseconds. */
export type Delays = Readonly<Record<Way, readonly number[]>>;

/** The origin. */
export class EventOrigin {
  readonly #server: Server;
  readonly #clients = new Map<string, Socket>();

  private constructor(server: Server) {
    this.#server = server;
  }

  /** Starts the origin on a free port. */
  static async start(): Promise<EventOrigin> {
    const server = createServer({ noDelay: true });
    const origin = new EventOrigin(server);
    server.on("connection", (socket) => origin.#accept(socket));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    server.unref();
    return origin;
  }

  /** Where it listens. */
  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /**
   * Sends events both ways and measures each.
   *
   * @param proxyPort Where the proxy listens.
   * @param count How many events each client gets.
   * @returns How long they took.
   * @throws {Error} If not all have come 10 s after the last.
   */
  async measure(proxyPort: number, count: number): Promise<Delays> {
    const sent: Record<Way, number[]> = { direct: [], proxied: [] };
    const delays: Record<Way, number[]> = { direct: [], proxied: [] };
    const ports: Record<Way, number> = { direct: this.port, proxied: proxyPort };
    const sockets = ways.map((way) =>
      listen(ports[way], way, (number) => {
        delays[way][number] = performance.now() - (sent[way][number] ?? NaN);
      })
    );
    try {
      await this.#arrived();
      for (let number = 0; number < count; number++) {
        for (const way of ways) {
          sent[way].push(performance.now());
          this.#clients.get(way)?.write(wireChunk(`data: {"event":${number},"text":"a needle a day"}\n\n`));
          await sleep(INTERVAL / 2);
        }
      }
      for (let waited = 0; ways.some((way) => delays[way].length < count); waited += INTERVAL) {
        if (waited > PATIENCE) {
          throw new Error("Cannot measure delays as every event must come: some did not");
        }
        await sleep(INTERVAL);
      }
    } finally {
      for (const socket of [...sockets, ...this.#clients.values()]) socket.destroy();
      this.#clients.clear();
    }
    return { direct: delays.direct.slice(WARM_UP), proxied: delays.proxied.slice(WARM_UP) };
  }

  #accept(socket: Socket): void {
    // The other side ends a stream by going away.
    socket.on("error", () => socket.destroy());
    socket.once("data", (head) => {
      socket.write(
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n",
      );
      this.#clients.set(head.toString("latin1").split(/[ /]+/)[1] ?? "", socket);
      this.#server.emit("client");
    });
  }

  /** Waits until both clients are there. */
  async #arrived(): Promise<void> {
    while (this.#clients.size < 2) {
      await once(this.#server, "client", { signal: AbortSignal.timeout(PATIENCE) });
    }
  }
}

/** Asks for the events; calls back with the number of each that comes. */
function listen(port: number, way: string, onEvent: (number: number) => void): Socket {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  socket.setEncoding("latin1");
  let rest = "";
  socket.on("data", (text) => {
    rest += text;
    const last = rest.lastIndexOf("\n\n") + 1;
    for (const [, number] of rest.slice(0, last).matchAll(/"event":(\d+)/g)) onEvent(Number(number));
    rest = rest.slice(last);
  });
  socket.on("error", () => socket.destroy());
  socket.write(`GET /${way} HTTP/1.1\r\nhost: origin\r\naccept: text/event-stream\r\n\r\n`);
  return socket;
}

function wireChunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}
