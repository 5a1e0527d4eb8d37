/** A service worker: changes pages on their way into the browser that it runs in. */
import { transformResponse } from "sluice";
import { replace } from "sluice/transforms";

interface FetchEvent extends Event {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

addEventListener("fetch", (event) => {
  const { request } = event as FetchEvent;
  if (request.method === "GET") (event as FetchEvent).respondWith(changed(request));
});

async function changed(request: Request): Promise<Response> {
  const response = await fetch(request);
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  return transformResponse(response, isPage ? [replace("foobar", "BAZ")] : []);
}
