import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatDuration, parseDuration } from "../../lib/duration.ts";
import { nearest } from "../../lib/nearest.ts";
import { formatSize, parseSize } from "../../lib/size.ts";

describe("parseSize()", () => {
  const good: [text: string, bytes: number][] = [
    ["0", 0],
    ["1", 1],
    ["10b", 10],
    ["1k", 1024],
    ["1K", 1024],
    ["1kb", 1024],
    ["1KB", 1024],
    ["500k", 512_000],
    ["1.5m", 1_572_864],
    ["3M", 3_145_728],
    ["2mb", 2_097_152],
    ["1g", 1_073_741_824],
    ["0.5g", 536_870_912],
    ["1t", 1_099_511_627_776],
    ["1.7", 1],
    ["007", 7],
  ];
  for (const [text, bytes] of good) {
    it(`reads ${text}`, () => assert.equal(parseSize(text), bytes));
  }
  const bad = [
    "",
    " ",
    " 3m",
    "3 m",
    "3q",
    "-1",
    "+5",
    "1_000",
    "0x10",
    "1e3",
    ".5m",
    "5.m",
    "3bb",
    "m",
    "NaN",
    "٣",
    "9000t0",
  ];
  for (const text of [...bad, "9999999t", "1.2.3", "3m\n"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseSize(text), {
        name: "RangeError",
        message: new RegExp("such as 500k or 1.5m: got "),
      });
    });
  }
});

describe("formatSize()", () => {
  const rows: [bytes: number, text: string][] = [
    [0, "0b"],
    [1, "1b"],
    [1023, "1023b"],
    [1024, "1.0k"],
    [1536, "1.5k"],
    [102_297, "99.9k"],
    [102_400, "100k"],
    [309_000, "302k"],
    [1_048_000, "1023k"],
    [1_048_575, "1.0m"],
    [1_048_576, "1.0m"],
    [5 * 1024 ** 3, "5.0g"],
    [2.5 * 1024 ** 4, "2.5t"],
    [5000 * 1024 ** 4, "5000t"],
  ];
  for (const [bytes, text] of rows) {
    it(`prints ${bytes} as ${text}`, () => assert.equal(formatSize(bytes), text));
  }
});

describe("parseDuration()", () => {
  const good: [text: string, milliseconds: number][] = [
    ["0", 0],
    ["5", 5000],
    ["500ms", 500],
    ["30s", 30_000],
    ["1.5m", 90_000],
    ["2H", 7_200_000],
    ["0.25s", 250],
  ];
  for (const [text, milliseconds] of good) {
    it(`reads ${text}`, () => assert.equal(parseDuration(text), milliseconds));
  }
  for (const text of ["", "-1s", "1d", "s", "1 s", "1e3", "600h"]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDuration(text), {
        name: "RangeError",
        message: /such as 500ms, 30s or 2h: got /,
      });
    });
  }
});

describe("formatDuration()", () => {
  const rows: [milliseconds: number, text: string][] = [
    [0, "0ms"],
    [812.4, "812ms"],
    [999.6, "1.00s"],
    [1250, "1.25s"],
    [9_994, "9.99s"],
    [9_996, "10.0s"],
    [12_340, "12.3s"],
    [99_960, "1m40s"],
    [245_000, "4m05s"],
    [3_599_600, "1h00m"],
    [7_380_000, "2h03m"],
  ];
  for (const [milliseconds, text] of rows) {
    it(`prints ${milliseconds} as ${text}`, () => assert.equal(formatDuration(milliseconds), text));
  }
});

describe("nearest()", () => {
  const rows: [text: string, found: string | null][] = [
    ["--steam", "--stream"],
    ["--strem", "--stream"],
    ["--stremas", "--stream"],
    ["--Stream", "--stream"],
    ["--srtipt", "--script"],
    ["--port", null],
    ["", null],
  ];
  for (const [text, found] of rows) {
    it(`finds ${found} for ${JSON.stringify(text)}`, () => {
      assert.equal(nearest(text, ["--stream", "--script", "--listen-host"]), found);
    });
  }
});
