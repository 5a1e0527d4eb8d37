/**
 * What happens to a body, decided once, when its message's `…headers` hook has returned.
 *
 * | `stream`               | body                                                                                     |
 * | ---------------------- | ---------------------------------------------------------------------------------------- |
 * | `false`                | buffered                                                                                 |
 * | `true`, an empty list  | passed on as it comes                                                                    |
 * | a transform, a list, a function | changed while it passes                                                         |
 * | nothing                | buffered if some hook wants it whole and it isn't larger than `streamOver` or a live feed; else passed on |
 */
import { match, P } from "ts-pattern";
import type { Message } from "./body.ts";
import { codedStages } from "./coded-chain.ts";
import { codingsOf, type ContentCodings } from "./codings.ts";
import type { ExpansionLimits } from "./expansion.ts";
import type { Flow } from "./flow.ts";
import type { Framing } from "./message.ts";
import type { StreamStep } from "./pipeline.ts";
import { isTransformer, type Stage, type StreamFunction, type StreamValue } from "./stages.ts";
import { untouchable } from "./untouchable.ts";

/** What happens to a body. */
export type Plan =
  /** There is none, or it has no length: nothing to wait for. */
  | { readonly kind: "empty" }
  /** It is buffered; if it grows over `streamOver` bytes, it is passed on after all. */
  | { readonly kind: "buffer"; readonly streamOver: number }
  /** It is passed on as it comes. */
  | { readonly kind: "pass" }
  /** It is changed while it passes. */
  | { readonly kind: "change"; readonly stages: readonly (Stage | StreamStep)[] };

/** What a plan depends on besides the message. */
export interface PlanOptions {
  /** Bodies over so many bytes are not buffered; `undefined`: no such limit. */
  readonly streamOver: number | undefined;
  /** Whether some script has a hook that wants the whole body. */
  readonly wanted: boolean;
  /** The content codings that can be undone. */
  readonly codings: ContentCodings;
  /** How much a coded body may expand. */
  readonly limits: ExpansionLimits;
  /** Where somebody is told that a transform can't be applied. */
  readonly warn: (text: string) => void;
}

/**
 * Decides what happens to a message's body.
 *
 * @param message The message, as its hook has left it.
 * @param framing How the body comes.
 * @param flow The flow, for a function over the stream.
 * @param options What else it depends on.
 * @returns The plan; `change` also where there is no body, as the head tells of the change all the same.
 * @throws {TypeError} If `stream` is set to something it can't be.
 */
export function planBody(message: Message, framing: Framing, flow: Flow, options: PlanOptions): Plan {
  const empty = hasNoBody(framing);
  if (message.stream === undefined && message.rawStream === undefined) {
    return empty ? { kind: "empty" } : unasked(message, framing, options);
  }
  const raw = message.rawStream !== undefined;
  const stream = message.rawStream ?? message.stream as StreamValue;
  // What scripts set nearly always, before the table, where a match would cost more than all the rest of the plan.
  if (isTransformer(stream)) return change(message, stream, raw, flow, options);
  return match(stream)
    .returnType<Plan>()
    .with(false, () => empty ? { kind: "empty" } : { kind: "buffer", streamOver: Infinity })
    .with(P.union(true, []), () => empty ? { kind: "empty" } : { kind: "pass" })
    .with(
      P.union({}, P.instanceOf(Function)),
      (value) => change(message, value as Stages, raw, flow, options),
    )
    .otherwise((value) => {
      throw new TypeError(
        "Cannot stream the body as stream must be true, false, a transform, a { readable, writable } pair, " +
          `a function, or an array of these: got ${String(value)}`,
      );
    });
}

type Stages = Exclude<StreamValue, boolean>;

/**
 * Decides what happens to one direction of a tunnel, which has no message to look at.
 *
 * @param value What a script has set for it.
 * @param flow The flow, for a function over the stream.
 * @returns The plan: `pass` or `change`.
 * @throws {TypeError} If it is set to something that it can't be.
 */
export function planTunnel(value: StreamValue | undefined, flow: Flow): Plan {
  return match(value)
    .returnType<Plan>()
    .with(P.union(undefined, true, []), () => ({ kind: "pass" }))
    .with(
      P.union({}, P.instanceOf(Function)),
      (stages) => ({ kind: "change", stages: stagesOf(stages as Stages, flow) }),
    )
    .otherwise((other) => {
      throw new TypeError(
        "Cannot stream the tunnel as its value must be true, a transform, a { readable, writable } pair, " +
          `a function, or an array of these: got ${String(other)}`,
      );
    });
}

function stagesOf(value: Stages, flow: Flow): readonly (Stage | StreamStep)[] {
  const listed = Array.isArray(value)
    ? value as readonly (Stage | StreamFunction)[]
    : [value as Stage | StreamFunction];
  return listed.map((stage): Stage | StreamStep =>
    typeof stage === "function" ? (body) => stage(body, flow) : stage
  );
}

/** Whether it is known beforehand that no byte of a body will come. */
export function hasNoBody(framing: Framing): boolean {
  return framing.kind === "none" || (framing.kind === "content-length" && framing.length === 0);
}

function unasked(message: Message, framing: Framing, options: PlanOptions): Plan {
  const { streamOver = Infinity, wanted } = options;
  const large = framing.kind === "content-length" && framing.length > streamOver;
  if (!wanted || large || isLive(message)) return { kind: "pass" };
  return { kind: "buffer", streamOver };
}

/** A feed of events never ends: whoever waits for its whole waits for ever. */
export function isLive(message: Pick<Message, "headers">): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(message.headers.get("content-type") ?? "");
}

function change(message: Message, value: Stages, raw: boolean, flow: Flow, options: PlanOptions): Plan {
  const reason = untouchable(message);
  if (reason !== null) {
    options.warn(`The body is passed on unchanged as ${reason}`);
    return { kind: "pass" };
  }
  const stages = stagesOf(value, flow);
  if (raw) return { kind: "change", stages };
  const codings = codingsOf(message.headers, options.codings);
  if (codings === null) {
    options.warn(
      `The body is passed on unchanged as its content coding is not known here: ${
        message.headers.get("content-encoding")
      }; set rawStream to change the coded bytes`,
    );
    return { kind: "pass" };
  }
  return { kind: "change", stages: codedStages(codings, stages, options.limits) };
}
