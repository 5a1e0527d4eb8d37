/**
 * The example that takes a secret out of an LLM's stream, run as it is between an origin and a client.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Command } from "../harness/command.ts";
import { startOrigin } from "../harness/web.ts";

function delta(content: string): string {
  return `data: {"model":"m-1","choices":[{"index":0,"delta":{"content":"${content}"}}]}\n\n`;
}

describe("the example redact-llm.js", () => {
  it("passes on each event before the next one comes, without a secret that they share", async () => {
    const events = [
      delta("It is hun"),
      delta("ter"),
      delta("2, hunt"),
      'data: {"choices":[],"usage":{"completion_tokens":4}}\n\n',
      "data: [DONE]\n\n",
    ];
    const wanted = [delta("It is "), delta(""), delta("[redacted], "), events[3]!, delta("hunt") + events[4]];
    let sendNext = () => {};
    await using origin = await startStream((send, end) => {
      const left = [...events];
      sendNext = () => left.length > 0 ? send(left.shift()!) : end();
      sendNext();
    });
    await using command = new Command([
      "-p",
      "0",
      "-m",
      `reverse:${origin.url}`,
      "-s",
      "examples/redact-llm.js",
    ]);
    const { url } = await command.ready();
    const response = await fetch(`${url}/v1/chat/completions`);
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of response.body!) {
      text += decoder.decode(chunk, { stream: true });
      // Only what has come whole lets the origin go on.
      const count = wanted.findIndex((_, index) => text === wanted.slice(0, index + 1).join(""));
      if (count >= 0) sendNext();
    }
    assert.equal(text, wanted.join(""));
    await command.shows("stderr", /m-1: 4 tokens, complete/);
  });
});

/** Starts an origin that sends one event stream, as it is told. */
async function startStream(
  begin: (send: (text: string) => void, end: () => void) => void,
): Promise<{ readonly url: string } & AsyncDisposable> {
  const origin = await startOrigin((_, response) => {
    response.setHeader("Content-Type", "text/event-stream");
    begin((text) => void response.write(text), () => void response.end());
  });
  return { url: origin.url, [Symbol.asyncDispose]: () => origin.close() };
}
