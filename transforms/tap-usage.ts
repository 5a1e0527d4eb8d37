/**
 * Reads what an LLM stream cost, while it passes.
 *
 * A chunk is passed on before anybody looks at it. Only then are its events read, from a copy where they span
 * chunks; one that is too long to be copied is counted, and not read.
 */

import { markLength } from "./byte-order-mark.ts";
import { checkByteCount } from "./bytes.ts";
import { endOf, type TapEnd } from "./ending.ts";
import { EventView } from "./event-view.ts";
import { EventFraming } from "./framings.ts";
import { Hold } from "./hold.ts";
import { parseJson } from "./parse-json.ts";
import { DEFAULT_MAX_RECORD_BYTES } from "./records.ts";
import { TextFinder } from "./text-finder.ts";
import { textFormats } from "./text-formats.ts";
import { type Controller, makeTransform, type Transform, type Transformer } from "./transform.ts";

/** What a stream cost, and how it ended. */
export interface UsageReport {
  /** How the stream ended: it came whole, nobody wanted the rest of it (the client left), or an error cut it short. */
  readonly how: TapEnd;
  /** Why it was cut short. */
  readonly reason?: unknown;
  /** The model that the origin named; `null` if it named none. */
  readonly model: string | null;
  /** The tokens that went in, as the origin counted them; `null` if it did not say. */
  readonly inputTokens: number | null;
  /** The tokens that came out, as the origin counted them last; `null` if it did not say. */
  readonly outputTokens: number | null;
  /** All that the origin said of usage, under the origin's names; what it said last counts. */
  readonly usage: Readonly<Record<string, unknown>>;
  /** How many events came. */
  readonly events: number;
  /** How many characters of text came, reasoning included, in UTF-16 code units as `length` counts. */
  readonly characters: number;
  /** How many events were too long to be read. */
  readonly unread: number;
}

/** What `tapUsage` can be told. */
export interface TapUsageOptions {
  /** The most that an event may have to be read, in bytes; default 16 MiB. */
  readonly maxEvent?: number;
}

/** Under which names origins say how many tokens. */
const INPUT_NAMES = ["input_tokens", "prompt_tokens"] as const;
const OUTPUT_NAMES = ["output_tokens", "completion_tokens"] as const;

/** What may hold the usage and the model, besides the event's own members. */
const HOLDERS = ["message", "response"] as const;

type Members = Readonly<Record<string, unknown>>;

function members(value: unknown): Members {
  return typeof value === "object" && value !== null ? value as Members : {};
}

function firstNumber(usage: Members, names: readonly string[]): number | null {
  const value = names.map((name) => usage[name]).find((value) => typeof value === "number");
  return typeof value === "number" ? value : null;
}

class UsageTap implements Transformer {
  readonly #onUsage: (report: UsageReport) => void;
  readonly #maxEvent: number;
  readonly #framing: EventFraming = new EventFraming();
  readonly #finder: TextFinder = new TextFinder(textFormats.llm);
  readonly #hold: Hold = new Hold();
  #usage: Members = {};
  #model: string | null = null;
  #isFirst = true;
  #events = 0;
  #characters = 0;
  #unread = 0;
  /** Whether what is left of the event is not looked at, as it is too long. */
  #isTooLong = false;

  constructor(onUsage: (report: UsageReport) => void, maxEvent: number) {
    this.#onUsage = onUsage;
    this.#maxEvent = maxEvent;
  }

  transform(chunk: Uint8Array, controller: Controller): void {
    if (chunk.length === 0) return;
    controller.enqueue(chunk);
    let start = this.#framing.open(chunk);
    for (let end = this.#framing.next(start); end >= 0; end = this.#framing.next(start)) {
      this.#take(chunk, start, end);
      start = end;
    }
    this.#keep(chunk, start);
  }

  flush(): void {
    const rest = this.#hold.take();
    this.#take(rest, 0, rest.length);
    this.#report({ how: "complete" });
  }

  cancel(reason: unknown): void {
    this.#hold.clear();
    this.#report({ how: endOf(reason), reason });
  }

  #take(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isTooLong || this.#hold.length + end - start > this.#maxEvent) {
      this.#isTooLong = false;
      this.#hold.clear();
      this.#unread++;
      this.#events++;
    } else if (this.#hold.length > 0) {
      this.#hold.append(chunk, start, end);
      const event = this.#hold.take();
      this.#read(event, 0, event.length);
    } else {
      this.#read(chunk, start, end);
    }
  }

  /** Copies the beginning of an event, unless it is too long. */
  #keep(chunk: Uint8Array, start: number): void {
    if (this.#hold.length + chunk.length - start > this.#maxEvent) {
      this.#isTooLong = true;
      this.#hold.clear();
    }
    if (!this.#isTooLong) this.#hold.append(chunk, start, chunk.length);
  }

  #read(bytes: Uint8Array, start: number, end: number): void {
    const mark = this.#isFirst ? markLength(bytes, start, end) : 0;
    this.#isFirst = false;
    const event = new EventView(bytes, start + mark, end);
    if (!event.hasData) return;
    this.#events++;
    const value = parseJson(event.data);
    for (const { text } of this.#finder.find(value).pieces) this.#characters += text.length;
    const root = members(value);
    for (const holder of [root, ...HOLDERS.map((name) => members(root[name]))]) {
      if (typeof holder["model"] === "string") this.#model = holder["model"];
      const usage = holder["usage"];
      if (usage !== undefined) this.#usage = { ...this.#usage, ...members(usage) };
    }
  }

  #report(ending: { readonly how: TapEnd; readonly reason?: unknown }): void {
    const onUsage = this.#onUsage;
    onUsage({
      ...ending,
      model: this.#model,
      inputTokens: firstNumber(this.#usage, INPUT_NAMES),
      outputTokens: firstNumber(this.#usage, OUTPUT_NAMES),
      usage: this.#usage,
      events: this.#events,
      characters: this.#characters,
      unread: this.#unread,
    });
  }
}

/**
 * Reads what the stream of an LLM cost, while it passes unchanged: the tokens that the origin counted, as
 * OpenAI's completions and responses, Anthropic's messages and those who follow them say it, and the
 * characters that came. It tells once, at the end, also when the client leaves or the origin breaks off. What
 * the function throws fails the body.
 *
 * - **Bytes held**: none.
 * - **Delay added**: none; a chunk is passed on before it is read.
 * - **Memory**: a copy of the event that is not complete yet, at most three times `maxEvent`.
 *
 * @param onUsage Gets the report.
 * @param options The limit.
 * @returns The transform; it does not retain the chunks that it is given.
 * @throws {TypeError} If `onUsage` is no function, or `maxEvent` no number.
 * @throws {RangeError} If `maxEvent` is not a whole number, or less than 1.
 *
 * @example Count tokens
 * ```ts
 * import { tapUsage, type UsageReport } from "./mod.ts";
 * import assert from "node:assert/strict";
 *
 * let report: UsageReport | undefined;
 * const stream = 'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":12}}\n\ndata: [DONE]\n\n';
 * const body = new Response(stream).body!.pipeThrough(tapUsage((usage) => report = usage));
 * assert.equal(await new Response(body).text(), stream);
 * assert.deepEqual([report?.how, report?.inputTokens, report?.outputTokens], ["complete", 9, 12]);
 * ```
 */
export function tapUsage(onUsage: (report: UsageReport) => void, options: TapUsageOptions = {}): Transform {
  if (typeof onUsage !== "function") {
    throw new TypeError(
      `Cannot tap the usage as what it is told to must be a function: got ${typeof onUsage}`,
    );
  }
  const { maxEvent = DEFAULT_MAX_RECORD_BYTES } = options;
  checkByteCount(maxEvent, 1, "Cannot tap the usage as maxEvent");
  return makeTransform(new UsageTap(onUsage, maxEvent), { retains: false, fragments: true });
}
