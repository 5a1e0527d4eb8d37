/** The turn of Node's event loop. */
import { Turn } from "../lib/turn.ts";

/** Some reads in bulk. In milliseconds. */
const TURN_MS = 4;

/** Shared by all sockets. */
export const turn: Turn = new Turn((step) => void setImmediate(step), TURN_MS);
