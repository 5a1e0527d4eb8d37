/**
 * The vectors in test/vectors: Markdown in which an `http` block is played, and the `events` block behind it is what must
 * happen, however the bytes are cut. README.md there has the notation.
 */
import { describe, it } from "node:test";
import { playEveryWay } from "./play.ts";
import { readVectors } from "./vectors.ts";

for (const [file, vectors] of readVectors()) {
  describe(`vectors/${file}.md`, () => {
    for (const vector of vectors) {
      it(vector.title, () => playEveryWay(vector.scene, vector.bytes, vector.events));
    }
  });
}
