import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import {
  compose,
  limit,
  replace,
  sseText,
  type TextFormat,
  type TextFormatName,
  textFormats,
  type Transform,
  type Transformer,
} from "../../transforms/mod.ts";
import { assertAtMost, duration } from "../harness/linear.ts";
import { assertSplits, bytes, cutAt, cutEvery, run, seed, text } from "../harness/splits.ts";

type Json = Readonly<Record<string, unknown>>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function event(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

/** An event of a chat completion. */
function chat(content: string | null, others: Json = {}, index = 0): string {
  return event({
    id: "c",
    created: 1.0,
    choices: [{ index, delta: { content }, finish_reason: null, ...others }],
  });
}

/** An event of Anthropic's. */
function block(type: string, others: Json): string {
  return `event: ${type}\n${event({ type, index: 0, ...others })}`;
}

function textDelta(text: string): string {
  return block("content_block_delta", { delta: { type: "text_delta", text } });
}

/** An event of OpenAI's responses. */
function response(type: string, others: Json): string {
  return `event: ${type}\n${event({ type, item_id: "m", output_index: 0, content_index: 0, ...others })}`;
}

/** What a stream says, by its events. */
function said(stream: string): Read[] {
  const events: Read[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data !== "[DONE]") events.push(JSON.parse(data) as Read);
    },
  });
  parser.feed(stream);
  return events;
}

interface Part {
  readonly text: string;
}

/** What the tests read of an event. */
interface Read {
  readonly type?: string;
  readonly delta?: string | Partial<Part>;
  readonly choices?: readonly {
    readonly index: number;
    readonly delta: { readonly content?: string | null };
  }[];
  readonly text?: string;
  readonly part?: Part;
  readonly item?: { readonly content: readonly Part[] };
  readonly response?: { readonly output: readonly { readonly content: readonly Part[] }[] };
}

/** How each format streams a text in pieces, and what a client reads of it. */
const formats: Readonly<
  Record<Exclude<TextFormatName, "llm">, {
    readonly begin: string;
    readonly piece: (text: string) => string;
    readonly end: (whole: string) => string;
    readonly read: (event: Read) => string;
    readonly readWhole: (event: Read) => string[];
  }>
> = {
  "openai-chat": {
    begin: event({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] }),
    piece: (text) => chat(text),
    end: () => event({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }] }) + event("[DONE]"),
    read: (event) => event.choices?.[0]?.delta.content ?? "",
    readWhole: () => [],
  },
  "openai-responses": {
    begin: response("response.created", { response: { output: [], error: null } }),
    piece: (delta) => response("response.output_text.delta", { delta, logprobs: [] }),
    end: (text) =>
      response("response.output_text.done", { text }) +
      response("response.content_part.done", { part: { type: "output_text", text } }) +
      response("response.output_item.done", { item: { content: [{ type: "output_text", text }] } }) +
      response("response.completed", {
        response: { output: [{ content: [{ type: "output_text", text }] }] },
      }),
    read: (event) => event.type === "response.output_text.delta" ? String(event.delta) : "",
    readWhole: (event) =>
      [
        event.text,
        event.part?.text,
        event.item?.content[0]?.text,
        event.response?.output[0]?.content[0]?.text,
      ].filter((text) => text !== undefined),
  },
  anthropic: {
    begin: block("message_start", { message: { content: [] } }) +
      block("content_block_start", { content_block: { type: "text", text: "" } }) +
      'event: ping\ndata: {"type": "ping"}\n\n',
    piece: textDelta,
    end: () =>
      block("content_block_stop", {}) + block("message_delta", { delta: {} }) + block("message_stop", {}),
    read: (event) => (event.delta as Partial<Part> | undefined)?.text ?? "",
    readWhole: () => [],
  },
};

/** What has been decided of a text that begins so. */
function decided(begun: string, needle: string, replacement: string): string {
  let output = "";
  for (let at = 0; at < begun.length;) {
    const rest = begun.slice(at, at + needle.length);
    if (rest === needle) {
      output += replacement;
      at += needle.length;
    } else if (needle.startsWith(rest)) {
      return output;
    } else {
      output += begun[at++];
    }
  }
  return output;
}

function output(make: () => Transformer, stream: string, size = stream.length): string {
  return decoder.decode(
    Uint8Array.from(
      run(make(), cutEvery(encoder.encode(stream), Math.max(1, size))).pieces.flatMap((p) => [...p]),
    ),
  );
}

/** The pieces that one call made. */
function pieces(transform: Transform, chunk: string): string[] {
  const out: string[] = [];
  transform.transform(encoder.encode(chunk), {
    enqueue: (piece) => void out.push(decoder.decode(piece)),
    terminate() {},
  });
  return out;
}

const redact = (format: TextFormat | string = "llm") => () =>
  sseText(format, () => replace("hunter2", "***"));

describe("sseText never lets a secret through", () => {
  const whole = "my password is hunter2, hunter2hunter2 hunhunter2 hun";
  const expected = whole.replaceAll("hunter2", "***");
  for (const [name, format] of Object.entries(formats)) {
    it(`that events of ${name} cut in two, at every offset`, () => {
      for (let at = 0; at <= whole.length; at++) {
        const stream = format.begin + format.piece(whole.slice(0, at)) + format.piece(whole.slice(at)) +
          format.end(whole);
        for (const preset of [name, "llm"]) {
          const events = said(output(redact(preset), stream));
          assert.equal(events.map(format.read).join(""), expected, `${preset}, cut at ${at}`);
          for (const again of events.flatMap(format.readWhole)) assert.equal(again, expected);
        }
      }
    });

    it(`that events of ${name} cut into characters, and chunks at every byte`, () => {
      const stream = format.begin + [..."hunter2"].map(format.piece).join("") + format.end("hunter2");
      const wanted = output(redact(), stream);
      assert.equal(said(wanted).map(format.read).join(""), "***");
      assertSplits(redact(), stream, wanted);
    });

    it(`of ${name}, and holds no longer a beginning than it must, after every event`, () => {
      const alphabet = fc.constantFrom("a", "b");
      const piece = fc.string({ unit: alphabet, maxLength: 5 });
      const needle = fc.string({ unit: alphabet, minLength: 1, maxLength: 5 });
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 8 }), needle, (texts, needle) => {
          const transform = sseText(name, () => replace(needle, "("));
          let stream = pieces(transform, format.begin).join("");
          texts.forEach((_, index) => {
            stream += pieces(transform, format.piece(texts[index]!)).join("");
            const begun = texts.slice(0, index + 1).join("");
            assert.equal(said(stream).map(format.read).join(""), decided(begun, needle, "("));
          });
          const before = texts.join("");
          stream += pieces(transform, format.end(before)).join("");
          assert.equal(said(stream).map(format.read).join(""), before.replaceAll(needle, "("));
          assert.deepEqual(pieces(transform, ""), []);
        }),
        { seed, numRuns: 700 },
      );
    });
  }

  it("of texts side by side, each for itself, however they mix and end", () => {
    const piece = fc.tuple(fc.nat(2), fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 4 }));
    const other = fc.constantFrom(
      ": ping\n\n",
      event({ choices: [] }),
      event({ choices: [{ index: 1, delta: { role: "assistant" } }] }),
      event({ type: "ping" }),
      event("no JSON"),
    );
    const item = fc.oneof({ weight: 4, arbitrary: piece }, other);
    const bodies = fc.array(item, { maxLength: 14 });
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 400 }), fc.boolean(), (items, size, hasEnd) => {
        const stream = items.map((item) =>
          typeof item === "string" ? item : chat(item[1], {}, item[0])
        ).join("") +
          (hasEnd ? event("[DONE]") : "");
        const make = () => sseText("openai-chat", () => replace("aab", "("));
        const got = output(make, stream, size);
        assert.equal(got, output(make, stream));
        const events = said(got.replaceAll(event("no JSON"), ""));
        for (const index of [0, 1, 2]) {
          const sent = items.flatMap((item) => typeof item !== "string" && item[0] === index ? [item[1]] : [])
            .join("");
          const read = events.flatMap(({ choices }) => choices ?? [])
            .filter((choice) => choice.index === index)
            .map((choice) => choice.delta.content ?? "").join("");
          assert.equal(read, sent.replaceAll("aab", "("));
        }
        assert.ok(!hasEnd || got.endsWith(event("[DONE]")));
      }),
      { seed, numRuns: 1500 },
    );
  });

  it("that is written with escapes", () => {
    const stream =
      'data: {"choices":[{"delta":{"content":"\\u0068un\\t"}},{"index":5,"delta":{"content":"\\u0068unter2"}}]}\n\n';
    const expected =
      'data: {"choices":[{"delta":{"content":"\\u0068un\\t"}},{"index":5,"delta":{"content":"***"}}]}\n\n';
    assertSplits(redact(), stream, expected);
  });

  it("that several data lines hold", () => {
    const stream = 'data: {"choices":[{"delta":\ndata:{"content":"hunter2"}\ndata: }]}\n\n';
    assertSplits(redact(), stream, 'data: {"choices":[{"delta":\ndata: {"content":"***"}\ndata: }]}\n\n');
  });

  it("in an event that the stream's end cuts short", () => {
    const stream = chat("it is hun") + chat("ter2").trimEnd();
    assertSplits(redact(), stream, chat("it is ") + chat("***").trimEnd());
    assertSplits(
      redact(),
      chat("it is hun") + chat("te").trimEnd(),
      chat("it is ") + chat("hunte").trimEnd(),
    );
    assertSplits(redact(), chat("it is hun") + ": bye", chat("it is ") + chat("hun") + ": bye");
  });

  it("in what repeats it token by token", () => {
    const logprobs = { content: [{ token: "hun" }] };
    assertSplits(
      redact(),
      chat("hun", { logprobs }),
      chat("", { logprobs: null }) + chat("hun", { logprobs: null }),
    );
    const delta = (logprobs: unknown) => response("response.output_text.delta", { delta: "x", logprobs });
    assertSplits(redact(), delta(["x"]), delta([]));
  });
});

describe("sseText lets go of what it holds", () => {
  const stop = { delta: {}, finish_reason: "stop" };
  const rows: readonly (readonly [name: string, stream: string, expected: string])[] = [
    ["with the end of the stream", chat("a hun"), chat("a ") + chat("hun")],
    ["in front of [DONE]", chat("a hun") + event("[DONE]"), chat("a ") + chat("hun") + event("[DONE]")],
    [
      "in front of a finish reason",
      chat("a hun") + chat("", stop),
      chat("a ") + chat("hun") + chat("", stop),
    ],
    [
      "in a piece that comes with the finish reason",
      chat("a hun") + chat("t", { finish_reason: "stop" }),
      chat("a ") + chat("hunt", { finish_reason: "stop" }),
    ],
    [
      "in an empty piece that comes with the finish reason",
      chat("a hun") + chat("", { finish_reason: "stop" }),
      chat("a ") + chat("hun", { finish_reason: "stop" }),
    ],
    [
      "in front of a tool call",
      chat("a hun") + event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0 }] } }] }) +
      chat("ter2"),
      chat("a ") + chat("hun") + event({ choices: [{ index: 0, delta: { tool_calls: [{ index: 0 }] } }] }) +
      chat("ter2"),
    ],
    [
      "in front of text of another kind",
      chat(null, { delta: { reasoning_content: "hun" } }) + chat("ter2"),
      chat(null, { delta: { reasoning_content: "" } }) + chat(null, { delta: { reasoning_content: "hun" } }) +
      chat("ter2"),
    ],
    [
      "in front of an error",
      chat("hun") + event({ error: { message: "x" } }),
      chat("") + chat("hun") + event({ error: { message: "x" } }),
    ],
    [
      "in front of the end of a block",
      textDelta("a hun") + block("content_block_stop", {}),
      textDelta("a ") + textDelta("hun") + block("content_block_stop", {}),
    ],
    [
      "in front of the next block",
      textDelta("a hun") + block("content_block_start", { index: 1, content_block: { type: "tool_use" } }),
      textDelta("a ") + textDelta("hun") +
      block("content_block_start", { index: 1, content_block: { type: "tool_use" } }),
    ],
  ];
  for (const [name, stream, expected] of rows) {
    it(name, () => assertSplits(redact(), stream, expected));
  }

  const same: readonly (readonly [name: string, between: string])[] = [
    ["a comment", ": ping\n\n"],
    ["a ping", 'event: ping\ndata: {"type":"ping"}\n\n'],
    ["another choice", chat("x", {}, 1)],
    ["the end of another choice", chat(null, { finish_reason: "stop" }, 1)],
    ["usage", event({ choices: [], usage: { total_tokens: 3 } })],
    [
      "empty lists of tool calls",
      event({ choices: [{ index: 0, delta: { tool_calls: [] }, finish_reason: null }] }),
    ],
    ["a role", event({ choices: [{ index: 0, delta: { role: "assistant", content: "" } }] })],
    ["what is no JSON", event("hello")],
  ];
  for (const [name, between] of same) {
    it(`not because of ${name}`, () => {
      assertSplits(redact(), chat("hun") + between + chat("ter2!"), chat("") + between + chat("***!"));
    });
  }

  it("with the same line ends as the event it is a copy of, and its id and type", () => {
    const piece = (text: string) => `: c\r\nid: 7\r\nevent: e\r\ndata:{"t":"${text}"}\r\n\r\n`;
    assertSplits(
      redact({ fields: [{ path: "t" }] }),
      piece("hun") + "data: [DONE]\r\r",
      piece("") + piece("hun") + "data: [DONE]\r\r",
    );
    const mixed = 'data: {"t":"hun"}\r\r';
    assertSplits(redact({ fields: [{ path: "t" }] }), mixed, mixed.replace("hun", "") + mixed);
  });

  it("with nothing else of that event", () => {
    const both = (first: string, second: Json) =>
      event({
        n: 1,
        choices: [{ index: 0, delta: { content: first } }, second].filter((choice) => "index" in choice),
      });
    const tool = { index: 1, delta: { tool_calls: [{ function: { arguments: "{" } }] } };
    assertSplits(redact(), both("hun", tool), both("", tool) + both("hun", {}));
    const twins = (a: string, b: string) =>
      event({ choices: [{ index: 0, delta: { reasoning: a, reasoning_content: b } }] });
    assertSplits(
      redact(),
      twins("hun", "hun") + event("[DONE]"),
      twins("", "") + twins("", "hun") + twins("hun", "") + event("[DONE]"),
    );
    assertSplits(redact(), twins("hun", "hun") + twins("ter2", "ter2"), twins("", "") + twins("***", "***"));
  });
});

describe("sseText leaves the rest as it is", () => {
  it("byte for byte where the text comes out as it went in", () => {
    const stream =
      '\xef\xbb\xbfdata:{"choices" : [ {"delta":{"content":"\\u00e9\\/"},"n":1.00,"big":12345678901234567890} ]}\r\n\r\n' +
      ': c\r\r\n\ndata: {\ndata: }\n\nid: 1\n\ndata: [1,null,"x"]\n\ndata\n\n';
    assertSplits(redact(), stream, stream);
  });

  it("but for the string that is changed", () => {
    const stream = (content: string) =>
      `id: 9\r\nx\r\ndata:{"big":12345678901234567890,"n":1.00 , "choices":[ {"content":"hunter2","delta":{"b":"\\/","content" : ${content}, "é":"\\u00e9"}}]}\r\n\r\n`;
    const make = redact();
    assert.equal(output(make, stream('"\\u0061 hunter2\\n"')), stream('"a ***\\n"'));
  });

  it("as subarrays, a piece for each event", () => {
    const chunk = bytes(chat("a") + ": ping\n\n" + chat("b"));
    const out: Uint8Array[] = [];
    redact()().transform(chunk, { enqueue: (piece) => void out.push(piece), terminate() {} });
    assert.deepEqual(out.map((piece) => text(piece)), [chat("a"), ": ping\n\n", chat("b")]);
    assert.ok(out.every((piece) => piece.buffer === chunk.buffer));
    assert.equal(sseText("llm", () => replace("a", "b")).retains, false);
    assert.equal(sseText("llm", () => replace("a", "b")).fragments, false);
  });
});

describe("sseText keeps characters whole", () => {
  it("that events cut between the halves of a pair", () => {
    const stream = chat("hi \ud83d") + chat("\ude42 hun") + chat("ter2\ud83d") + chat("\ude42");
    assertSplits(redact(), stream, encoder.encode(chat("hi ") + chat("🙂 ") + chat("***") + chat("🙂")));
    assertSplits(
      () => sseText("llm", () => replace("🙂", ":)")),
      stream,
      chat("hi ") + chat(":) hun") + chat("ter2") + chat(":)"),
    );
  });

  it("that a match in bytes cuts", () => {
    const stream = encoder.encode(chat("é") + chat("ê!"));
    assertSplits(
      () => sseText("llm", () => replace(Uint8Array.of(0xc3, 0xa9, 0x21), "")),
      stream,
      encoder.encode(chat("") + chat("éê!")),
    );
    assertSplits(
      () => sseText("llm", () => replace("é", "e")),
      stream,
      encoder.encode(chat("e") + chat("ê!")),
    );
  });

  it("and makes of a half that stays alone what every encoder makes of it", () => {
    assertSplits(redact(), chat("a\ud83d") + chat("b"), encoder.encode(chat("a") + chat("\ufffdb")));
    assertSplits(
      redact(),
      chat("a\ud83d") + event("[DONE]"),
      encoder.encode(chat("a") + chat("\ufffd") + event("[DONE]")),
    );
  });

  it("also a byte order mark within the text", () => {
    assertSplits(
      redact(),
      encoder.encode(chat("\ufeff") + chat("\ufeffa")),
      encoder.encode(chat("\ufeff") + chat("\ufeffa")),
    );
  });
});

describe("sseText takes formats", () => {
  it("that are a path", () => {
    const piece = (text: string) => event({ a: [[{ b: text }, { b: "x" }], [{ b: "hun" }]] });
    assertSplits(
      redact("a[*][*].b"),
      piece("hun") + piece("ter2"),
      event({ a: [[{ b: "" }, { b: "x" }], [{ b: "" }]] }) +
        event({ a: [[{ b: "***" }, { b: "x" }], [{ b: "hun" }]] }) + event({ a: [[{ b: "hun" }]] }),
    );
    assertSplits(redact("[*].b"), event([{ b: "hunter2" }]), event([{ b: "***" }]));
  });

  it("that build on others: the arguments of tool calls", () => {
    const chatFormat = textFormats["openai-chat"];
    const path = "choices[*].delta.tool_calls[*].function.arguments";
    const call = (text: string, index: number) =>
      event({ choices: [{ index: 0, delta: { tool_calls: [{ index, function: { arguments: text } }] } }] });
    const make = redact({ ...chatFormat, fields: [...chatFormat.fields, { path }] });
    assertSplits(
      make,
      call("hun", 0) + call("hun", 1) + call("ter2", 0) + call("d", 1),
      call("", 0) + call("", 1) + call("***", 0) + call("hund", 1),
    );
  });

  it("that tell texts apart by other members", () => {
    const format: TextFormat = {
      fields: [{ path: "t", where: { "k.l": "x" }, by: ["who"] }],
      ends: [{ path: "end", by: ["who"] }, { where: { all: "over" } }],
    };
    const piece = (who: string, t: string) => event({ who, t, k: { l: "x" } });
    const stream = piece("a", "hun") + piece("b", "hun") + piece("a", "ter2hun") +
      event({ who: "b", end: 1 }) +
      event({ t: "hunter2", k: { l: "y" } }) + event({ all: "over" });
    const expected = piece("a", "") + piece("b", "") + piece("a", "***") + piece("b", "hun") +
      event({ who: "b", end: 1 }) +
      event({ t: "hunter2", k: { l: "y" } }) + piece("a", "hun") + event({ all: "over" });
    assertSplits(redact(format), stream, expected);
  });

  it("and refuses what is none", () => {
    for (const path of ["", "a..b", "a[0]", "a[*]b", ".a", "a.", "a.[*]", "a[]"]) {
      assert.throws(() => sseText(path, () => replace("a", "b")), { name: "SyntaxError" }, path);
    }
    assert.throws(() => sseText(null as unknown as string, () => replace("a", "b")), {
      name: "TypeError",
      message:
        "Cannot rewrite the text as its format must be a name, a path or an object with fields: got null",
    });
    assert.throws(() => sseText("llm", replace("a", "b") as unknown as () => Transform), {
      name: "TypeError",
      message: "Cannot rewrite the text as what makes its transforms must be a function: got object",
    });
    assert.throws(() => sseText("llm", () => replace("a", "b"), { maxEvent: 0 }), RangeError);
  });
});

describe("sseText takes transforms", () => {
  it("that are chains", () => {
    const make = () => sseText("llm", () => compose(replace("ab", "c"), replace("cc", "d")));
    assertSplits(make, chat("a") + chat("ba") + chat("b!"), chat("") + chat("") + chat("d!"));
  });

  it("that end a text early", () => {
    const make = () => sseText("llm", () => limit(3, { onExcess: "terminate" }));
    assertSplits(
      make,
      chat("ab") + chat("cd") + chat("ef") + event("[DONE]"),
      chat("ab") + chat("c") + chat("") + event("[DONE]"),
    );
  });

  it("that fail", () => {
    assert.throws(() => run(sseText("llm", () => limit(1)), [bytes(chat("ab"))]), RangeError);
  });

  it("and cancels each of them once when the stream is cut short", () => {
    const reasons: unknown[] = [];
    const transform = sseText(
      "llm",
      () => ({ transform() {}, cancel: (reason: unknown) => void reasons.push(reason) }),
    );
    pieces(
      transform,
      chat("a") + chat("b", {}, 1) + chat("c", {}, 2) + chat(null, { finish_reason: "stop" }, 2),
    );
    const reason = new Error("left");
    transform.cancel?.(reason);
    assert.deepEqual(reasons, [reason, reason]);
  });

  it("but not for more texts than any origin sends", () => {
    const stream = Array.from({ length: 129 }, (_, index) => chat("a", {}, index)).join("");
    assert.throws(() => run(redact()(), [bytes(stream)]), {
      name: "RangeError",
      message: "Cannot rewrite the text as at most 128 texts may be under way at once: one more has begun; " +
        "raise maxTexts, or take it for an attack",
    });
  });
});

describe("sseText adds no delay", () => {
  it("passes on each event in the call that brings its last byte", () => {
    const stream = chat("a hun") + chat("ter2 b") + chat(null, { finish_reason: "stop" });
    const ends = [...stream.matchAll(/\n\n/g)].map(({ index }) => index + 2);
    for (let place = 0; place <= stream.length; place++) {
      const transform = redact()();
      const begun = pieces(transform, text(cutAt(bytes(stream), [place])[0]!));
      assert.equal(begun.length, ends.filter((end) => end <= place).length);
    }
  });

  it("takes linear time for long texts in small pieces", () => {
    const [few, many] = [500, 8000].map((count) => Array.from({ length: count }, () => bytes(chat("aaaa"))));
    const time = (chunks: readonly Uint8Array[]) =>
      duration(sseText("openai-chat", () => replace("a".repeat(100) + "b", "x")), chunks);
    assertAtMost(64, { long: () => time(many!), short: () => time(few!) });
  });
});

describe("sseText bounds what an origin can make of it", () => {
  const many = (count: number, content: string, others: Json = {}) =>
    event({
      choices: Array.from({ length: count }, (_, index) => ({ index, delta: { content } })),
      ...others,
    });

  it("by not copying a large event for each of its texts, however they end", () => {
    const make = () => sseText("llm", () => replace("hunter2", "***"), { maxTexts: 1000 });
    const pad = "p".repeat(100_000);
    const begin = many(1000, "h", { pad, id: "c", object: "o" });
    const ends = Array.from(
      { length: 1000 },
      (_, index) => event({ choices: [{ index, delta: {}, finish_reason: "stop" }] }),
    );
    for (const end of [event("[DONE]"), ends.join("")]) {
      const got = output(make, begin + end);
      assert.ok(got.length < 6 * (begin.length + end.length), String(got.length));
      const read = said(got).flatMap(({ choices }) => choices ?? []);
      for (const index of [0, 999]) {
        const own = read.filter((choice) => choice.index === index);
        assert.equal(own.map(({ delta }) => delta.content ?? "").join(""), "h");
      }
    }
  });

  it("by sending what a large event held back in a small one, with its short members and no other text", () => {
    const others = {
      delta: { role: "r", content: "a hun", refusal: "no", others: [1] },
      finish_reason: null,
    };
    const large = (content: string) =>
      chat(null, { ...others, delta: { ...others.delta, content } }).replace(
        '"id"',
        `"pad":"${"p".repeat(5000)}","id"`,
      );
    const expected = event({
      id: "c",
      created: 1,
      choices: [{ index: 0, finish_reason: null, delta: { role: "r", refusal: "", content: "hun" } }],
    });
    for (const size of [7, 4096, 8192]) {
      assert.equal(output(redact(), large("a hun"), size), large("a ") + expected);
    }
  });

  it("by the number of texts under way, which may be raised", () => {
    assert.throws(() => output(redact(), many(129, "h")), { name: "RangeError", message: /maxTexts/ });
    assert.match(output(redact(), many(128, "h")), /"h"/);
    const make = (maxTexts: number) => sseText("llm", () => replace("a", "b"), { maxTexts });
    assert.throws(() => output(() => make(1), many(2, "h")), RangeError);
    assert.throws(() => make(0), RangeError);
    assert.throws(() => make("9" as unknown as number), TypeError);
  });

  it("in time that does not grow with the square of the texts in an event", () => {
    const time = (count: number, events: number) => {
      const make = sseText("llm", () => replace("hunter2", "***"), { maxTexts: 10_000 });
      return duration(make, Array.from({ length: events }, () => bytes(many(count, "h"))));
    };
    assertAtMost(8, { long: () => time(4000, 2), short: () => time(250, 32) });
  });

  it("by what counts of the member that tells texts apart", () => {
    const long = (index: unknown, content: string) => event({ choices: [{ index, delta: { content } }] });
    const index = "i".repeat(100_000);
    assert.equal(
      output(redact(), long(index, "hun") + long(index, "ter2"), 4096),
      long(index, "") + long(index, "***"),
    );
    const odd = (delta: string) =>
      response("response.output_text.delta", { delta, content_index: { toString: 1 } });
    assertSplits(redact(), odd("hun") + odd("ter2"), odd("") + odd("***"));
  });
});

describe("sseText refuses", () => {
  it("a name that is none of its formats, as nothing would be rewritten", () => {
    for (const format of ["openai", "OpenAI-chat", "t"]) {
      assert.throws(() => redact(format)(), {
        name: "TypeError",
        message: /openai-chat, openai-responses, anthropic/,
      });
    }
    assert.doesNotThrow(redact("choices.delta.content"));
    assert.doesNotThrow(redact("[*]"));
  });
});
