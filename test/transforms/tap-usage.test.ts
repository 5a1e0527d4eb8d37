import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compose, limit, replace, sseText, tapUsage, type UsageReport } from "../../transforms/mod.ts";
import { assertSplits, bytes, run, splits } from "../harness/splits.ts";

function event(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

function chat(content: string): string {
  return event({ model: "m-1", choices: [{ index: 0, delta: { content } }], usage: null });
}

const nothing: UsageReport = {
  how: "complete",
  model: null,
  inputTokens: null,
  outputTokens: null,
  usage: {},
  events: 0,
  characters: 0,
  unread: 0,
};

const streams: readonly (readonly [name: string, stream: string, report: Partial<UsageReport>])[] = [
  ["nothing", "", {}],
  ["no events", ": a\n\nretry: 1\n\n", {}],
  ["what is no JSON", event("x") + event("null") + event("[DONE]"), { events: 3 }],
  [
    "OpenAI's completions",
    chat("hi") + chat(" 🙂!") + event({ choices: [], usage: { prompt_tokens: 9, completion_tokens: 12 } }) +
    event("[DONE]"),
    {
      model: "m-1",
      inputTokens: 9,
      outputTokens: 12,
      usage: { prompt_tokens: 9, completion_tokens: 12 },
      events: 4,
      characters: 6,
    },
  ],
  [
    "OpenAI's responses",
    event({ type: "response.created", response: { model: "m-2", usage: null } }) +
    event({ type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "abc" }) +
    event({ type: "response.output_text.done", output_index: 0, content_index: 0, text: "abc" }) +
    event({
      type: "response.completed",
      response: { model: "m-2", usage: { input_tokens: 1, output_tokens: 2 } },
    }),
    {
      model: "m-2",
      inputTokens: 1,
      outputTokens: 2,
      usage: { input_tokens: 1, output_tokens: 2 },
      events: 4,
      characters: 3,
    },
  ],
  [
    "Anthropic's messages",
    event({
      type: "message_start",
      message: { model: "m-3", usage: { input_tokens: 5, output_tokens: 1, cache_read_input_tokens: 3 } },
    }) +
    event({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking: "hm" } }) +
    event({ type: "content_block_delta", index: 1, delta: { type: "text_delta", text: "yes" } }) +
    event({ type: "message_delta", delta: {}, usage: { output_tokens: 7 } }),
    {
      model: "m-3",
      inputTokens: 5,
      outputTokens: 7,
      usage: { input_tokens: 5, output_tokens: 7, cache_read_input_tokens: 3 },
      events: 4,
      characters: 5,
    },
  ],
  ["a byte order mark", `\xef\xbb\xbf${event({ model: "m" })}`, { model: "m", events: 1 }],
  ["what the end cuts short", event({ model: "m" }).trimEnd(), { model: "m", events: 1 }],
  ["other line ends", event({ model: "m" }).replaceAll("\n", "\r\n"), { model: "m", events: 1 }],
];

describe("tapUsage", () => {
  for (const [name, stream, wanted] of streams) {
    it(`reads ${name}, and changes nothing`, () => {
      const encoded = name.startsWith("a byte") ? bytes(stream) : new TextEncoder().encode(stream);
      assertSplits(() => tapUsage(() => {}), encoded, encoded);
      for (const [cut, chunks] of splits(encoded)) {
        const reports: UsageReport[] = [];
        run(tapUsage((report) => void reports.push(report)), chunks);
        assert.deepEqual(reports, [{ ...nothing, ...wanted }], cut);
      }
    });
  }

  it("passes on the very chunk that it reads, at once", () => {
    const chunk = bytes(chat("a").slice(0, 20));
    const out: Uint8Array[] = [];
    tapUsage(() => {}).transform(chunk, { enqueue: (piece) => void out.push(piece), terminate() {} });
    assert.deepEqual(out, [chunk]);
    assert.equal(out[0], chunk);
  });

  it("passes on a chunk before it reads it", () => {
    const log: string[] = [];
    const tap = compose(tapUsage(() => log.push("told")), limit(1, { onExcess: "terminate" }));
    tap.transform(bytes(chat("a")), {
      enqueue: () => void log.push("passed"),
      terminate: () => void log.push("ended"),
    });
    assert.deepEqual(log, ["passed", "told", "ended"]);
  });

  it("tells a stream that was given up from one that failed", () => {
    const endings: [unknown, string][] = [
      [undefined, "cancelled"],
      [new DOMException("left", "AbortError"), "cancelled"],
      [new Error("cut"), "failed"],
    ];
    for (const [reason, wanted] of endings) {
      const reports: UsageReport[] = [];
      const tap = tapUsage((report) => void reports.push(report));
      tap.transform(bytes(chat("ab")), { enqueue() {}, terminate() {} });
      tap.cancel!(reason);
      assert.deepEqual(reports.map(({ how, reason }) => [how, reason]), [[wanted, reason]]);
    }
  });

  it("tells once how far it came where the reader leaves", async () => {
    const reports: UsageReport[] = [];
    const source = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(bytes(chat("ab"))),
    });
    const reader = source.pipeThrough(tapUsage((report) => void reports.push(report))).getReader();
    await reader.read();
    const reason = "left";
    await reader.cancel(reason);
    assert.equal(reports.length, 1);
    const { how, reason: told, model, inputTokens, events, characters } = reports[0]!;
    assert.deepEqual([how, told, model, inputTokens], ["cancelled", reason, "m-1", null]);
    assert.ok(events > 0 && characters === 2 * events);
  });

  it("tells once where another step fails, whichever side it is on", () => {
    for (const at of [0, 1]) {
      const reports: UsageReport[] = [];
      const steps = [tapUsage((report) => void reports.push(report))];
      steps.splice(at, 0, limit(1));
      assert.throws(() => run(compose(...steps), [bytes(chat("ab"))]), RangeError);
      assert.deepEqual(reports.map(({ how }) => how), ["failed"]);
    }
  });

  it("counts what a step above it made of the text", () => {
    let characters = 0;
    const make = () =>
      compose(
        sseText("llm", () => replace("secret", "*")),
        tapUsage((report) => characters = report.characters),
      );
    run(make(), [bytes(chat("a sec") + chat("ret") + event("[DONE]"))]);
    assert.equal(characters, 3);
  });

  it("does not read events that are too long, and says so", () => {
    const long = chat("x".repeat(1000));
    const stream = chat("ab") + long + chat("cd") + long.trimEnd();
    for (const size of [1, 7, 500, stream.length]) {
      let report: UsageReport | undefined;
      const chunks = Array.from(
        { length: Math.ceil(stream.length / size) },
        (_, i) => bytes(stream.slice(i * size, (i + 1) * size)),
      );
      run(tapUsage((usage) => report = usage, { maxEvent: 500 }), chunks);
      assert.deepEqual(report, { ...nothing, model: "m-1", events: 4, characters: 4, unread: 2 }, `${size}`);
    }
  });

  it("fails the body with what its function throws", () => {
    const failing = tapUsage(() => {
      throw new Error("no");
    });
    assert.throws(() => run(failing, [bytes("x")]), { message: "no" });
  });

  it("says that it retains nothing", () => {
    assert.equal(tapUsage(() => {}).retains, false);
    assert.equal(tapUsage(() => {}).fragments, true);
  });

  it("refuses what is no function, and no limit", () => {
    assert.throws(() => tapUsage({} as unknown as () => void), {
      name: "TypeError",
      message: "Cannot tap the usage as what it is told to must be a function: got object",
    });
    assert.throws(() => tapUsage(() => {}, { maxEvent: 0 }), RangeError);
  });
});
