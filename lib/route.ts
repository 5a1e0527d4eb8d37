/**
 * Routes: which transforms apply to which host and path.
 *
 * The host is matched first; each host has an itty-router of its own for methods and paths. Handlers don't answer, they
 * choose: what they return is added to the response's stages, and the next route is tried, so that several routes can add
 * to one flow.
 */
import { type IRequest, Router, type RouterType } from "itty-router";
import type { Flow } from "./flow.ts";
import { hostMatcher } from "./host-pattern.ts";
import type { Stage, StreamFunction, StreamValue } from "./stages.ts";

/** What a route's handler is given of the request besides the flow. */
export interface RouteMatch {
  /** The parts of the path that the pattern names (`/users/:id`), not decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query, parsed. */
  readonly query: Readonly<Record<string, string | string[] | undefined>>;
}

/** Chooses what a matching flow's response goes through; nothing leaves the choice to others. */
export type RouteHandler = (
  flow: Flow,
  match: RouteMatch,
) => StreamValue | undefined | void | Promise<StreamValue | undefined | void>;

/** The routes of one host. */
export interface HostRoutes {
  /** Adds a route for one method. */
  on(method: string, path: string, handler: RouteHandler): HostRoutes;
  /** Adds a route for `GET`. */
  get(path: string, handler: RouteHandler): HostRoutes;
  /** Adds a route for `POST`. */
  post(path: string, handler: RouteHandler): HostRoutes;
  /** Adds a route for every method. */
  all(path: string, handler: RouteHandler): HostRoutes;
}

interface Entry {
  readonly matches: (host: string) => boolean;
  readonly router: RouterType;
}

/**
 * A table of routes.
 *
 * @example
 * ```ts
 * import { RouteTable } from "sluice";
 * import { replace } from "sluice/transforms";
 *
 * const routes = new RouteTable();
 * routes.route("*.example.com").get("/videos/*", () => replace("http:", "https:"));
 * ```
 */
export class RouteTable {
  #entries: Entry[] = [];

  /**
   * The routes of a host.
   *
   * @param host The host, without port; `*` for any, `*.example.com` for a domain's subdomains.
   * @returns Where routes are added.
   */
  route(host: string): HostRoutes {
    const router = Router();
    this.#entries.push({ matches: hostMatcher(host), router });
    const on = (method: string, path: string, handler: RouteHandler): HostRoutes => {
      router[method.toLowerCase()]!(
        path,
        (request: IRequest, flow: Flow, chosen: StreamValue[]) => choose(handler, request, flow, chosen),
      );
      return routes;
    };
    const routes: HostRoutes = {
      on,
      get: (path, handler) => on("get", path, handler),
      post: (path, handler) => on("post", path, handler),
      all: (path, handler) => on("all", path, handler),
    };
    return routes;
  }

  /** Lets every matching route choose what the flow's response goes through. */
  async apply(flow: Flow): Promise<void> {
    const { url, method } = flow.request;
    const chosen: StreamValue[] = [];
    for (const { matches, router } of this.#entries) {
      // A fresh object: itty-router writes params and query onto what it is given.
      if (matches(url.hostname)) {
        await router.fetch({ method, url: url.href } as unknown as IRequest, flow, chosen);
      }
    }
    const { response } = flow;
    if (response === null || chosen.length === 0) return;
    const stages = chosen.flat().filter((value) => typeof value !== "boolean") as (Stage | StreamFunction)[];
    if (stages.length > 0) response.stream = [...own(response.stream), ...stages];
    else response.stream ??= chosen.at(-1) as boolean;
  }
}

/** What a script has chosen before comes first. */
function own(value: StreamValue | undefined): (Stage | StreamFunction)[] {
  if (value === undefined || typeof value === "boolean") return [];
  return Array.isArray(value) ? [...value] : [value as Stage | StreamFunction];
}

async function choose(
  handler: RouteHandler,
  request: IRequest,
  flow: Flow,
  chosen: StreamValue[],
): Promise<undefined> {
  const value = await handler(flow, { params: request.params, query: request.query });
  if (value !== undefined) chosen.push(value);
}
