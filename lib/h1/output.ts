/**
 * The bytes that are to be sent: a queue of pieces for one vectored write.
 *
 * Small pieces are copied together into a block, so that a head and the frames behind it leave as one piece; large ones
 * are queued as they are. What `take` has handed out is never written again: the next bytes go behind it in the same
 * block, so a block serves several small messages. A new block is as large as what was sent the last time, within bounds: a connection
 * that sends small responses holds a small block, one that streams gets large ones. (To allocate 2 KiB takes 1.2 µs, 8 KiB
 * 1.8 µs, 64 KiB 5 µs.)
 */
import { NO_BYTES, writeLatin1 } from "./octets.ts";

const COPIED = 16 * 1024;
const SMALLEST_BLOCK = 8 * 1024;
const LARGEST_BLOCK = 64 * 1024;

/** A queue of bytes to send. */
export class Output {
  #pieces: Uint8Array[] = [];
  #block = NO_BYTES;
  // In the block: where the bytes that were not queued yet begin, and where they end.
  #from = 0;
  #to = 0;
  #pending = 0;
  #lastTaken = 0;

  /** How many bytes there are. */
  get pending(): number {
    return this.#pending;
  }

  /**
   * Adds text, an octet a character.
   *
   * @param text Characters below U+0100.
   */
  text(text: string): void {
    const at = this.#reserve(text.length);
    writeLatin1(text, this.#block, at);
  }

  /**
   * Adds bytes.
   *
   * @param bytes Copied if they are few; otherwise lent until they have been sent.
   */
  bytes(bytes: Uint8Array): void {
    if (bytes.length > COPIED) {
      this.#flush();
      this.#pieces.push(bytes);
      this.#pending += bytes.length;
    } else if (bytes.length > 0) {
      const at = this.#reserve(bytes.length);
      this.#block.set(bytes, at);
    }
  }

  /**
   * Takes everything.
   *
   * @returns The pieces in order, none of them empty.
   */
  take(): Uint8Array[] {
    this.#flush();
    const pieces = this.#pieces;
    this.#pieces = [];
    this.#lastTaken = this.#pending;
    this.#pending = 0;
    return pieces;
  }

  #reserve(length: number): number {
    if (this.#to + length > this.#block.length) {
      this.#flush();
      const usual = Math.min(LARGEST_BLOCK, Math.max(SMALLEST_BLOCK, this.#lastTaken, this.#pending));
      this.#block = new Uint8Array(Math.max(usual, length));
      this.#from = this.#to = 0;
    }
    const at = this.#to;
    this.#to += length;
    this.#pending += length;
    return at;
  }

  #flush(): void {
    if (this.#from === this.#to) return;
    this.#pieces.push(this.#block.subarray(this.#from, this.#to));
    this.#from = this.#to;
  }
}
