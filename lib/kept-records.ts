/**
 * Records that TLS has decrypted and nobody has asked for yet, put together in memory that is used again: a turn for each
 * record would cost a third more. They come as chunks with memory of their own, or in memory that the next one overwrites.
 */
import { BufferPool } from "./buffer-pool.ts";

/** The most bytes in a record (RFC 8446 5.1). */
export const RECORD_BYTES: number = 16 * 1024;
/** From here on there is enough. In bytes. */
const ENOUGH_BYTES = 128 * 1024;
/** What is put together at most: that, and the record that was one too many. In bytes. */
const JOINED_BYTES = ENOUGH_BYTES + RECORD_BYTES;

const single = new BufferPool(RECORD_BYTES, 64);
const joined = new BufferPool(JOINED_BYTES, 32);

/** What comes from TLS, on its way to whoever reads. */
export interface KeptRecords {
  /** How many bytes are kept. */
  readonly bytes: number;
  /** Whether these are so many that no more should come. */
  readonly enough: boolean;
  /** Keeps a record. */
  keep(record: Uint8Array): void;
  /** A record for a reader that waits, until `giveBack`. */
  lend(record: Uint8Array): Uint8Array;
  /** The first bytes that are kept, as many as fit together, until `giveBack`; there must be some. */
  take(): Uint8Array;
  /** Whoever read last has what it was lent no longer. */
  giveBack(): void;
  /** All that is kept, in memory of its own; nothing is, any more. */
  drain(): Uint8Array[];
}

/** Where each record has memory of its own. */
export class OwnRecords implements KeptRecords {
  #records: Uint8Array[] = [];
  #lent: ArrayBuffer | null = null;
  bytes = 0;

  get enough(): boolean {
    return this.bytes >= ENOUGH_BYTES;
  }

  /** Streams of Node's kind give buffers, whose `slice` is no copy. */
  lend({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
    return new Uint8Array(buffer, byteOffset, byteLength);
  }

  keep(record: Uint8Array): void {
    this.#records.push(this.lend(record));
    this.bytes += record.length;
  }

  take(): Uint8Array {
    const records = this.#records;
    let count = 1;
    let length = records[0]!.length;
    while (count < records.length && length + records[count]!.length <= JOINED_BYTES) {
      length += records[count++]!.length;
    }
    const first = records.splice(0, count);
    this.bytes -= length;
    return count === 1 ? first[0]! : this.#join(first, length);
  }

  #join(records: readonly Uint8Array[], length: number): Uint8Array {
    this.#lent = joined.take();
    const bytes = new Uint8Array(this.#lent, 0, length);
    let at = 0;
    for (const record of records) {
      bytes.set(record, at);
      at += record.length;
    }
    return bytes;
  }

  giveBack(): void {
    if (this.#lent !== null) joined.give(this.#lent);
    this.#lent = null;
  }

  drain(): Uint8Array[] {
    this.bytes = 0;
    return this.#records.splice(0);
  }
}

/** Where a record's memory is overwritten by the next. */
export class CopiedRecords implements KeptRecords {
  readonly #kept: { readonly buffer: ArrayBuffer; length: number }[] = [];
  #lent: ArrayBuffer | null = null;
  bytes = 0;

  get enough(): boolean {
    return this.bytes >= ENOUGH_BYTES;
  }

  lend(record: Uint8Array): Uint8Array {
    this.#lent = single.take();
    const bytes = new Uint8Array(this.#lent, 0, record.length);
    bytes.set(record);
    return bytes;
  }

  keep(record: Uint8Array): void {
    let last = this.#kept.at(-1);
    if (last === undefined || last.length + record.length > JOINED_BYTES) {
      last = { buffer: joined.take(), length: 0 };
      this.#kept.push(last);
    }
    new Uint8Array(last.buffer).set(record, last.length);
    last.length += record.length;
    this.bytes += record.length;
  }

  take(): Uint8Array {
    const { buffer, length } = this.#kept.shift()!;
    this.bytes -= length;
    this.#lent = buffer;
    return new Uint8Array(buffer, 0, length);
  }

  giveBack(): void {
    if (this.#lent !== null) (this.#lent.byteLength === RECORD_BYTES ? single : joined).give(this.#lent);
    this.#lent = null;
  }

  drain(): Uint8Array[] {
    this.bytes = 0;
    return this.#kept.splice(0).map(({ buffer, length }) => new Uint8Array(buffer, 0, length));
  }
}
