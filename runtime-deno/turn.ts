/**
 * The turn of Deno's event loop. An immediate is not enough to end it: as long as there is one, Deno looks what the kernel has
 * only once in 61 rounds.
 */
import { Turn } from "../lib/turn.ts";

/** Shared by all sockets. */
export const turn: Turn = new Turn((step) => void setTimeout(step, 0));
