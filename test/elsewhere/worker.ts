/**
 * A Worker that changes what comes of an origin. The first segment of the path says how; where it says nothing of the
 * kind, it is the Worker of the examples.
 */
import * as zlib from "node:zlib";
import example from "../../examples/worker.ts";
import type { StreamCodings } from "../../lib/codings.ts";
import { transformResponse } from "../../lib/transform-response.ts";
import { webCodings } from "../../lib/web-codings.ts";
import { zlibCodings } from "../../lib/zlib-codings.ts";
import { replace, sseText } from "../../transforms/mod.ts";
import { runAll } from "./node-test.ts";

type Environment = Parameters<typeof example.fetch>[1];

const ways: Readonly<
  Record<string, (response: Response) => Response | Promise<Response>>
> = {
  events: (response) =>
    transformResponse(response, [
      sseText("llm", () => replace("foobar", "BAZ")),
    ]),
  zlib: (response) => codedAgain(response, zlibCodings(zlib)),
  web: (response) => codedAgain(response, webCodings),
};

/** Takes a plain response for a stored one that is gzip, and changes that. */
function codedAgain(response: Response, codings: StreamCodings): Response {
  const coding = codings.get("gzip")!;
  const stored = new Response(
    transformResponse(response, [coding.encoder()]).body,
    { headers: { "Content-Type": "text/plain", "Content-Encoding": "gzip" } },
  );
  return transformResponse(stored, [replace("foobar", "BAZ")], { codings });
}

const names = ["gzip", "deflate", "br", "zstd"];

function isKnown(name: string): boolean {
  return webCodings.get(name) !== undefined;
}

/** The Worker. */
export const worker: typeof example = {
  async fetch(request: Request, environment: Environment): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const [, first = "", ...rest] = pathname.split("/");
    if (first === "tests") return Response.json(await runAll());
    if (first === "codings") return Response.json([[...zlibCodings(zlib).keys()], names.filter(isKnown)]);
    const way = ways[first];
    if (way === undefined) return example.fetch(request, environment);
    return await way(
      await fetch(`${environment.ORIGIN}/${rest.join("/")}${search}`),
    );
  },
};
