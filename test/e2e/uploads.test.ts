/**
 * curl sends files through sluice: every octet arrives, with either framing, changed or not.
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { type Origin, startOrigin } from "../harness/web.ts";
import { largeSize, makeFolder, MiB, needle, writeNeedles, writeNoise } from "./files.ts";
import { growthDuring } from "./memory.ts";
import { curl, sedDigest } from "./programs.ts";

/** Node reads what is uploaded into memory that only its collector frees: a body has to be larger to stand out. */
const size = 2 * largeSize;
/** By how much the memory may rise after a small upload: the collector's freedom, and half of the body. */
const GROWTH = size / 2;

let folder: Awaited<ReturnType<typeof makeFolder>>;
let origin: Origin;
let noise: string;

before(async () => {
  folder = await makeFolder();
  noise = await writeNoise(join(folder.path, "noise"), size);
  await writeNeedles(join(folder.path, "needles"), largeSize);
  await writeNeedles(join(folder.path, "small"), 8 * MiB);
  origin = await startOrigin((request, response) => void answerDigest(request, response));
});

after(async () => {
  await origin.close();
  await folder[Symbol.asyncDispose]();
});

/** Answers with the framing and the SHA-256 of what was sent. */
async function answerDigest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of request) hash.update(chunk as Buffer);
  const { "content-length": length, "transfer-encoding": coding } = request.headers;
  response.end(`${coding ?? length} ${hash.digest("hex")}`);
}

/** Uploads a small file, then a large one, and looks at the memory meanwhile; gives what the origin answers. */
async function upload(
  file: string,
  words: readonly string[],
  ...curlWords: readonly string[]
): Promise<string> {
  await using command = new Command(["-q", "-p", "0", "-m", `reverse:${origin.url}`, ...words]);
  const { url } = await command.ready();
  const send = (name: string) => curl(...curlWords, "--upload-file", join(folder.path, name), `${url}/file`);
  await send("small");
  const { result: { code, stderr, body }, growth } = await growthDuring(command.pid, () => send(file));
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  assert.ok(growth < GROWTH, `the memory rose by ${growth} bytes`);
  return body.toString();
}

describe("an upload", () => {
  it("arrives with its length, in constant memory", async () => {
    assert.equal(await upload("noise", []), `${size} ${noise}`);
  });

  it("arrives in chunks where curl sends chunks, in constant memory", async () => {
    const answer = await upload("noise", [], "--header", "Transfer-Encoding: chunked");
    assert.equal(answer, `chunked ${noise}`);
  });

  it("is changed as sed would", async () => {
    const script = join(folder.path, "replace.js");
    await writeFile(
      script,
      `export function requestheaders(flow, { replace }) { flow.request.stream = replace("${needle}", "BAZ"); }`,
    );
    const expected = await sedDigest(join(folder.path, "needles"), needle, "BAZ");
    assert.equal(await upload("needles", ["-s", script]), `chunked ${expected}`);
  });
});
