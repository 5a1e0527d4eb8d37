/**
 * The bytes that are to be sent: a queue of pieces for one vectored write.
 *
 * Small pieces are copied together into a block, so that a head and the frames behind it leave as one piece; large ones
 * are queued as they are. What `take` has handed out stays as it is until `written` says that it has been sent; then its
 * blocks are used again.
 */
import { giveBlock, takeBlock } from "./blocks.ts";
import { NO_BYTES, writeLatin1 } from "./octets.ts";

/** Up to here copying a piece is cheaper than a place of its own in the vectored write, in bytes. */
const COPIED = 16 * 1024;

/** A queue of bytes to send. */
export class Output {
  #pieces: Uint8Array[] = [];
  #block = NO_BYTES;
  // In the block: where the bytes that were not queued yet begin, and where they end.
  #from = 0;
  #to = 0;
  #pending = 0;
  // Blocks that are full: they are used again when all that was taken has been sent.
  #full: Uint8Array[] = [];

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
    this.#pending = 0;
    return pieces;
  }

  /** All that was taken has been sent: its memory may be used again. */
  written(): void {
    for (const block of this.#full) giveBlock(block);
    if (this.#full.length > 0) this.#full = [];
    if (this.#pending > 0) return;
    giveBlock(this.#block);
    this.#block = NO_BYTES;
    this.#from = this.#to = 0;
  }

  #reserve(length: number): number {
    if (this.#to + length > this.#block.length) {
      this.#flush();
      if (this.#block.length > 0) this.#full.push(this.#block);
      this.#block = takeBlock(length, this.#pending > 0);
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
