/**
 * sluice under Node: the engine's network over `node:net`.
 *
 * @module
 */
export { authorityHost } from "./authority.ts";
export { codings } from "./codings.ts";
export { network } from "./network.ts";
export { tls } from "./tls.ts";
