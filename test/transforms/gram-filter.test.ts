import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { replaceMany, type Transform } from "../../transforms/mod.ts";
import { bytes, randomNumbers, seed, text } from "../harness/splits.ts";

const random = randomNumbers(seed);

/** A text of words, so long that it takes several blocks of the kernel. */
function makeText(length: number, letters: string): string {
  return Array.from({ length }, () => letters[Math.trunc(random() * letters.length)]).join("");
}

/** Needles of at least so many letters, none the beginning of another one. */
function makeNeedles(count: number, least: number, letters: string): string[] {
  return Array.from({ length: count }, () => makeText(least + Math.trunc(random() * 4), letters));
}

/** The longest first, as of those that begin at a place the longest counts. */
function expected(body: string, needles: readonly string[], flags: string): string {
  const sorted = needles.toSorted((a, b) => b.length - a.length);
  return body.replaceAll(new RegExp(sorted.join("|"), flags), "<>");
}

/** Feeds a body from one buffer that is used again, in turns with what another transform gets. */
function run(transform: Transform, body: Uint8Array, size: number, between: () => void): string {
  const pieces: Uint8Array[] = [];
  const controller = { enqueue: (piece: Uint8Array) => void pieces.push(piece.slice()), terminate() {} };
  const buffer = new Uint8Array(size);
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    buffer.set(part);
    transform.transform(buffer.subarray(0, part.length), controller);
    buffer.fill(0);
    between();
  }
  transform.flush?.(controller);
  return text(...pieces);
}

describe("the filter of replaceMany, in chunks that are worth a kernel", () => {
  for (const least of [1, 3, 4, 5, 7, 8, 11]) {
    for (
      const [name, letters, ignoreCase] of [["as it is", "ab cdef", false], [
        "in any case",
        "abAB cDE",
        true,
      ]] as const
    ) {
      it(`finds needles of ${least} letters and more, ${name} (seed ${seed})`, () => {
        const needles = makeNeedles(40, least, letters);
        const whole = makeText(50_000, letters);
        const wanted = expected(whole, needles, ignoreCase ? "gi" : "g");
        for (const size of [50_000, 17_001, 4096, 300]) {
          const transform = replaceMany(needles.map((needle) => [needle, "<>"]), { ignoreCase });
          assert.equal(run(transform, bytes(whole), size, () => {}), wanted, `chunks of ${size}`);
        }
      });
    }
  }

  it("shares the kernel with another filter that runs between two chunks, and within a match", () => {
    const letters = "abcdef ";
    const [needles, others] = [makeNeedles(30, 4, letters), makeNeedles(30, 6, letters)];
    const whole = makeText(40_000, letters);
    const chunk = bytes(makeText(5000, letters));
    const other = replaceMany(others.map((needle) => [needle, "-"]));
    const disturb = (): string => {
      other.transform(chunk, { enqueue() {}, terminate() {} });
      return "<>";
    };
    const transform = replaceMany(needles.map((needle) => [needle, disturb]));
    assert.equal(run(transform, bytes(whole), 9000, disturb), expected(whole, needles, "g"));
  });

  it("gets past a body without a needle, up to what may begin one at its end", () => {
    const body = "x".repeat(100_000);
    assert.equal(
      run(replaceMany({ needle: "-", nettle: "+" }), bytes(`${body}nett`), 65_536, () => {}),
      `${body}nett`,
    );
    assert.equal(
      run(replaceMany({ needle: "-", nettle: "+" }), bytes(`${body}nettle`), 65_536, () => {}),
      `${body}+`,
    );
  });
});
