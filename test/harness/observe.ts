/**
 * Watches what the engine calls: which hooks a flow meets, and how each transform ends.
 */
import { hookNames, type Hooks } from "../../lib/hooks.ts";
import { makeTransform, type Transform, type Transformer } from "../../transforms/mod.ts";

/** Hooks that note their names in order, before they do what `hooks` has for them. */
export interface Observed {
  /** The hooks, all five. */
  readonly hooks: readonly Hooks[];
  /** The names of those that were called. */
  readonly order: string[];
}

/** Watches all hooks. Whoever watches `response` wants the body whole, unless `stream` is set. */
export function observed(hooks: Hooks = {}): Observed {
  const order: string[] = [];
  const watching = Object.fromEntries(hookNames.map((name) => [name, () => void order.push(name)]));
  return { hooks: [watching, hooks], order };
}

/** A transform that notes what is called: `3` for a chunk of three bytes, `flush`, `cancel`. */
export interface Spied {
  /** The transform. */
  readonly transform: Transform;
  /** What was called, in order. */
  readonly calls: string[];
}

/** Watches a transformer. */
export function spied(transformer: Transformer): Spied {
  const calls: string[] = [];
  const transform = makeTransform({
    transform(chunk, controller) {
      calls.push(String(chunk.length));
      transformer.transform(chunk, controller);
    },
    flush(controller) {
      calls.push("flush");
      transformer.flush?.(controller);
    },
    cancel(reason) {
      calls.push("cancel");
      transformer.cancel?.(reason);
    },
  }, {
    ...transformer.retains === undefined ? {} : { retains: transformer.retains },
    ...transformer.fragments === undefined ? {} : { fragments: transformer.fragments },
  });
  return { transform, calls };
}

/** A transformer that passes everything on, with more at the end. */
export function appender(text: string): Transformer {
  return {
    transform: (chunk, controller) => controller.enqueue(chunk),
    flush: (controller) => controller.enqueue(new TextEncoder().encode(text)),
  };
}
