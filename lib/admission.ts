/**
 * How many connections of clients there may be, in total and from one address.
 *
 * In total, a proxy that is full stops accepting where the runtime can, so that who comes waits with the kernel. One
 * client that has more than its share is told so.
 */
import { RefusedError } from "./errors.ts";
import { isLoopback, parseIp } from "./ip-address.ts";

/** Counts connections. */
export class Admission {
  #most: number;
  #share: number;
  #everyone: boolean;
  #total = 0;
  #shares = new Map<string, number>();

  /**
   * Counts up to these bounds.
   *
   * @param most The most connections.
   * @param share The most from one address.
   * @param everyone Whether that holds for loopback addresses too: those are this machine's own programs, or a server in
   * front that brings the connections of many.
   */
  constructor(most: number, share: number, everyone: boolean) {
    this.#most = most;
    this.#share = share;
    this.#everyone = everyone;
  }

  /** Whether there may be no more. */
  get full(): boolean {
    return this.#total >= this.#most;
  }

  /**
   * Counts a connection in.
   *
   * @param host The client's numeric address.
   * @returns `null`, or a refusal with 503 if there is no room for it; it is not counted then.
   */
  enter(host: string): RefusedError | null {
    if (this.full) return new RefusedError(503, "Cannot take one more connection as there are too many");
    const count = this.#shares.get(host) ?? 0;
    if (count >= this.#share && (this.#everyone || !isOwn(host))) {
      return new RefusedError(503, "Cannot take one more connection as this client has too many");
    }
    this.#shares.set(host, count + 1);
    this.#total++;
    return null;
  }

  /** Counts a connection out that was counted in. */
  leave(host: string): void {
    const count = this.#shares.get(host)!;
    if (count > 1) this.#shares.set(host, count - 1);
    else this.#shares.delete(host);
    this.#total--;
  }
}

function isOwn(host: string): boolean {
  const ip = parseIp(host);
  return ip !== null && isLoopback(ip);
}
