/** itty-router: what the routes answer is changed in the router's last stage. */
import { Router } from "itty-router";
import { transformResponse } from "sluice";
import { replace } from "sluice/transforms";

const router = Router({
  finally: [(response: Response) => transformResponse(response, [replace("foobar", "BAZ")])],
});

router
  .get("/", () => new Response("foobar", { headers: { "ETag": '"1"', "Content-Length": "6" } }))
  .get("/empty", () => new Response(null, { status: 204 }));

export default {
  fetch(request: Request): Promise<Response> {
    return router.fetch(request);
  },
};
