/**
 * The turn of Deno's event loop. An immediate is not enough to end it: as long as there is one, Deno looks what the kernel has
 * only once in 61 rounds.
 */
import { Turn } from "../lib/turn.ts";

/** A timer takes 2 ms, for which nobody works if there is only one connection: an eighth of the time. In milliseconds. */
const TURN_MS = 16;

/** Shared by all sockets. */
export const turn: Turn = new Turn((step) => void setTimeout(step, 0), TURN_MS);
