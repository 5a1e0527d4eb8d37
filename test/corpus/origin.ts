/**
 * The origin of all cases: it reads as strictly as anybody, and answers as the case says that it finds by its token.
 */
import { createServer, type Server, type Socket } from "node:net";
import type { Answer } from "./cases.ts";
import { Peer } from "./peer.ts";
import { becomes, type Scene } from "./scene.ts";
import { doStep } from "./steps.ts";
import { readRequests, type WireRequest } from "./strict-reader.ts";

/** After how long a silence an incomplete request is answered as it is, in milliseconds. */
const IDLE_MS = 1000;
/** How long it stays after an answer that is the last one, in milliseconds: what comes behind the request shows then. */
const LINGER_MS = 60;
/** From this length on, a body is looked at now and then only. */
const BIG = 200_000;
/** Where the token is looked for; what carries it stands near the beginning of a connection. */
const TOKEN_WITHIN = 300_000;

/** The tokens' form. */
const tokens = /cz\d{6}zc/;

/** Makes the token of a number. */
export function tokenOf(number: number): string {
  return `cz${String(number).padStart(6, "0")}zc`;
}

/** An origin that runs. */
export class Origin {
  /** The scenes that are being played, by their tokens. */
  readonly scenes: Map<string, Scene> = new Map();
  /** The beginnings of what came and belonged to no case. */
  readonly orphans: string[] = [];
  /** What went wrong in here. */
  readonly failures: unknown[] = [];
  #sockets = new Set<Socket>();
  #server: Server;

  /** Makes it; `listen` starts it. */
  constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      this.#meet(new Peer(socket)).catch((error: unknown) => this.failures.push(error));
    });
  }

  /** Starts to listen on a free port, and tells which. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return (this.#server.address() as { port: number }).port;
  }

  /** Breaks off what is open, and stops. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #meet(peer: Peer): Promise<void> {
    let scene: Scene | undefined;
    let known = false;
    const isKnown = () => {
      const token = tokens.exec(peer.octets.slice(0, TOKEN_WITHIN))?.[0];
      known = token !== undefined;
      scene = token === undefined ? undefined : this.scenes.get(token);
      return known;
    };
    // An idle connection of the proxy's pool is nobody's until something comes.
    while (peer.octets === "" && !peer.gone) await peer.event(1000);
    await becomes(peer, () => isKnown() || peer.gone);
    if (scene === undefined) {
      // What belongs to a case that is over is only late.
      if (!known && peer.octets !== "") this.orphans.push(peer.octets.slice(0, 200));
      peer.socket.destroy();
      return;
    }
    scene.origins.push(peer);
    if (scene.play.originRaw === undefined) await answerRequests(peer, scene);
    else for (const step of scene.play.originRaw) await doStep(step, peer, scene);
  }
}

async function answerRequests(peer: Peer, scene: Scene): Promise<void> {
  for (let at = 0;;) {
    const request = await nextRequest(peer, scene, at);
    if (request === null) return;
    const { steps, linger = LINGER_MS, keep = scene.play.keep ?? false } = answerTo(request, scene);
    if (steps === undefined) await peer.send(plainAnswer(request, scene, keep));
    else for (const step of steps) await doStep(step, peer, scene);
    if (!keep || !request.complete) {
      await becomes(peer, () => peer.gone, linger);
      peer.socket.end();
      return;
    }
    at += request.end;
  }
}

/** Waits until a request is there as the case wants it, or nothing more comes of it; `null` if none will be. */
async function nextRequest(peer: Peer, scene: Scene, at: number): Promise<WireRequest | null> {
  while (!scene.over) {
    const [request] = readRequests(peer.octets.slice(at), 1);
    let wait = 1000;
    if (request !== undefined) {
      const { when = "message", idle = IDLE_MS, noIdle = false } = answerTo(request, scene);
      if (when === "head" ? request.headComplete : request.complete) return request;
      const silence = performance.now() - peer.lastAt;
      if (silence > idle && !noIdle) return request;
      wait = request.body.length > BIG ? 5 : idle - silence + 5;
    }
    if (peer.gone) return null;
    await peer.event(wait);
  }
  return null;
}

function answerTo(request: WireRequest, scene: Scene): Answer {
  const answers = scene.play.origin ?? {};
  return answers[lastPart(request, scene) ?? ""] ?? answers["*"] ?? {};
}

function plainAnswer(request: WireRequest, scene: Scene, keep: boolean): string {
  const body = `ok:${lastPart(request, scene) ?? "-"}`;
  return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" + `Content-Length: ${body.length}\r\n` +
    (keep ? "" : "Connection: close\r\n") + "\r\n" + (request.method === "HEAD" ? "" : body);
}

/** What follows the token in a target; `null` without a token. */
function lastPart({ target }: WireRequest, scene: Scene): string | null {
  const before = `${scene.places.token}/`;
  const at = target.indexOf(before);
  return at < 0 ? null : target.slice(at + before.length).split(/[?#]/)[0]!;
}
