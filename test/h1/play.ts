/**
 * Plays bytes into a connection and writes down what it hands out, in a form that does not depend on how the bytes were
 * cut: pieces of a body are joined up to the end of their frame, and a state is told only at the end.
 *
 * The bytes are lent as the engine lends them: one buffer for all reads, overwritten as soon as `keep` was called.
 */
import assert from "node:assert/strict";
import { LocalProtocolError, ProtocolError, TruncatedError } from "../../lib/errors.ts";
import { Connection } from "../../lib/h1/connection.ts";
import { type Event, NEED_DATA } from "../../lib/h1/events.ts";
import { HeaderList } from "../../lib/headers.ts";
import type { Limits } from "../../lib/limits.ts";
import type { Framing } from "../../lib/message.ts";
import { randomNumbers } from "../harness/splits.ts";

const NONE: Framing = { kind: "none" };

/** What to play. */
export interface Scene {
  /** A server reads requests, and answers each with a 204; a client reads the responses to `methods`. */
  readonly role: "server" | "client";
  /** The methods of the requests that a client sends. */
  readonly methods?: readonly string[];
  /** Whether the client's requests ask for an upgrade. */
  readonly upgrade?: boolean;
  /** Whether the bytes are followed by FIN. */
  readonly fin?: boolean;
  /** The connection's limits. */
  readonly limits?: Limits;
}

/** Text to octets, an octet a character. */
export function octets(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** Octets to text. */
export function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (octet) => String.fromCharCode(octet)).join("");
}

/** The lines of one play. */
class Log {
  readonly lines: string[] = [];
  #body = "";
  #frame: string | null = null;
  #open = false;

  event(event: Event): void {
    if (event.type === "data") return this.#data(event.bytes, event.frameSize, event.frameEnd);
    this.flush();
    switch (event.type) {
      case "request":
        this.lines.push(
          `request ${event.method} ${event.target} ${event.version} ${framingText(event.framing)}`,
        );
        return this.#fields(event.headers);
      case "response":
        this.lines.push(
          `response ${event.status} ${quoted(event.reason)} ${event.version} ${framingText(event.framing)}`,
        );
        return this.#fields(event.headers);
      case "interim":
        this.lines.push(`interim ${event.status} ${quoted(event.reason)} ${event.version}`);
        return this.#fields(event.headers);
      case "end":
        this.lines.push(event.trailers === null ? "end" : "end with trailers");
        return this.#fields(event.trailers ?? new HeaderList());
      case "closed":
        this.lines.push("closed");
    }
  }

  flush(): void {
    if (!this.#open) return;
    this.lines.push(
      this.#frame === null ? `data ${quoted(this.#body)}` : `frame ${this.#frame} ${quoted(this.#body)}`,
    );
    this.#open = false;
    this.#frame = null;
    this.#body = "";
  }

  #data(bytes: Uint8Array, frameSize: number, frameEnd: boolean): void {
    assert(bytes.length > 0, "a data event must have bytes");
    if (frameSize > 0) {
      assert(!this.#open, "a frame must end before the next begins");
      this.#frame = String(frameSize);
    }
    this.#open = true;
    this.#body += latin1(bytes);
    if (!frameEnd) return;
    assert.equal(this.#body.length, Number(this.#frame), "a frame must be as long as it says");
    this.flush();
  }

  #fields(headers: HeaderList): void {
    for (const [name, value] of headers) this.lines.push(`  ${name}: ${escaped(value)}`);
  }
}

function framingText(framing: Framing): string {
  return framing.kind === "content-length" ? `content-length ${framing.length}` : framing.kind;
}

function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
}

function quoted(text: string): string {
  return `"${escaped(text.replaceAll("\r", "\\r").replaceAll("\n", "\\n"))}"`;
}

/** Sends a client's next request, so that a response may be read. */
function sendRequest(connection: Connection, method: string, upgrade: boolean): void {
  const headers = new HeaderList({ Host: "a.example" });
  if (upgrade) {
    headers.append("Connection", "Upgrade");
    headers.append("Upgrade", "foo");
  }
  const target = method === "CONNECT" ? "b.example:443" : "/";
  connection.sendRequest({ method, target, version: "1.1", headers }, NONE);
  connection.sendEnd();
}

/** Goes on to the next exchange if there is one; tells whether it has. */
function proceed(connection: Connection, scene: Scene, methods: string[]): boolean {
  if (scene.role === "server") {
    const { theirState, ourState } = connection;
    if (theirState !== "done" || ourState !== "idle") return false;
    const headers = new HeaderList({ Connection: "keep-alive" });
    connection.sendResponse({ status: 204, reason: "", version: "1.1", headers }, NONE);
    if (connection.ourState === "tunnel") return true;
    connection.sendEnd();
  }
  const method = methods[0];
  if (!connection.reusable || (scene.role === "client" && method === undefined)) return false;
  connection.startNextCycle();
  if (scene.role === "client") sendRequest(connection, methods.shift()!, scene.upgrade === true);
  return true;
}

/**
 * Plays a scene.
 *
 * @param scene What to play.
 * @param pieces The bytes, as they come.
 * @returns What has happened, a line each; fields are indented.
 */
export function play(scene: Scene, pieces: readonly Uint8Array[]): string[] {
  const connection = new Connection(scene.role, scene.limits);
  const methods = [...scene.methods ?? ["GET"]];
  if (scene.role === "client") sendRequest(connection, methods.shift()!, scene.upgrade === true);
  const log = new Log();
  const lent = new Uint8Array(Math.max(1, ...pieces.map((piece) => piece.length)));
  let last = "need data";
  const drain = (): void => {
    for (;;) {
      const event = connection.nextEvent();
      if (typeof event === "object") log.event(event);
      else if (event === NEED_DATA || !proceed(connection, scene, methods)) {
        last = event === NEED_DATA ? "need data" : `paused, ${connection.theirState}`;
        return;
      }
    }
  };
  try {
    drain();
    for (const piece of pieces) {
      lent.set(piece);
      connection.receive(lent.subarray(0, piece.length));
      drain();
      connection.keep();
      lent.fill(0xee);
    }
    if (scene.fin === true) {
      connection.receive(null);
      drain();
    }
    log.flush();
    const rest = latin1(connection.rest());
    // What of an unfinished head is held is the buffer's business; what follows a message is somebody's.
    log.lines.push(last.startsWith("paused") && rest !== "" ? `${last}, ${quoted(rest)} left` : last);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error instanceof LocalProtocolError) throw error;
    log.flush();
    assert.throws(() => connection.nextEvent(), error.constructor as new () => Error, "an error must stay");
    assert.equal(connection.theirState, "error");
    log.lines.push(error instanceof TruncatedError ? "truncated" : `refused ${error.status}`);
  }
  return log.lines;
}

/** Cuts bytes at offsets. */
export function cut(bytes: Uint8Array, ...offsets: readonly number[]): Uint8Array[] {
  const ends = [...offsets, bytes.length];
  return ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end)).filter((piece) => piece.length > 0);
}

/**
 * Plays a scene whole, an octet at a time, at every two-way cut, and at seeded random cuts.
 *
 * @param scene What to play.
 * @param bytes The bytes.
 * @param expected What must happen each time.
 */
export function playEveryWay(scene: Scene, bytes: Uint8Array, expected: readonly string[]): void {
  assert.deepEqual(play(scene, [bytes]), expected, "whole");
  assert.deepEqual(
    play(scene, [...bytes].map((octet) => Uint8Array.of(octet))),
    expected,
    "an octet at a time",
  );
  for (let at = 1; at < bytes.length; at++) {
    assert.deepEqual(play(scene, cut(bytes, at)), expected, `cut at ${at}`);
  }
  for (let seed = 1; seed <= 8; seed++) {
    const offsets = randomCuts(bytes.length, seed);
    assert.deepEqual(play(scene, cut(bytes, ...offsets)), expected, `cut at ${offsets.join(", ")}`);
  }
}

/** Ascending offsets, the same for the same seed. */
export function randomCuts(length: number, seed: number): number[] {
  const random = randomNumbers(seed);
  const offsets: number[] = [];
  for (let at = 1 + Math.floor(random() * 23); at < length; at += 1 + Math.floor(random() * 23)) {
    offsets.push(at);
  }
  return offsets;
}
