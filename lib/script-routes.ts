/**
 * Routes in a script: `export function routes(route, { replace }) { route("example.com").get("/videos/*", () => …); }`.
 *
 * The function runs once, when the script is loaded; what it has defined is applied behind the script's own
 * `responseheaders` hook.
 */
import type { Hooks, Toolkit } from "./hooks.ts";
import { type HostRoutes, RouteTable } from "./route.ts";
import { toolkit } from "./toolkit.ts";

/** What a script may export as `routes`. */
export type DefineRoutes = (route: (host: string) => HostRoutes, toolkit: Toolkit) => void;

/**
 * A script's hooks with its routes.
 *
 * @param hooks The hooks that the script exports.
 * @param define What it exports as `routes`.
 * @returns The hooks, with one that applies the routes.
 */
export function withRoutes(hooks: Hooks, define: DefineRoutes): Hooks {
  const table = new RouteTable();
  define((host) => table.route(host), toolkit);
  const own = hooks.responseheaders;
  return {
    ...hooks,
    responseheaders: async (flow, toolkit) => {
      await own?.(flow, toolkit);
      await table.apply(flow);
    },
  };
}
