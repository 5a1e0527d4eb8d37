/**
 * The life of a connection, as a table. Each side has a state of its own, and both follow the same table: it does not know
 * which side is the client. Three facts couple the sides, and they are here too: when a side must close, when the next
 * message may begin, and when a tunnel takes over.
 *
 *     idle -> body -> done -> idle ...
 *       \                \-> must-close
 *        \-> closed, or from anywhere: tunnel, error
 */
import { LocalProtocolError } from "../errors.ts";

/**
 * Where a side is: before a message, within one, behind one with another to come, behind the last one, gone, speaking
 * something else, or beyond understanding.
 */
export type State = "idle" | "body" | "done" | "must-close" | "closed" | "tunnel" | "error";

/** What moves a side. */
export type Trigger =
  | "interim"
  | "head"
  | "data"
  | "end"
  | "close"
  | "no-keep-alive"
  | "next-cycle"
  | "switch"
  | "failure";

const TRANSITIONS: Readonly<Record<State, Readonly<Partial<Record<Trigger, State>>>>> = {
  idle: { interim: "idle", head: "body", close: "closed", switch: "tunnel", failure: "error" },
  body: { data: "body", end: "done", switch: "tunnel", failure: "error" },
  done: { "no-keep-alive": "must-close", "next-cycle": "idle", switch: "tunnel" },
  "must-close": { switch: "tunnel" },
  closed: {},
  tunnel: {},
  error: {},
};

// As maps: a property whose name is not known beforehand costs as much as the rest of a move.
const MOVES: ReadonlyMap<string, ReadonlyMap<string, State>> = new Map(
  Object.entries(TRANSITIONS).map(([state, moves]) => [state, new Map(Object.entries(moves))]),
);

/**
 * Moves a side.
 *
 * @param state Where it is.
 * @param trigger What happens to it.
 * @param what What was to be done, for the message.
 * @returns Where it is then.
 * @throws {LocalProtocolError} If that may not happen there.
 */
export function move(state: State, trigger: Trigger, what: string): State {
  const next = MOVES.get(state)!.get(trigger);
  if (next === undefined) {
    throw new LocalProtocolError(`Cannot ${what} as the state of that side is "${state}"`);
  }
  return next;
}

/** Where a side is once it is known that the connection will not be used again. */
export function withoutKeepAlive(state: State): State {
  return MOVES.get(state)!.get("no-keep-alive") ?? state;
}
