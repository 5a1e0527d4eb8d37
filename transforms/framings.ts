/**
 * Where the records of a body end, by kind: lines, what a delimiter ends, and the blocks of an event stream.
 *
 * A framing looks at each chunk from its first byte to its last, and keeps a few numbers between chunks. A
 * record that ends with a CR ends there and then, though a LF may follow that belongs to the same line end:
 * waiting for it would hold a live record back for as long as the source is silent. Where the next chunk
 * brings that LF, `open` says so.
 */

import { isDataLine } from "./event-lines.ts";
import { CR, LF, LineEnds } from "./line-ends.ts";
import { Search } from "./search.ts";

/** Finds the ends of records. */
export interface Framing {
  /**
   * Begins with a chunk, which is not empty.
   *
   * @param chunk The chunk.
   * @returns How many of its first bytes complete the end of the record before.
   */
  open(chunk: Uint8Array): number;
  /**
   * Finds the end of a record in the chunk.
   *
   * @param from The index to go on from: where the record begins, or what `open` returned.
   * @returns The index behind the record's end, or -1 if the chunk ends before it.
   */
  next(from: number): number;
  /** How many bytes of the record that was found last are its end. */
  readonly endBytes: number;
  /** How many of the chunk's last bytes may be the beginning of an end. */
  readonly edgeBytes: number;
  /** Whether a LF at the beginning of the next chunk would complete the end of a record that was found. */
  readonly awaitsLineFeed: boolean;
}

/** Lines: each ends with LF, CR LF or CR. */
export class LineFraming implements Framing {
  endBytes = 0;
  readonly edgeBytes: number = 0;
  awaitsLineFeed = false;
  readonly #ends: LineEnds = new LineEnds();
  #chunk: Uint8Array = new Uint8Array();

  open(chunk: Uint8Array): number {
    this.#chunk = chunk;
    this.#ends.open(chunk);
    const completes = this.awaitsLineFeed && chunk[0] === LF;
    this.awaitsLineFeed = false;
    return completes ? 1 : 0;
  }

  next(from: number): number {
    const chunk = this.#chunk;
    const at = this.#ends.next(from);
    if (at === chunk.length) return -1;
    const isCarriageReturn = chunk[at] === CR;
    this.endBytes = isCarriageReturn && chunk[at + 1] === LF ? 2 : 1;
    const behind = at + this.endBytes;
    this.awaitsLineFeed = isCarriageReturn && this.endBytes === 1 && behind === chunk.length;
    return behind;
  }
}

/** Records that a delimiter ends. */
export class DelimiterFraming implements Framing {
  readonly endBytes: number;
  edgeBytes = 0;
  readonly awaitsLineFeed: boolean = false;
  readonly #search: Search;
  #chunk: Uint8Array = new Uint8Array();

  constructor(delimiter: Uint8Array) {
    this.#search = new Search(delimiter);
    this.endBytes = delimiter.length;
  }

  open(chunk: Uint8Array): number {
    this.#chunk = chunk;
    return 0;
  }

  next(from: number): number {
    const begun = this.edgeBytes === 0 ? -1 : this.#resume();
    if (begun >= 0 || this.edgeBytes > 0) return begun;
    const hit = this.#search.find(this.#chunk, from);
    if (hit >= 0) return hit + this.endBytes;
    this.edgeBytes = this.#search.edge(this.#chunk, from);
    return -1;
  }

  /**
   * Follows a delimiter that an earlier chunk began; returns the index behind it, or -1. If `edgeBytes` is 0
   * after that, it was none, and any other begins inside the chunk.
   */
  #resume(): number {
    const chunk = this.#chunk;
    let matched = this.edgeBytes;
    for (let taken = 0; taken < chunk.length;) {
      matched = this.#search.advance(matched, chunk[taken++] as number);
      if (matched === this.endBytes || matched <= taken) {
        this.edgeBytes = 0;
        return matched === this.endBytes ? taken : -1;
      }
    }
    this.edgeBytes = matched;
    return -1;
  }
}

/** The blocks of an event stream: each ends with an empty line. */
export class EventFraming implements Framing {
  endBytes = 0;
  readonly edgeBytes: number = 0;
  awaitsLineFeed = false;
  readonly #ends: LineEnds = new LineEnds();
  #chunk: Uint8Array = new Uint8Array();
  /** Whether the next byte begins a line. */
  #lineBegins = true;
  /** Whether the chunk before ended with the CR of a line inside a block. */
  #afterCarriageReturn = false;
  /** Whether the chunk before ended inside a block. */
  #goesOn = false;
  /**
   * Whether the block that was found last has a `data` field: the framing passes the beginnings of its lines
   * anyhow. `undefined` where a chunk before had a part of it, which may have cut a field's name.
   */
  hasData: boolean | undefined;

  open(chunk: Uint8Array): number {
    this.#chunk = chunk;
    this.#ends.open(chunk);
    const completes = this.awaitsLineFeed && chunk[0] === LF;
    this.awaitsLineFeed = false;
    return completes ? 1 : 0;
  }

  next(from: number): number {
    const chunk = this.#chunk;
    const length = chunk.length;
    let hasData = false;
    let at = from;
    if (this.#afterCarriageReturn) {
      this.#afterCarriageReturn = false;
      if (chunk[at] === LF) at++;
    }
    while (at < length) {
      if (this.#lineBegins && isDataLine(chunk, at, length)) hasData = true;
      const end = this.#ends.next(at);
      if (end === length) {
        this.#lineBegins = false;
        break;
      }
      const isEmpty = this.#lineBegins && end === at;
      this.#lineBegins = true;
      const isCarriageReturn = chunk[end] === CR;
      at = isCarriageReturn && chunk[end + 1] === LF ? end + 2 : end + 1;
      const mayGoOn = isCarriageReturn && at === end + 1 && at === length;
      if (isEmpty) {
        this.awaitsLineFeed = mayGoOn;
        this.endBytes = at - end;
        this.hasData = this.#goesOn ? undefined : hasData;
        this.#goesOn = false;
        return at;
      }
      this.#afterCarriageReturn = mayGoOn;
    }
    this.#goesOn ||= from < length;
    return -1;
  }
}
