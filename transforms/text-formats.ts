/**
 * Where the text is in the events of streams that carry it in pieces: what `sseText` and `tapUsage` go by.
 */

/** Where pieces of text are. */
export interface TextField {
  /**
   * The names of the members that lead to it, with dots between them; `[*]` behind the name of an array means
   * each of its elements. Elements are told apart by their member `index`, or else by where they stand.
   */
  readonly path: string;
  /** What other members must be for it to count, by their paths. */
  readonly where?: Readonly<Record<string, string>>;
  /** The paths of members that tell apart texts which are sent side by side. */
  readonly by?: readonly string[];
  /** Whether it is a text as a whole, and not the next piece of one; default `false`. */
  readonly whole?: boolean;
}

/** What ends texts, so that no more pieces of them are to come. */
export interface TextEnd {
  /** What must be there, and be neither `null` nor empty; default: any event counts. */
  readonly path?: string;
  /** What other members must be for it to count, by their paths. */
  readonly where?: Readonly<Record<string, string>>;
  /**
   * The paths of members that tell which texts it ends: those for which they are the same; default: all that
   * have the same elements on their path.
   */
  readonly by?: readonly string[];
}

/** A format of events in JSON. */
export interface TextFormat {
  /** Where text is. */
  readonly fields: readonly TextField[];
  /** What ends it, but for `[DONE]`, the end of the stream, and text in another field of the same thing. */
  readonly ends?: readonly TextEnd[];
  /**
   * The paths of what says the same once more in a form that can't be rewritten, as the probabilities of
   * tokens do: it is emptied.
   */
  readonly repeats?: readonly string[];
}

/** The formats that have a name; `"llm"` is all of them. */
export type TextFormatName = "openai-chat" | "openai-responses" | "anthropic" | "llm";

/** Chat completions, as OpenAI and those who follow it stream them; text completions too. */
const chat: TextFormat = {
  fields: [
    { path: "choices[*].delta.content" },
    { path: "choices[*].delta.refusal" },
    { path: "choices[*].delta.reasoning_content" },
    { path: "choices[*].delta.reasoning" },
    { path: "choices[*].delta.reasoning_details[*].text" },
    { path: "choices[*].delta.reasoning_details[*].summary" },
    { path: "choices[*].text" },
    { path: "choices[*].message.content", whole: true },
    { path: "choices[*].message.refusal", whole: true },
    { path: "choices[*].message.reasoning_content", whole: true },
  ],
  ends: [
    { path: "choices[*].finish_reason" },
    { path: "choices[*].delta.tool_calls" },
    { path: "choices[*].delta.function_call" },
    { path: "choices[*].delta.audio" },
    { path: "error" },
  ],
  repeats: ["choices[*].logprobs"],
};

/** The kinds of text in OpenAI's responses: the name of the events, of the text in the last one, of the part. */
const responseTexts = [
  ["response.output_text", "text", "content_index"],
  ["response.refusal", "refusal", "content_index"],
  ["response.reasoning_text", "text", "content_index"],
  ["response.reasoning_summary_text", "text", "summary_index"],
] as const;

/** Where OpenAI's responses have texts as a whole, whatever the event. */
const responseWholes: readonly string[] = ["part", "item.content[*]", "response.output[*].content[*]"];

/** OpenAI's responses: each text comes in pieces first, then as a whole, in ever larger wholes. */
const responses: TextFormat = {
  fields: [
    ...responseTexts.map(([type, , part]): TextField => ({
      path: "delta",
      where: { type: `${type}.delta` },
      by: ["output_index", part],
    })),
    ...responseTexts.map(([type, text]): TextField => ({
      path: text,
      where: { type: `${type}.done` },
      whole: true,
    })),
    ...[
      ...responseWholes.flatMap((path) => [`${path}.text`, `${path}.refusal`]),
      "item.summary[*].text",
      "response.output[*].summary[*].text",
    ].map((path): TextField => ({ path, whole: true })),
  ],
  ends: [
    ...responseTexts.map(([type, , part]): TextEnd => ({
      where: { type: `${type}.done` },
      by: ["output_index", part],
    })),
    { where: { type: "response.content_part.done" }, by: ["output_index", "content_index"] },
    { where: { type: "response.reasoning_summary_part.done" }, by: ["output_index", "summary_index"] },
    { where: { type: "response.output_item.done" }, by: ["output_index"] },
    ...["response.completed", "response.incomplete", "response.failed", "error"]
      .map((type): TextEnd => ({ where: { type } })),
  ],
  repeats: ["logprobs", ...responseWholes.map((path) => `${path}.logprobs`)],
};

/** Anthropic's messages: blocks one after the other, each with a number. */
const anthropic: TextFormat = {
  fields: [
    ...(["text", "thinking"] as const).map((name): TextField => ({
      path: `delta.${name}`,
      where: { type: "content_block_delta", "delta.type": `${name}_delta` },
      by: ["index"],
    })),
    ...(["text", "thinking"] as const).map((name): TextField => ({
      path: `content_block.${name}`,
      where: { type: "content_block_start" },
      whole: true,
    })),
    { path: "message.content[*].text", where: { type: "message_start" }, whole: true },
  ],
  ends: [
    { where: { type: "content_block_stop" }, by: ["index"] },
    ...["content_block_start", "message_delta", "message_stop", "error"]
      .map((type): TextEnd => ({ where: { type } })),
  ],
};

function merge(formats: readonly TextFormat[]): TextFormat {
  return {
    fields: formats.flatMap((format) => format.fields),
    ends: formats.flatMap((format) => format.ends ?? []),
    repeats: formats.flatMap((format) => format.repeats ?? []),
  };
}

/**
 * The formats that have a name, to build others of:
 * `{ ...textFormats["openai-chat"], fields: [...textFormats["openai-chat"].fields, { path: "notes" }] }`.
 */
export const textFormats: Readonly<Record<TextFormatName, TextFormat>> = {
  "openai-chat": chat,
  "openai-responses": responses,
  anthropic,
  llm: merge([chat, responses, anthropic]),
};
