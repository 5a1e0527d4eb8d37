/**
 * sluice under Node: the engine's network over `node:net`.
 *
 * @module
 */
export { network } from "./network.ts";
