/**
 * sluice under Deno: the engine's network over `Deno.connect` and `Deno.listen`.
 *
 * @module
 */
export { authorityHost } from "./authority.ts";
export { codings } from "./codings.ts";
export { network } from "./network.ts";
export { tls } from "./tls.ts";
