/**
 * One request and its response, as far as both directions have to know of it: where each side is, and the facts of the
 * exchange that decide what the other side may do.
 */
import { LocalProtocolError } from "../errors.ts";
import type { RequestHead } from "../message.ts";
import { asksForUpgrade } from "./connection-options.ts";
import { move, type State, withoutKeepAlive } from "./states.ts";

/** Which end of the connection this is: a server reads requests and sends responses, a client the reverse. */
export type Role = "server" | "client";

/** The exchange that a connection is in. */
export class Cycle {
  /** Which end this is. */
  readonly role: Role;
  /** Where the other side is. */
  theirs: State = "idle";
  /** Where this side is. */
  ours: State = "idle";
  /** The request's method; empty before there is one. */
  method = "";
  /** The request's version. */
  version = "1.1";
  #upgrade = false;
  #keepAlive = true;

  /** @param role Which end this is. */
  constructor(role: Role) {
    this.role = role;
  }

  /** A request's head has been read, or sent. */
  begin(head: RequestHead): void {
    this.method = head.method;
    this.version = head.version;
    this.#upgrade = asksForUpgrade(head);
  }

  /** A head has said whether the connection stays open; one no is enough. */
  keepAliveIf(persists: boolean): void {
    this.#keepAlive &&= persists;
    this.settle();
  }

  /** A side has come to the end of its message. */
  settle(): void {
    if (this.#keepAlive) return;
    this.theirs = withoutKeepAlive(this.theirs);
    this.ours = withoutKeepAlive(this.ours);
  }

  /** Whether a 101 may come: the request has ended, and has asked for it. */
  maySwitch(requester: State): boolean {
    return this.#upgrade && (requester === "done" || requester === "must-close");
  }

  /** The connection becomes a tunnel, in both directions. */
  switch(): void {
    this.theirs = move(this.theirs, "switch", "become a tunnel");
    this.ours = move(this.ours, "switch", "become a tunnel");
  }

  /** Gets ready for the next exchange. */
  next(): void {
    if (this.theirs !== "done" || this.ours !== "done") {
      throw new LocalProtocolError(
        `Cannot start the next cycle as both sides must be "done": theirs is "${this.theirs}", ours "${this.ours}"`,
      );
    }
    this.theirs = move(this.theirs, "next-cycle", "start the next cycle");
    this.ours = move(this.ours, "next-cycle", "start the next cycle");
    this.method = "";
    this.version = "1.1";
    this.#upgrade = false;
  }
}
