/**
 * The rules of a command line, as hooks behind those of the scripts: they see what the scripts have made of a head, and
 * come after a script's transforms.
 *
 * A body that a rule is for streams through the rule's transform. It is whole only where a script wants it so, by
 * `stream = false` or by the later hook; then the rules are applied to it behind that hook.
 */
import { concat } from "../transforms/concat.ts";
import { compose, type Transformer } from "../transforms/mod.ts";
import { charsetOf } from "./body-charset.ts";
import { type BodyRule, bodyRuleTransform } from "./body-rules.ts";
import type { Message } from "./body.ts";
import type { Flow } from "./flow.ts";
import { applyHeaderRules, type HeaderRule } from "./header-rules.ts";
import type { Hooks } from "./hooks.ts";
import { isLive } from "./plan.ts";
import type { Stage, StreamFunction, StreamValue } from "./stages.ts";
import { untouchable } from "./untouchable.ts";

/** The rules of a command line, in order. */
export interface Rules {
  /** Those for bodies. */
  readonly body: readonly BodyRule[];
  /** Those for fields. */
  readonly headers: readonly HeaderRule[];
}

/** What rules depend on. */
export interface RuleOptions {
  /** Bodies over so many bytes are not buffered; `undefined`: no such limit. */
  readonly streamOver: number | undefined;
  /** Where somebody is told that a rule could not be applied. */
  readonly warn: (text: string) => void;
}

/**
 * Puts rules behind scripts.
 *
 * @param rules The rules.
 * @param options What else they depend on.
 * @returns A function that takes the scripts' hooks and adds the rules'; the same array gives the same one again.
 */
export function rulesBehind(
  rules: Rules,
  options: RuleOptions,
): (scripts: readonly Hooks[]) => readonly Hooks[] {
  if (rules.body.length === 0 && rules.headers.length === 0) return (scripts) => scripts;
  const known: WeakMap<readonly Hooks[], readonly Hooks[]> = new WeakMap();
  return (scripts) => {
    const all = known.get(scripts) ?? [...scripts, hooksOf(rules, options, scripts)];
    known.set(scripts, all);
    return all;
  };
}

/** The later hooks are there only if a script has them: they would make every body wait. */
function hooksOf(rules: Rules, options: RuleOptions, scripts: readonly Hooks[]): Hooks {
  const wantsRequest = scripts.some(({ request }) => request !== undefined);
  const wantsResponse = scripts.some(({ response }) => response !== undefined);
  const waiting = new WaitingRules();
  const begin = (flow: Flow, message: Message, wanted: boolean) => {
    // Filters are asked before any rule has changed what they look at.
    const fields = rules.headers.filter(({ filter }) => filter.matches(flow));
    const bodies = rules.body.filter(({ filter }) => filter.matches(flow));
    const warn = (text: string) => options.warn(`${flow.request.method} ${flow.request.href}: ${text}`);
    const charset = charsetOf(message.headers);
    const stages = bodies.map((rule) => bodyRuleTransform(rule, charset, warn)).filter((stage) =>
      stage !== null
    );
    if (stages.length > 0 && !seesCoded(message, warn)) attach(message, stages, wanted, options, waiting);
    applyHeaderRules(fields, message.headers);
  };
  return {
    requestheaders: (flow) => {
      if (flow.answer === null && flow.request.method !== "CONNECT") begin(flow, flow.request, wantsRequest);
    },
    responseheaders: (flow) => {
      if (flow.answer === null) begin(flow, flow.response!, wantsResponse);
    },
    ...wantsRequest && { request: (flow) => waiting.finish(flow.request) },
    ...wantsResponse && {
      response: (flow) => {
        if (flow.response !== null) waiting.finish(flow.response);
      },
    },
  };
}

/** Whether a script changes the coded bytes: what comes out of that nobody could decode, before it is sent. */
function seesCoded(message: Message, warn: (text: string) => void): boolean {
  const { rawStream } = message;
  if (rawStream === undefined) return false;
  if (typeof rawStream === "boolean") {
    message.stream = rawStream;
    message.rawStream = undefined;
    return false;
  }
  warn("The rules for bodies are not applied as a script has set rawStream");
  return true;
}

function attach(
  message: Message,
  stages: readonly Transformer[],
  wanted: boolean,
  options: RuleOptions,
  waiting: WaitingRules,
): void {
  const { stream } = message;
  if (wanted && waits(message, options.streamOver)) {
    message.stream = false;
    // Parts and the like are passed on as they are here too.
    if (untouchable(message) === null) waiting.add(message, stages);
  } else {
    message.stream = [...own(stream), ...stages];
  }
}

/** Whether a body that some script wants whole is to be. */
function waits(message: Message, streamOver: number | undefined): boolean {
  if (message.stream !== undefined) return message.stream === false;
  if (isLive(message)) return false;
  if (streamOver === undefined) return true;
  // One of unknown length might have to stream after all, when its beginning has been waited for already.
  const length = message.headers.get("content-length");
  return length !== null && Number(length) <= streamOver;
}

function own(value: StreamValue | undefined): readonly (Stage | StreamFunction)[] {
  if (value === undefined || typeof value === "boolean") return [];
  return Array.isArray(value) ? value : [value as Stage | StreamFunction];
}

/** The transforms of bodies that are to be whole first. */
class WaitingRules {
  readonly #stages: WeakMap<Message, readonly Transformer[]> = new WeakMap();

  add(message: Message, stages: readonly Transformer[]): void {
    this.#stages.set(message, stages);
  }

  /** Applies them, once the scripts are through with the body. */
  finish(message: Message): void {
    const stages = this.#stages.get(message);
    const body = stages === undefined || !message.whole ? null : message.body;
    if (stages === undefined || body === null) return;
    const parts: Uint8Array[] = [];
    const controller = { enqueue: (chunk: Uint8Array) => void parts.push(chunk), terminate: () => undefined };
    const transform = compose(...stages);
    if (body.length > 0) transform.transform(body, controller);
    transform.flush?.(controller);
    const changed = concat(parts);
    if (!same(changed, body)) message.body = changed;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
