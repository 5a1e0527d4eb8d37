/**
 * The way that a body takes, by what its plan says: straight, fused, or through streams.
 */
import { DirectPath } from "./direct-path.ts";
import { KilledError } from "./errors.ts";
import type { Exchange } from "./exchange.ts";
import { FusedPath } from "./fused-path.ts";
import type { Framing } from "./message.ts";
import { type BodyPath, nowhere, type Outlet } from "./path.ts";
import type { Peer } from "./peer.ts";
import { pieceSize } from "./piece-size.ts";
import { fuse, pipeline } from "./pipeline.ts";
import type { Plan } from "./plan.ts";
import { isTransformer } from "./stages.ts";
import { StreamPath } from "./stream-path.ts";

/** Where a body goes: what comes out of its path is put to the outlet, and written by `flush`. */
export interface Sink {
  /** Takes what comes out. */
  readonly h1: Outlet;
  /** Writes what was put out; `null` if the kernel took it at once. */
  flush(): Promise<void> | null;
}

/**
 * Makes the path that a plan asks for.
 *
 * @param x The flow; the path is cancelled if it fails.
 * @param plan What happens to the body.
 * @param incoming How it comes; a body that isn't chunked is cut into pieces for the transforms.
 * @param source Where it comes from.
 * @param sink Where it goes.
 * @returns The path.
 */
export function pathFor(x: Exchange, plan: Plan, incoming: Framing, source: Peer, sink: Sink): BodyPath {
  if (plan.kind !== "change") return new DirectPath(sink.h1);
  const steps = fuse(plan.stages);
  const chunkSize = incoming.kind === "chunked" ? Infinity : pieceSize(steps, x.context.chunkSize);
  const only = steps.length === 1 ? steps[0] : undefined;
  if (steps.length === 0) return new DirectPath(sink.h1);
  const path = isTransformer(only) ? new FusedPath(only, chunkSize, sink.h1) : new StreamPath(
    (body) => pipeline(body, steps),
    chunkSize,
    sink.h1,
    () => sink.flush(),
    // Ended early or failed: whoever waits for the source's next bytes waits in vain.
    (error) => error === null ? source.interrupt(new KilledError("The body has ended early")) : x.fail(error),
    x.context.timeouts.hookMs,
  );
  x.paths.add(path);
  return path;
}

/** Ends transforms that have nothing to do as the message may not have a body: what they enqueue goes nowhere. */
export function endUnused(plan: Plan): void {
  if (plan.kind !== "change") return;
  for (const step of fuse(plan.stages)) if (isTransformer(step)) new FusedPath(step, Infinity, nowhere).end();
}
