/**
 * The checksum at the end of a "deflate" body (RFC 1950 8.2), for decoders that don't look: Deno's `DecompressionStream`
 * takes a body that is cut short for whole.
 *
 * Two taps share the state: one sees the coded bytes, whose last four are the checksum, and one the decoded ones.
 */
import { CodingError } from "./errors.ts";
import type { Transformer } from "../transforms/transform.ts";

const BASE = 65_521;
/** So many bytes can be added up before the sums need to be reduced to stay exact and fast. */
const RUN_BYTES = 3_800;
const CHECKSUM_BYTES = 4;

/** A check of one body. */
export class Adler32 {
  #low = 1;
  #high = 0;
  #last: number[] = [];

  /** Watches the coded bytes. */
  get coded(): Transformer {
    return {
      transform: (chunk, controller) => {
        this.#last = [...this.#last, ...chunk.subarray(-CHECKSUM_BYTES)].slice(-CHECKSUM_BYTES);
        controller.enqueue(chunk);
      },
    };
  }

  /** Watches the decoded bytes, and fails at their end if the checksum isn't theirs. */
  get decoded(): Transformer {
    return {
      transform: (chunk, controller) => {
        this.#add(chunk);
        controller.enqueue(chunk);
      },
      flush: () => {
        // No bytes at all are no cut body.
        if (this.#last.length === 0) return;
        const [a = 0, b = 0, c = 0, d = 0] = this.#last;
        if (a * 256 + b === this.#high && c * 256 + d === this.#low) return;
        const message =
          "Cannot decode the body as it must end with its checksum: it is cut short, or corrupt";
        throw new CodingError("truncated", message);
      },
    };
  }

  #add(chunk: Uint8Array): void {
    for (let start = 0; start < chunk.length; start += RUN_BYTES) {
      const end = Math.min(start + RUN_BYTES, chunk.length);
      for (let at = start; at < end; at++) {
        this.#low += chunk[at]!;
        this.#high += this.#low;
      }
      this.#low %= BASE;
      this.#high %= BASE;
    }
  }
}
