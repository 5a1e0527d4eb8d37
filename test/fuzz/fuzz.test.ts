/**
 * A short run of the fuzzer with a fixed seed; `npm run fuzz` is the long one. What fails here is played by its seed, and
 * `npm run fuzz -- --seed 1 --only TARGET` writes it down.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Fuzzer } from "./fuzzer.ts";
import { targets } from "./targets.ts";

const SEED = 1;
const INPUTS_PER_SHARE = 2_000;

/** What must be reached, so that the fuzzer is known to get behind the front door. */
const REACHED: Readonly<Record<string, readonly RegExp[]>> = {
  codec: [
    /^server.*chunked\/1bt .*need data/,
    /^client.*chunked.*paused, done/,
    /close-delimited\/0b .*paused, must-close/,
    /paused, tunnel/,
    /refused .*the chunk as its data/,
    /refused .*trailer section as it must/,
    /truncated .*trailer section/,
    /truncated .*Content-Length/,
  ],
  relay: [
    /^kept chunked.*need data/,
    /^changed chunked/,
    /^whole content-length/,
    /close-delimited/,
    /truncated .*last chunk/,
  ],
  sender: [
    /^client (?:done|must-close) chunked 1 [1-9]/,
    /^server (?:done|must-close) content-length 1 [05]/,
    /^server must-close close-delimited 1/,
    /^server tunnel/,
    /^client idle .*[1-9] refused/,
  ],
  engine: [
    /^passed 200 content-length of [2-9]/,
    /^buffered 200 content-length of 1 /,
    /^streamed true chunked .*paused/,
    /^(?:streamed|passed) true chunked .*(?:truncated|refused) .*chunk/,
    /^buffered false .*truncated/,
    /^passed 400 content-length of 1 .*refused/,
  ],
  regexps: [/\(\?=.* changed/, /\(\?<.* changed/, /\\b.* changed/, /\*.* g.* changed/, / as it was/],
  chains: [
    /^replaceMany changed/,
    /^replace as it was/,
    /limit.* changed 3/,
    /events as it was/,
    /json changed/,
  ],
};

describe("the fuzzer", () => {
  for (const target of targets) {
    it(`finds nothing in ${target.name}`, async () => {
      const fuzzer = new Fuzzer(target, SEED);
      const failure = await fuzzer.run(target.share * INPUTS_PER_SHARE);
      if (failure !== null) {
        throw new Error(`input ${failure.index}: ${JSON.stringify(failure.input)}`, { cause: failure.error });
      }
      const outcomes = [...fuzzer.reached.keys()];
      for (const wanted of REACHED[target.name] ?? []) {
        assert(outcomes.some((outcome) => wanted.test(outcome)), `${wanted} must be reached`);
      }
    });
  }
});
