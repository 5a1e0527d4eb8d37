/**
 * Certificates for hosts, made when they are first wanted: those that want one at the same time wait for one making, and so
 * many are kept.
 */
import type { TlsServer } from "./tls.ts";

/** How long one is used; it counts for longer by far, but a proxy may run for years. In milliseconds. */
const USED_MS = 30 * 24 * 60 * 60 * 1000;

interface Leaf {
  readonly server: Promise<TlsServer>;
  readonly made: number;
}

/** Certificates for hosts. */
export class Leaves {
  readonly #most: number;
  readonly #make: (name: string) => Promise<TlsServer>;
  // In the order of their last use.
  #kept = new Map<string, Leaf>();

  /**
   * @param most How many are kept.
   * @param make Makes one for a name.
   */
  constructor(most: number, make: (name: string) => Promise<TlsServer>) {
    this.#most = most;
    this.#make = make;
  }

  /** How many are kept. */
  get size(): number {
    return this.#kept.size;
  }

  /** What speaks TLS in a host's name. */
  take(name: string): Promise<TlsServer> {
    const now = performance.now();
    const kept = this.#kept.get(name);
    this.#kept.delete(name);
    const leaf = kept !== undefined && now - kept.made < USED_MS ? kept : this.#new(name, now);
    this.#kept.set(name, leaf);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#most) break;
      this.#kept.delete(oldest);
    }
    return leaf.server;
  }

  #new(name: string, made: number): Leaf {
    const server = this.#make(name);
    const leaf = { server, made };
    // What failed is tried again; whoever waits is told.
    server.catch(() => {
      if (this.#kept.get(name) === leaf) this.#kept.delete(name);
    });
    return leaf;
  }
}
