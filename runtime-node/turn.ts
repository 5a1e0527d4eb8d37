/** The turn of Node's event loop. */
import { Turn } from "../lib/turn.ts";

/** Shared by all sockets. */
export const turn: Turn = new Turn((step) => void setImmediate(step));
