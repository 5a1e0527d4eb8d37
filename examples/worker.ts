/** A Worker in front of an origin: texts are changed while they stream. */
import { transformResponse } from "sluice";
import { replace } from "sluice/transforms";

interface Environment {
  /** The origin's URL. */
  readonly ORIGIN: string;
}

export default {
  async fetch(request: Request, { ORIGIN }: Environment): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const response = await fetch(new URL(pathname + search, ORIGIN), { method: request.method });
    const isText = response.headers.get("content-type")?.startsWith("text/");
    return transformResponse(response, isText ? [replace("foobar", "BAZ")] : []);
  },
};
