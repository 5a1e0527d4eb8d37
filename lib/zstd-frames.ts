/**
 * Where the frames of a zstd body end (RFC 8878 3.1), found by walking over the headers of its frames and blocks.
 *
 * The runtimes' decoders stop for good at the end of a first frame, or take a body for whole that ends within a frame, so
 * they can't be asked. What the blocks hold is skipped; whether it is sound, the decoder tells.
 */
import { CodingError } from "./errors.ts";

/** What comes next: a number to collect, or bytes to skip. */
type Part = "magic" | "descriptor" | "header" | "block" | "content" | "checksum" | "size" | "skippable";

const FRAME = 0xfd2fb528;
const SKIPPABLE = 0x184d2a5;
const skipped: ReadonlySet<Part> = new Set(["header", "content", "checksum", "skippable"]);
const dictionaryBytes = [0, 1, 2, 4];
const sizeBytes = [0, 2, 4, 8];

/** Walks over the frames of one body. */
export class ZstdFrames {
  #part: Part = "magic";
  #missing = 4;
  #number = 0;
  #shift = 0;
  #checksum = false;
  #last = false;

  /** Whether what has come ends with a frame's end. */
  get whole(): boolean {
    return this.#part === "magic" && this.#missing === 4;
  }

  /**
   * Goes on to the end of the frame.
   *
   * @param bytes The next bytes of the body.
   * @param at Where in them to begin.
   * @returns Where the frame ends, or the end of the bytes.
   * @throws {CodingError} If there is neither a frame nor a block of a known kind.
   */
  advance(bytes: Uint8Array, at: number): number {
    let place = at;
    while (place < bytes.length) {
      if (skipped.has(this.#part)) {
        const count = Math.min(this.#missing, bytes.length - place);
        place += count;
        this.#missing -= count;
      } else {
        this.#number += bytes[place++]! * 2 ** this.#shift;
        this.#shift += 8;
        this.#missing--;
      }
      // What is to be skipped may be empty.
      while (this.#missing === 0) if (this.#next()) return place;
    }
    return place;
  }

  /** Goes on to the next part; whether the frame has ended. */
  #next(): boolean {
    const number = this.#number;
    switch (this.#part) {
      case "magic":
        if (number === FRAME) return this.#expect("descriptor", 1);
        if (Math.floor(number / 16) === SKIPPABLE) return this.#expect("size", 4);
        throw corrupt(`must begin with a frame: got ${number.toString(16)}`);
      case "size":
        return this.#expect("skippable", number);
      case "descriptor":
        return this.#expect("header", this.#headerBytes(number));
      case "header":
        return this.#expect("block", 3);
      case "block":
        return this.#expect("content", this.#contentBytes(number));
      case "content":
        return this.#expect(this.#last ? "checksum" : "block", this.#last ? (this.#checksum ? 4 : 0) : 3);
      case "checksum":
      case "skippable":
        this.#expect("magic", 4);
        return true;
    }
  }

  #expect(part: Part, count: number): false {
    this.#part = part;
    this.#missing = count;
    this.#number = 0;
    this.#shift = 0;
    return false;
  }

  #headerBytes(descriptor: number): number {
    const single = (descriptor >> 5) & 1;
    const sizeFlag = descriptor >> 6;
    this.#checksum = ((descriptor >> 2) & 1) === 1;
    const size = sizeFlag === 0 ? single : sizeBytes[sizeFlag]!;
    return (1 - single) + dictionaryBytes[descriptor & 3]! + size;
  }

  #contentBytes(header: number): number {
    this.#last = (header & 1) === 1;
    const kind = (header >> 1) & 3;
    if (kind === 3) throw corrupt("must have blocks of a known kind: got 3");
    // A run of one byte has it once, whatever its length.
    return kind === 1 ? 1 : header >> 3;
  }
}

function corrupt(reason: string): CodingError {
  return new CodingError("corrupt", `Cannot decode the body as zstd ${reason}`);
}
