/** What can go wrong with whoever sends a message. */
import type { Timeouts } from "../../lib/timeouts.ts";
import type { Stage } from "./messages.ts";
import type { Wire } from "./wire.ts";

/** One fault of a sender. */
export interface Fault {
  /** Timeouts that are short enough to be waited for. */
  readonly timeouts?: Partial<Timeouts>;
  /**
   * Sends the message with the fault.
   *
   * @param wire Whose fault it is.
   * @param stage The message and the place.
   * @param seen Settles when the other end has all that came before that place.
   */
  readonly send: (wire: Wire, stage: Stage, seen: () => Promise<void>) => Promise<void>;
}

async function begin(wire: Wire, { message, at }: Stage, seen: () => Promise<void>): Promise<void> {
  await wire.send(message.slice(0, at));
  await seen();
}

/** The name of a fault. */
export type FaultName = "reset" | "half-close" | "stall" | "garbage" | "slices" | "latency";

/** The faults of a sender. */
export const faults: Readonly<Record<FaultName, Fault>> = {
  reset: {
    send: async (wire, stage, seen) => {
      await begin(wire, stage, seen);
      wire.reset();
    },
  },
  "half-close": {
    send: async (wire, stage, seen) => {
      await begin(wire, stage, seen);
      wire.end();
    },
  },
  stall: {
    timeouts: { headMs: 50, bodyMs: 50, originMs: 400 },
    send: begin,
  },
  garbage: {
    send: async (wire, stage, seen) => {
      await begin(wire, stage, seen);
      await wire.send(stage.garbage);
      wire.end();
    },
  },
  slices: {
    send: async (wire, { message }) => {
      for (const octet of message) await wire.send(octet);
      wire.end();
    },
  },
  latency: {
    send: async (wire, { message }) => {
      for (let at = 0; at < message.length; at += 24) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        await wire.send(message.slice(at, at + 24));
      }
      wire.end();
    },
  },
};
